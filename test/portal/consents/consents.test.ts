// The list of consents: what happened is told event by event, what is looked for is found, and the
// file has exactly what the page shows.
import assert from 'node:assert/strict';
import { loggedIn, press, unescapeHtml } from '../../support/pages/browser.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  approve,
  ask,
  at,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  putParty,
  type TestParty,
  withdraw,
  world,
} from '../../support/world.ts';

async function given(from: TestParty, to: TestParty, changes: object = {}): Promise<string> {
  const id = await ask(from, to, changes);
  await approve(id, from);
  return id;
}

const idsIn = (html: string) =>
  [...html.matchAll(/href="\/consents\/([0-9a-f-]{36})"/g)].map(([, id]) => id!);
const YEAR = 365 * 86_400_000;

describe('what happened to consents', () => {
  it('is paged by what happened: the newest stands first, whatever it is about', async () => {
    const [person, to] = [await newPerson(), await newOrganization('Spørreren AS')];
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push(await given(person, to));
    await withdraw(ids[0]!, person);
    const browser = await loggedIn(person, '/consents?show=events');
    const seen: string[] = [];
    const first = browser.page.html;
    for (let page = 0; page < 3; page += 1) {
      seen.push(...idsIn(browser.page.html));
      const [, next] = /href="([^"]*)" rel="next"/.exec(browser.page.html) ?? [];
      if (!next) break;
      assert.equal(idsIn(browser.page.html).length, 20);
      await browser.open(next.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    }
    // Asked and answered, each, and the one that was withdrawn.
    assert.equal(seen.length, 25);
    assert.equal(seen[0], ids[0]);
    assert.match(first, /trakk|trukket/);
    assert.equal(idsIn((await browser.open('/consents?show=events&before=x')).html).length, 20);
  });

  it('is not told to others than those who may read it', async () => {
    const [person, other, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const id = await given(person, to);
    const browser = await loggedIn(other, '/consents?show=events');
    assert.ok(!browser.page.html.includes(id));
    assert.equal((await browser.open(`/consents?show=events&party=${person.id}`)).status, 403);
  });
});

describe('a consent by its id in the overview', () => {
  it('has its own page, for those who may read it, and is not there for others', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const id = await given(person, to);
    const browser = await loggedIn(person, `/overview/${id}`);
    assert.equal(browser.page.url.pathname, `/consents/${id}`);
    const stranger = await loggedIn(await newPerson(), `/overview/${id}`);
    assert.deepEqual([stranger.page.status, stranger.page.url.pathname], [404, `/overview/${id}`]);
  });
});

