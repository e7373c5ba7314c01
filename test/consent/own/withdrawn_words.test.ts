// After a withdrawal nothing more is drawn, and what was drawn before goes on for as long as its
// token lives: the pages say so where one is out, and do not where none is.
import assert from 'node:assert/strict';
import { loggedIn, minutesUntil, press } from '../../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  at,
  call,
  importThis,
  newOrganization,
  newPerson,
  organizationToken,
  type TestParty,
} from '../../support/world.ts';

const SERVERS = '/access/v1/resource-servers';
const NO_MORE = /Samtykket er trukket\. \S+ AS får ikke hente mer\.</;
const UNTIL = /Tilgang de alt hadde fått, slutter å virke senest kl\. \d\d[.:]\d\d/;

describe('a withdrawal on its pages', () => {
  const given = async (...resources: string[]) => {
    const [from, to] = [await newPerson(), await newOrganization('Henteren AS')];
    const consentRights = resources.flatMap((one) => rightTo(one).consentRights);
    const id = await ask(from, to, resources.length ? { consentRights } : {});
    assert.equal((await approve(id, from)).status, 200);
    return { id, from, to };
  };
  const draw = async ({ id, from, to }: Awaited<ReturnType<typeof given>>) =>
    exchange(await newClient(to), consentDetail(id, from));
  const withdrawn = async (
    { id, from }: Awaited<ReturnType<typeof given>>,
    before = /slutter å virke senest (?:ett minutt|\d+ minutter) etter/,
  ) => {
    const browser = await loggedIn(from, `/consents/${id}/withdraw`);
    assert.match(browser.page.html, before);
    return press(browser, /withdraw/);
  };

  it('names no time where no token was drawn', async () => {
    const { html } = await withdrawn(await given(), /Henteren AS ikke hente noe\./);
    assert.match(html, NO_MORE);
    assert.doesNotMatch(html, UNTIL);
  });

  it('says until when a token that was drawn goes on', async () => {
    const consent = await given();
    assert.equal((await draw(consent)).status, 200);
    const { html } = await withdrawn(consent);
    assert.match(html, UNTIL);
    assert.equal((await draw(consent)).status, 400);
  });

  it('says that it is over in a minute where every owner says that its APIs see it', async () => {
    const [one, other] = [await newOrganization(), await newOrganization()];
    const [first, second] = await Promise.all(
      [one, other].map(({ number }) => newConsentResource(['privatperson'], { owner: number })),
    );
    const apiOf = async (owner: TestParty, path: string, checksStatus: boolean) => {
      const identifier = `https://${owner.number}.example/${path}`;
      const api = { identifier, owner: owner.number, scopes: [], checksStatus };
      await importThis({ resourceServers: [api] });
      return identifier;
    };
    await apiOf(one, 'a', true);
    const [soon, late] = [/senest ett minutt etter/, /senest \d+ minutter etter/];
    const both = async (before: RegExp) => {
      const consent = await given(first!, second!);
      assert.equal((await draw(consent)).status, 200);
      return minutesUntil((await withdrawn(consent, before)).html) <= 3;
    };
    // The second owner has no API here.
    assert.equal(await both(late), false);
    await apiOf(other, 'a', true);
    assert.equal(await both(soon), true);
    const another = await apiOf(other, 'b', false);
    assert.equal(await both(late), false);
    const token = await organizationToken(other, 'altinn:resourceregistry/scope.write');
    const declared = { identifier: another, checksStatus: true };
    const { status, text } = await call('PATCH', SERVERS, token, declared);
    assert.equal(status, 200, text);
    assert.equal(await both(soon), true);
  });

  it('names no time where every token that was drawn has ended', async () => {
    const consent = await given();
    assert.equal((await draw(consent)).status, 200);
    await at(2 * 3_600_000, async () => {
      assert.match((await withdrawn(consent)).html, NO_MORE);
    });
  });
});
