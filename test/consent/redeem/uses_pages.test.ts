// Uses that are counted, on pages: what is asked for, what the giver lets be fewer, what is left,
// and what was fetched while nothing was let.
import assert from 'node:assert/strict';
import { newClient, type TestClient } from '../../support/oauth/clients.ts';
import { heading, loggedIn, mainText } from '../../support/pages/browser.ts';
import { asked, titled } from '../../support/parts.ts';
import { draw, given } from '../../support/uses.ts';
import {
  ask,
  call,
  newOrganization,
  newPerson,
  organizationToken,
  READ,
  REQUESTS,
  type TestParty,
} from '../../support/world.ts';

describe('uses that are counted, on pages', () => {
  let from: TestParty;
  let to: TestParty;
  let client: TestClient;
  let counted: string;
  let free: string;
  before(async () => {
    [from, to] = [await newPerson('Siden Person'), await newOrganization('Sidebanken AS')];
    client = await newClient(to);
    counted = await titled('Det som telles', {
      uses: { total: 10, per: { number: 3, period: 'week' } },
    });
    free = await titled('Det som ikke telles', {
      howOften: { nb: 'Hver måned', nn: 'Kvar månad', en: 'Each month' },
    });
  });
  const open = async (...resources: string[]) => {
    const id = await ask(from, to, {
      consentRights: resources.map((one, at) => asked(one, at > 0)),
    });
    return { id, browser: await loggedIn(from, `/consent/request?id=${id}`) };
  };
  const seen = async (id: string) =>
    (await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ))).body;

  it('say how often, from what is counted', async () => {
    const { browser } = await open(counted);
    const text = mainText(browser.page.html);
    assert.match(
      text,
      /Hvor ofte De kan få tilgang inntil 10 ganger i alt og inntil 3 ganger hver uke\. Vi teller hver gang vi gir dem tilgang\./,
    );
    assert.match(text, /Et tall fra 1 til 10\. .*Et tall fra 1 til 3\./);
  });

  it('stand beside what others of the services say, which nobody counts', async () => {
    const { browser } = await open(counted, free);
    const text = mainText(browser.page.html);
    assert.match(
      text,
      /Vi teller hver gang vi gir dem tilgang\..*Hver måned\. Vi kontrollerer ikke dette\./,
    );
  });

  it('have no field where nothing is counted', async () => {
    const { browser } = await open(free);
    assert.doesNotMatch(browser.page.html, /name="uses_/);
  });

  it('are fewer where the giver writes so', async () => {
    const { id, browser } = await open(counted);
    const page = await browser.submit({ answer: 'yes', uses_total: ' 4 ', uses_per: '' });
    assert.equal(heading(page), 'Du har gitt samtykke');
    assert.match(mainText(page.html), /Hvor ofte De kan få tilgang inntil 4 ganger i alt og/);
    const { approvedUses } = await seen(id);
    assert.deepEqual(approvedUses, { total: 4, per: { number: 3, period: 'week' } });
    await draw(client, id, from);
    const detail = await loggedIn(from, `/consents/${id}`);
    assert.match(
      mainText(detail.page.html),
      /Hva som er igjen De kan få tilgang 3 ganger i alt og 2 ganger denne uken\./,
    );
  });

  it('are asked for again where what was written is no such number, with all that was filled in', async () => {
    const { id, browser } = await open(counted, free);
    for (const [uses_total, uses_per, fields] of [
      ['11', '', ['uses_total']],
      ['0', '2', ['uses_total']],
      ['mange', '4', ['uses_total', 'uses_per']],
      ['-1', '1.5', ['uses_total', 'uses_per']],
    ] as const) {
      const page = await browser.submit({ answer: 'yes', optional: '1', uses_total, uses_per });
      assert.equal(page.status, 422);
      assert.deepEqual(
        [...page.html.matchAll(/href="#(uses_\w+)"/g)].map(([, field]) => field),
        fields,
      );
      assert.match(page.html, new RegExp(`name="uses_total"[^>]* value="${uses_total}"`));
      assert.match(page.html, /name="optional" value="1" checked/);
    }
    assert.equal((await seen(id)).status, 'Created');
    await browser.submit({ answer: 'no', uses_total: '99' });
    assert.equal((await seen(id)).status, 'Rejected');
  });

  describe('as their source reports what it gave out', () => {
    let owner: TestParty;
    let own: string;
    before(async () => {
      owner = await newOrganization('Kilden AS');
      const uses = { total: 10 };
      own = await titled('Kildens opplysninger', { uses, owner: owner.number });
    });
    const token = () => organizationToken(owner, 'altinn:authorization/authorize');
    const report = async (consent: string) =>
      assert.equal((await call('POST', '/access/v1/uses', await token(), { consent })).status, 204);
    const beyond = async (consent: string): Promise<unknown[]> => {
      const { body } = await call('GET', '/access/v1/owner/events?limit=1000', await token());
      return body.data
        .filter((line: any) => line.type === 'beyond' && line.consent === consent)
        .map((line: any) => [line.cause, line.resources.map((one: any) => one.id)]);
    };
    const history = async (id: string) =>
      mainText((await loggedIn(from, `/consents/${id}`)).page.html);

    it('are shown to the giver and to the owner, where no token was out', async () => {
      const id = await given({ from, to }, own);
      await report(id);
      assert.match(await history(id), /av Sidebanken AS uten at vi hadde gitt tilgang da\./);
      assert.deepEqual(await beyond(id), [['consent', [own]]]);
    });

    it('are a fetch like any other while a token is out', async () => {
      const id = await given({ from, to }, own);
      assert.equal((await draw(client, id, from)).status, 200);
      await report(id);
      assert.match(await history(id), /Opplysninger ble hentet av Sidebanken AS\./);
      assert.doesNotMatch(await history(id), /uten at vi hadde gitt tilgang/);
      assert.deepEqual(await beyond(id), []);
    });

    it('are a fetch like any other where nothing is counted', async () => {
      const plain = await titled('Uten telling', { owner: owner.number });
      const id = await given({ from, to }, plain);
      await report(id);
      assert.match(await history(id), /Opplysninger ble hentet av Sidebanken AS\./);
      assert.deepEqual(await beyond(id), []);
    });
  });
});
