// The overview as it is searched and taken home: what is looked for is found, the file is what the
// page shows, and a spreadsheet runs nothing of it.
import assert from 'node:assert/strict';
import { loggedIn } from '../../support/pages/browser.ts';
import { given, newResource, can } from '../../support/rights/rights.ts';
import { newPerson, world, type TestParty } from '../../support/world.ts';

const PACKAGE = 'innbygger-pensjon';
const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

describe('the overview', () => {
  let giver: TestParty;
  let evil: TestParty;
  let helper: TestParty;
  let [old, soon, service]: string[] = [];
  const cards = (html: string) =>
    [...html.matchAll(/href="\/overview\/([0-9a-f-]{36})\?/g)].map(([, id]) => id);

  before(async () => {
    giver = await newPerson('Gunnar Berg');
    evil = await newPerson('=HYPERLINK("x") Ås');
    helper = await newPerson('Kari "Kaia"; Lie');
    const resource = await newResource([can('read', 'privatperson')], {
      title: { nb: 'Båtregisteret', nn: 'Båtregisteret', en: 'Boat register' },
    });
    old = await given(giver, giver, evil, { package: PACKAGE });
    soon = await given(giver, giver, helper, { package: PACKAGE, validTo: inDays(9) });
    service = await given(giver, giver, helper, { resource, actions: ['read'] });
    await world.database.db.raw(
      "update mandate set valid_from = valid_from - interval '400 days', given_at = given_at - interval '400 days' where id = ?",
      [old],
    );
  });

  it('finds by the name of a person, of a service and of a package, and says how many', async () => {
    const browser = await loggedIn(giver, '/overview');
    for (const [query, found, count] of [
      ['q=kaia', [service, soon], '2 treff'],
      ['q=b%C3%A5treg', [service], 'Ett treff'],
      ['q=PENSJON', [soon, old], '2 treff'],
      ['only=soon', [soon], 'Ett treff'],
      ['only=unused', [old], 'Ett treff'],
      ['only=unused&q=kaia', [], 'Ingen treff'],
      ['q=%25', [], 'Ingen treff'],
    ] as const) {
      const { html } = await browser.open(`/overview?${query}`);
      assert.deepEqual(cards(html).sort(), [...found].sort(), query);
      assert.ok(html.includes(count), query);
    }
  });

  it('is a file with the rows that the page counts, which runs nothing and names no number', async () => {
    const browser = await loggedIn(giver, '/overview');
    const { html: csv, headers } = await browser.open('/overview.csv');
    assert.match(headers.get('content-type')!, /text\/csv/);
    assert.match(
      headers.get('content-disposition')!,
      /attachment; filename="fullmakter-gitt\.csv"/,
    );
    const lines = csv
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n');
    assert.equal(lines.length, 4);
    assert.match(lines[0]!, /^Fra;Til;Hva;/);
    assert.match(csv, /;"'=HYPERLINK\(""x""\) Ås";/);
    assert.match(csv, /;"Kari ""Kaia""; Lie";/);
    assert.match(csv, /;Båtregisteret;lese;/);
    for (const { number } of [giver, evil, helper]) assert.ok(!csv.includes(number));
    const one = await browser.open('/overview.csv?only=soon');
    assert.equal(one.html.trim().split('\r\n').length, 2);
  });

  it('is the same as JSON, in one order', async () => {
    const browser = await loggedIn(giver, '/overview');
    const all = JSON.parse((await browser.open('/overview.json')).html);
    assert.deepEqual(
      all.map(({ id }: { id: string }) => id),
      cards((await browser.open('/overview')).html),
    );
    assert.deepEqual(JSON.parse((await browser.open('/overview.json?q=nobody')).html), []);
  });

  it('gives the whole file where there are more than fit in a batch', async () => {
    const person = await newPerson();
    const id = await given(person, person, helper, { package: PACKAGE });
    await world.database.db.raw(
      `insert into mandate (id, from_party, to_party, to_kind, basis, package, valid_from, given_at, given_by, ended_at)
       select gen_random_uuid(), from_party, to_party, to_kind, basis, package, valid_from - n * interval '1 day' / 3, given_at, given_by, now()
       from mandate, generate_series(1, 1200) n where id = ?`,
      [id],
    );
    const browser = await loggedIn(person, '/overview?show=ended');
    assert.match(browser.page.html, /\(1200\)/);
    const rows = JSON.parse((await browser.open('/overview.json?show=ended')).html);
    assert.equal(new Set(rows.map(({ id: one }: { id: string }) => one)).size, 1200);
  });

  it('is nobody else’s to take home', async () => {
    const stranger = await loggedIn(await newPerson(), '/overview');
    for (const kind of ['csv', 'json'])
      assert.equal((await stranger.open(`/overview.${kind}?party=${giver.id}`)).status, 403);
    assert.equal((await stranger.open('/overview.json?q=%00')).status, 400);
  });
});
