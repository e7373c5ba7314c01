// After a no the same client does not ask the same person for the same purpose for thirty days,
// unless the person opens it; the enterprise door asks as before.
import assert from 'node:assert/strict';
import { Browser, heading, press } from '../../support/pages/browser.ts';
import {
  CONSENT,
  newWebClient,
  push,
  REDIRECT,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  ask,
  call,
  incomeRight,
  inDays,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  world,
  type TestParty,
} from '../../support/world.ts';

const DAY = 24 * 3_600_000;
const atClient = (url: URL) => url.href.startsWith(REDIRECT);

describe('a client that was told no', () => {
  let client: TestClient;
  before(async () => {
    client = await newWebClient({ authorization_details_types: [CONSENT] });
  });

  const detail = (changes: object = {}) => ({
    type: CONSENT,
    validTo: inDays(60),
    consentRights: [incomeRight()],
    ...changes,
  });
  /** Sends a browser to ask; stops at the client or on a page of ours. */
  async function asked(person: TestParty, by = client, changes: object = {}): Promise<Browser> {
    const browser = new Browser();
    const { pushed } = await push(by, [detail(changes)]);
    assert.equal(pushed.status, 201, pushed.text);
    const query = { client_id: by.id, request_uri: pushed.body.request_uri };
    await browser.open(`${world.url}/authorize?${new URLSearchParams(query)}`, atClient);
    await browser.logIn(person, atClient);
    return browser;
  }
  async function answeredNo(person: TestParty, by = client): Promise<string> {
    const browser = await asked(person, by);
    const id = browser.page.url.searchParams.get('id')!;
    await browser.submit({ answer: 'no' });
    return id;
  }
  const isAsked = ({ page }: Browser) => page.url.pathname === '/consent/request';

  it('hears access_denied with when, and the person is not asked again', async () => {
    const person = await newPerson();
    await answeredNo(person);
    const browser = await asked(person, client, { consentRights: [incomeRight('2024')] });
    assert.match(browser.page.url.pathname, /\/again$/);
    assert.match(heading(browser.page), /Du svarte nei til dette/);
    const [, leave] = /<a class="ds-button" href="(\/interaction[^"]*)"/.exec(browser.page.html)!;
    await browser.open(leave!, atClient);
    const { searchParams } = browser.page.url;
    assert.equal(searchParams.get('error'), 'access_denied');
    assert.match(searchParams.get('error_description')!, /^TIL-00044: .* after \d{4}-\d\d-\d\dT/);
    const { rows } = await world.database.db.raw(
      'select from consent_request where from_party = ?',
      [person.id],
    );
    assert.equal(rows.length, 1);
  });

  it('asks again where the person opens it, on that page or on the page of the no', async () => {
    for (const way of ['asked', 'own'] as const) {
      const person = await newPerson();
      const id = await answeredNo(person);
      const browser = await asked(person);
      if (way === 'own') await browser.open(`/consents/${id}/again`);
      await press(browser, /again/);
      assert.equal(isAsked(browser), way === 'asked', browser.page.url.href);
      assert.ok(isAsked(await asked(person)));
    }
  });

  it('asks again after thirty days, for something else, or as another client', async () => {
    const person = await newPerson();
    const id = await answeredNo(person);
    const answeredAgo = (days: number) =>
      world.database.db.raw('update consent_request set rejected_at = ? where id = ?', [
        new Date(Date.now() - days * DAY),
        id,
      ]);
    await answeredAgo(29.9);
    assert.ok(!isAsked(await asked(person)));
    const another = await newWebClient({ authorization_details_types: [CONSENT] });
    assert.ok(isAsked(await asked(person, another)));
    const stranger = await newPerson();
    assert.ok(isAsked(await asked(stranger)));
    await answeredAgo(30.1);
    assert.ok(isAsked(await asked(person)));
  });

  it('may ask anew by the enterprise door, whose no stops nobody', async () => {
    const [person, to] = [await newPerson(), client.owner];
    await reject(await ask(person, to), person);
    await ask(person, to);
    await answeredNo(person);
    await ask(person, to);
  });

  it('tells nothing of the no to others, nor of one whose address is protected', async () => {
    const [child, parent] = [await newPerson(), await newPerson()];
    await putParty(child, { bornOn: '2017-05-12' });
    await newRole('foreldreansvar', child, parent);
    const of = { from: child.urn };
    const browser = await asked(parent, client, of);
    await browser.submit({ answer: 'no' });
    const told = async (who: TestParty) => {
      const { page } = await asked(who, client, of);
      return page.url.searchParams.get('error_description') ?? page.url.pathname;
    };
    assert.match(await told(parent), /\/again$/);
    assert.equal(await told(await newPerson()), 'the consent was not given');
    await putParty(child, { bornOn: '2017-05-12', protectedAddress: true });
    const other = await newPerson();
    await newRole('foreldreansvar', child, other);
    assert.equal(await told(other), 'the consent was not given');
  });

  it('leaves the way to others as it is: a stranger neither sees nor opens it', async () => {
    const [person, stranger] = [await newPerson(), await newPerson()];
    const id = await answeredNo(person);
    const path = `/access/v1/consents/${id}/ask-again`;
    assert.equal((await call('POST', path, await personToken(stranger))).body.code, 'AM-00001');
    const browser = new Browser();
    await browser.open(`${world.url}/consents/${id}/again`);
    await browser.logIn(stranger);
    assert.equal(browser.page.status, 404);
    assert.ok(!isAsked(await asked(person)));
    const opened = await call('POST', path, await personToken(person));
    assert.equal(opened.status, 200, opened.text);
    assert.ok(isAsked(await asked(person)));
  });

  it('is opened only after a no', async () => {
    const person = await newPerson();
    const browser = await asked(person);
    const id = browser.page.url.searchParams.get('id')!;
    const path = `/access/v1/consents/${id}/ask-again`;
    assert.equal((await call('POST', path, await personToken(person))).body.code, 'AM-00002');
    await browser.open(`/consents/${id}/again`);
    assert.equal(browser.page.url.pathname, `/consents/${id}`);
  });
});
