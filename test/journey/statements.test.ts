// What each act costs the database, as a golden table (test/statements.txt): the statements that it
// sends, with limits on. What is shared with others counts once; begin and commit don't count.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { loggedIn, press } from '../support/pages/browser.ts';
import { clientAuth, consentDetail, exchange, newClient, post } from '../support/oauth/clients.ts';
import { decide, give, given, newFirm, newMandate } from '../support/rights/rights.ts';
import { statementsOf } from '../support/run/statements.ts';
import {
  approve,
  ask,
  lastName,
  newOrganization,
  newPerson,
  putParty,
  withdraw,
  type Answer,
} from '../support/world.ts';

const TABLE = new URL('../statements.txt', import.meta.url);

/** So many at most, whatever the table says. */
const MOST: Record<string, number> = {
  create: 6,
  approve: 5,
  withdraw: 4,
  token: 1,
  introspection: 1,
  decision: 1,
  'give a package': 8,
  'request page': 4,
  overview: 5,
  'POST yes': 4,
  'GET receipt': 3,
  'GET what to give': 2,
  'GET terms': 3,
  'POST terms': 4,
  'GET check': 5,
  'POST check': 6,
  'GET given': 5,
};
/** The requests of one press, or of one journey, together. */
const TOGETHER: [most: number, requests: string[]][] = [
  [7, ['POST yes', 'GET receipt']],
  [39, ['GET what to give', 'GET terms', 'POST terms', 'GET check', 'POST check', 'GET given']],
];
/** What the server does by itself, beside what it is asked. */
const BACKGROUND = /^(append_decisions|mark_used|place_events|note_recent|sweep)/;

/** A person whose birth date is known, as the population register tells it. */
async function adult() {
  const person = await newPerson();
  await putParty(person, { bornOn: '1980-05-17' });
  return person;
}

describe('the statements of an act', () => {
  it('are those of the table, and few', async () => {
    const sent: Record<string, string[]> = {};
    const measure = async (name: string, act: () => Promise<{ status?: number } | string>) => {
      const names = await statementsOf(async () => {
        const answer = await act();
        if (typeof answer !== 'string') assert.ok(answer.status! < 300, name);
      });
      sent[name] = names.filter((one) => !BACKGROUND.test(one));
    };
    const [person, bank] = [await adult(), await newOrganization()];
    const client = await newClient(bank);
    const auth = await clientAuth(client);
    const act = async (): Promise<{ id: string; token: string }> => {
      const id = await ask(person, bank);
      await approve(id, person);
      const { body } = await exchange(client, consentDetail(id, person));
      return { id, token: body.access_token };
    };
    // Once before: what is remembered between acts is not what one costs.
    await act();
    let id = '';
    await measure('create', async () => (id = await ask(person, bank)));
    await measure('approve', () => approve(id, person));
    let token: Answer | undefined;
    // A client is remembered for seconds, which a slow run has used up by now.
    await exchange(client, consentDetail(id, person));
    await measure('token', async () => (token = await exchange(client, consentDetail(id, person))));
    const asked = { token: token!.body.access_token, ...(await clientAuth(client)) };
    await post('/introspect', { token: asked.token, ...auth });
    await measure('introspection', () => post('/introspect', asked));
    await measure('withdraw', () => withdraw(id, person));
    const { firm, boss } = await newFirm();
    const [one, two] = [await newPerson(), await newPerson()];
    await given(boss, firm, one, { package: 'toll' });
    await measure('give a package', () => give(boss, firm, two, { package: 'toll' }));
    await decide(one, 'read', 'mva-melding', firm);
    await measure('decision', () => decide(one, 'read', 'mva-melding', firm));
    const waiting = await ask(person, bank);
    const browser = await loggedIn(person, '/start');
    for (const [name, path] of [
      ['request page', `/consent/request?id=${waiting}`],
      ['overview', '/consents'],
    ] as const) {
      await browser.open(path);
      await measure(name, async () => ({ status: (await browser.open(path)).status }));
    }
    // Each answer of a form leads on, and is measured apart from the page that it leads to.
    const measureGet = (name: string, path: string) => measure(name, () => browser.open(path));
    const measurePost = async (name: string, to: RegExp, fields: Record<string, string>) => {
      let led = '';
      const from = browser.page.url.pathname;
      await measure(name, async () => {
        await press(browser, to, fields, ({ href, pathname }) => {
          led = href;
          return pathname !== from;
        });
        return led;
      });
      return led;
    };
    await browser.open(`/consent/request?id=${waiting}`);
    const receipt = await measurePost('POST yes', /request/, { answer: 'yes', lang: 'nb' });
    await measureGet('GET receipt', receipt);
    const helper = await adult();
    await newMandate(helper, person, { package: 'innbygger-samliv' });
    await measureGet('GET what to give', '/give');
    await measureGet('GET terms', '/give/terms?package=innbygger-pensjon');
    const named = { number: helper.number, lastName: lastName(helper), long: 'half' };
    await measureGet('GET check', await measurePost('POST terms', /terms/, named));
    await measureGet('GET given', await measurePost('POST check', /check/, {}));
    assert.match(browser.page.html, /Fullmakten er gitt/);
    assert.deepEqual(Object.keys(sent).sort(), Object.keys(MOST).sort());
    for (const [most, requests] of TOGETHER) {
      const count = requests.reduce((sum, name) => sum + sent[name]!.length, 0);
      assert.ok(count <= most, `${requests.join(', ')}: ${count}`);
    }
    for (const [name, most] of Object.entries(MOST))
      assert.ok(sent[name]!.length <= most, `${name}: ${sent[name]!.join(', ')}`);
    const lines = Object.keys(MOST).map(
      (name) => `${name} ${sent[name]!.length}: ${sent[name]!.sort().join(', ')}\n`,
    );
    if (process.env.UPDATE) writeFileSync(TABLE, lines.join(''));
    assert.equal(lines.join(''), readFileSync(TABLE, 'utf8'));
  });
});
