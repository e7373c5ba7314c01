// After a withdrawal nothing more is drawn, and what was drawn before goes on for as long as its
// token lives: the pages say so where one is out, and do not where none is.
import assert from 'node:assert/strict';
import { loggedIn, press } from '../../support/pages/browser.ts';
import { consentDetail, exchange, newClient } from '../../support/oauth/clients.ts';
import { approve, ask, at, newOrganization, newPerson } from '../../support/world.ts';

const NO_MORE = /Samtykket er trukket\. \S+ AS får ikke hente mer\.</;
const UNTIL = /Tilgang de alt hadde fått, slutter å virke senest kl\. \d\d[.:]\d\d/;

describe('a withdrawal on its pages', () => {
  const given = async () => {
    const [from, to] = [await newPerson(), await newOrganization('Henteren AS')];
    const id = await ask(from, to);
    assert.equal((await approve(id, from)).status, 200);
    return { id, from, to };
  };
  const draw = async ({ id, from, to }: Awaited<ReturnType<typeof given>>) =>
    exchange(await newClient(to), consentDetail(id, from));
  const withdrawn = async (
    { id, from }: Awaited<ReturnType<typeof given>>,
    before = /slutter å virke senest \d+ minutter etter/,
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

  it('names no time where every token that was drawn has ended', async () => {
    const consent = await given();
    assert.equal((await draw(consent)).status, 200);
    await at(2 * 3_600_000, async () => {
      assert.match((await withdrawn(consent)).html, NO_MORE);
    });
  });
});