describe('the list of consents', () => {
  it('leads straight to withdrawing, for those who may, of what holds', async () => {
    const [child, mother, to] = [await newPerson(), await newPerson(), await newOrganization()];
    const consentRights = rightTo(
      await newConsentResource(['privatperson', 'foreldreansvar'], {
        ...{ decidesFrom: 12, parentUntil: 18, parentsSee: true },
      }),
    );
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 14}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const id = await given(child, to, consentRights);
    const browser = await loggedIn(child, '/consents');
    const link = new RegExp(`href="/consents/${id}/withdraw"`);
    assert.match(browser.page.html, link);
    await browser.open(`/consents/${id}/withdraw`);
    await press(browser, /withdraw/);
    const over = await browser.open('/consents?show=ended');
    assert.ok(idsIn(over.html).includes(id) && !link.test(over.html));
    // A child reads what a parent answered, and does not end it while so young.
    const young = await newPerson();
    await putParty(young, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    await newRole('foreldreansvar', young, mother);
    const other = await ask(young, to, consentRights);
    await approve(other, mother);
    for (const [who, leads] of [
      [mother, true],
      [young, false],
    ] as const) {
      const { html } = (await loggedIn(who, `/consents?party=${young.id}`)).page;
      assert.ok(idsIn(html).includes(other));
      assert.equal(html.includes(`/consents/${other}/withdraw`), leads);
    }
  });

  it('is searched by receiver and service, and by what ends soon or is not used', async () => {
    const [person, bank, town] = [
      await newPerson(),
      await newOrganization('Ærlige Bank ASA'),
      await newOrganization('Testvik kommune'),
    ];
    const [long, soon] = [
      await given(person, bank, { validTo: inDays(800) }),
      await given(person, town, { validTo: inDays(20) }),
    ];
    const browser = await loggedIn(person, '/consents');
    const found = async (query: string) =>
      new Set(idsIn((await browser.open(`/consents?${query}`)).html));
    assert.deepEqual(await found('q=ærlige'), new Set([long]));
    assert.deepEqual(await found('q=INNTEKT'), new Set([long, soon]));
    assert.deepEqual(await found('q=ingenting'), new Set());
    assert.deepEqual(await found('only=soon'), new Set([soon]));
    assert.deepEqual(await found('only=unused'), new Set());
    assert.equal((await browser.open('/consents?q=%00')).status, 400);
    await at(YEAR + 86_400_000, async () => {
      const later = await loggedIn(person, '/consents?only=unused');
      assert.deepEqual(idsIn(later.page.html), [long]);
    });
  });

  it('is a file of what it shows, without a national number, and nothing that is a formula', async () => {
    const [person, to] = [await newPerson(), await newOrganization('=HYPERLINK("x")')];
    await given(person, to);
    await given(person, await newOrganization('Testvik kommune'));
    const browser = await loggedIn(person, '/consents');
    const { html: csv, headers } = await browser.open('/consents.csv');
    assert.match(headers.get('content-disposition')!, /"samtykker-gitt\.csv"/);
    assert.equal(csv.trim().split('\r\n').length, 3);
    assert.match(csv, /'=HYPERLINK/);
    assert.ok(!csv.includes(person.number));
    const json = JSON.parse((await browser.open('/consents.json?q=testvik')).html);
    assert.deepEqual([json.length, json[0].to], [1, 'Testvik kommune']);
    assert.match(json[0].reference, /^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    assert.equal((await browser.open('/consents.csv?show=events')).status, 404);
    assert.equal((await browser.open('/overview.csv?show=waiting')).status, 404);
    const stranger = await loggedIn(await newPerson(), '/start');
    assert.equal((await stranger.open(`/consents.csv?party=${person.id}`)).status, 403);
  });

  it('is a whole file where it is longer than what is read at once', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const id = await given(person, to);
    await world.database.db.raw(
      `with made as (insert into consent_request (id, from_party, to_party, from_named, state, valid_to, template_id, template_version, portal_view_mode,
          one_time, content_hash, expiry_event_id, requested_at, approved_at, answered_by, rested_on, answered_level, about)
        select gen_random_uuid(), from_party, to_party, from_named, state, valid_to, template_id, template_version, portal_view_mode,
          one_time, content_hash, gen_random_uuid(), requested_at, approved_at - (n / 2) * interval '1 second', answered_by, rested_on, answered_level, about
        from consent_request, generate_series(1, 2600) n where id = ? returning id)
      insert into consent_right (consent_id, ordinal, resource_id, resource_version, actions, metadata)
        select made.id, held.ordinal, held.resource_id, held.resource_version, held.actions, held.metadata from made, consent_right held where held.consent_id = ?`,
      [id, id],
    );
    const browser = await loggedIn(person, '/consents');
    const json = JSON.parse((await browser.open('/consents.json')).html);
    assert.equal(new Set(json.map(({ reference }: { reference: string }) => reference)).size, 2601);
    assert.equal(json.length, 2601);
  });
});

describe('what a parent may not read of a child', () => {
  it('is told by no search, no file, no page that goes on, and no time', async () => {
    const [child, parent, clinic] = [
      await newPerson(),
      await newPerson(),
      await newOrganization('Skjult Klinikk AS'),
    ];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 16}-01-02` });
    await newRole('foreldreansvar', child, parent);
    const who = ['privatperson', 'foreldreansvar'];
    const own = await newConsentResource(who, { decidesFrom: 13, parentUntil: 13 });
    for (let n = 0; n < 22; n += 1) await given(child, clinic, rightTo(own));
    const browser = await loggedIn(parent, '/start');
    for (const query of ['', 'q=skjult', 'q=zzz', 'only=soon', 'only=unused', 'show=events']) {
      const { html, status } = await browser.open(`/consents?party=${child.id}&${query}`);
      assert.equal(status, 200);
      assert.doesNotMatch(html, /rel="next"|consents\.csv|Skjult/, query);
    }
    const csv = await browser.open(`/consents.csv?party=${child.id}&q=skjult`);
    assert.equal(csv.html.trim().split('\r\n').length, 1);
    // The child sees all of it, page by page.
    const theirs = await loggedIn(child, '/consents?q=skjult');
    assert.equal(idsIn(theirs.page.html).length, 20);
    const [, next] = /href="([^"]*)" rel="next"/.exec(theirs.page.html)!;
    await theirs.open(unescapeHtml(next!));
    assert.equal(idsIn(theirs.page.html).length, 2);
    assert.match(theirs.page.html, /rel="prev"/);
  });
});
