// The inbox by matter: what waits for an answer stands above as a task until it has one, notices
// about the same stand together, and a matter is read when it is opened.
import assert from 'node:assert/strict';
import { change, end, given, newPair, newTeam, rightTo } from '../support/rights/rights.ts';
import { loggedIn, mainText, press, unescapeHtml, type Browser } from '../support/pages/browser.ts';
import { VAT } from '../support/rights/office.ts';
import { CHAIR_AND_MEMBER, newBoard, newTogether } from '../support/together.ts';
import {
  approve,
  ask,
  call,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

const PENSION = { package: 'innbygger-pensjon' };

async function askRight(clerk: TestParty, firm: TestParty): Promise<void> {
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT });
  const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
  const { status, text } = await call('POST', path, await personToken(clerk));
  assert.equal(status, 201, text);
}

/** The parts of the inbox above and below the heading of messages. */
async function parts(browser: Browser, party?: TestParty): Promise<[string, string]> {
  const { html } = await browser.open(`/inbox${party ? `?party=${party.id}` : ''}`);
  const [tasks, news] = html.split(/<h2[^>]*>Beskjeder<\/h2>/);
  return news === undefined ? ['', mainText(tasks!)] : [mainText(`${tasks}</main>`), news];
}
const waysIn = (html: string) =>
  [...html.matchAll(/href="(\/inbox\/[^"]*)"/g)].map(([, way]) => unescapeHtml(way!));

describe('a request in the inbox', () => {
  it('is a task until it is answered, and then a message', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    await askRight(clerk, firm);
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    const [tasks, news] = await parts(browser, firm);
    assert.match(tasks, /Venter på svar Klara Kontorist ber om en fullmakt/);
    assert.doesNotMatch(tasks, / Ny /);
    assert.doesNotMatch(news, /Klara Kontorist ber om/);
    await press(browser, /reject/);
    const [none, told] = await parts(browser, firm);
    assert.equal(none, '');
    assert.match(told, /Klara Kontorist ber om en fullmakt/);
  });

  it('is one task for a consent however often one was reminded, until it has run out', async () => {
    const [person, bank] = [await newPerson(), await newOrganization('Ventende Bank ASA')];
    const id = await ask(person, bank, { portalViewMode: 'show' });
    await world.database.db.raw(
      `insert into notice (id, party, type, consent_id, at) values (gen_random_uuid(), ?, 'consent_passed_on', ?, now())`,
      [person.id, id],
    );
    const browser = await loggedIn(person, '/inbox');
    const [tasks] = await parts(browser);
    assert.match(tasks, /Venter på svar/);
    assert.equal(tasks.match(/Se hva det gjelder/g)!.length, 1, tasks);
    assert.match(tasks, /Si nei/);
    await world.database.db.raw(`update consent_request set valid_to = now() where id = ?`, [id]);
    assert.equal((await parts(browser))[0], '');
  });

  it('is no task where the asker was silenced', async () => {
    const [person, bank] = [await newPerson(), await newOrganization('Masete Bank ASA')];
    await ask(person, bank, { portalViewMode: 'show' });
    const browser = await loggedIn(person, '/inbox');
    assert.match((await parts(browser))[0], /Venter på svar/);
    await world.database.db.raw(
      'insert into silence (party, sender, at, by_party) values (?, ?, now(), ?)',
      [person.id, bank.id, person.id],
    );
    assert.equal((await parts(browser))[0], '');
  });

  it('is no task of one who has said yes while others are awaited', async () => {
    const { firm, chair, member } = await newBoard();
    const bank = await newOrganization('Styrets Bank ASA');
    const resource = await newTogether(CHAIR_AND_MEMBER);
    const id = await ask(firm, bank, { ...rightTo(resource), portalViewMode: 'show' });
    for (const party of [chair, member])
      await world.database.db.raw(
        `insert into notice (id, party, type, consent_id, at) values (gen_random_uuid(), ?, 'consent_awaits', ?, now())`,
        [party.id, id],
      );
    const [own, theirs] = [await loggedIn(chair, '/inbox'), await loggedIn(member, '/inbox')];
    for (const browser of [own, theirs])
      assert.match((await parts(browser))[0], /Venter på svar/, mainText(browser.page.html));
    await approve(id, chair);
    assert.equal((await parts(own))[0], '');
    assert.match((await parts(theirs))[0], /Venter på svar/);
  });
});

describe('a matter of the inbox', () => {
  it('has all that happened to it under its latest notice, and what may be done after any', async () => {
    const [giver, helper] = await newPair('Gyda Giver', 'Hans Hjelper');
    const id = await given(giver, giver, helper, { ...PENSION, validTo: inDays(20) });
    await change(giver, id, { validTo: inDays(10) });
    await end(giver, id);
    const text = mainText((await loggedIn(helper, '/inbox')).page.html);
    assert.match(text, /En fullmakt er avsluttet.*2 tidligere beskjeder om det samme/);
    assert.match(text, /Du har fått en fullmakt/);
    const other = await given(giver, giver, helper, PENSION);
    await change(giver, other, { validTo: inDays(10) });
    const own = await loggedIn(giver, '/inbox');
    assert.match(own.page.html, /Var det ikke deg\?/);
  });

  it('of a company is read when it is opened, and only that', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    await given(boss, firm, clerk, { package: VAT });
    await given(boss, firm, other, { package: 'toll' });
    const colleague = await newPerson();
    await given(boss, firm, colleague, { package: 'tilgangsstyrer', validTo: inDays(30) });
    const browser = await loggedIn(colleague, `/inbox?party=${firm.id}`);
    const count = () => (browser.page.html.match(/>Ny</g) ?? []).length;
    const all = count();
    assert.ok(all >= 2, browser.page.html);
    const [way] = waysIn(browser.page.html);
    assert.match((await browser.open(way!)).url.pathname, /^\/overview\//);
    await browser.open(`/inbox?party=${firm.id}`);
    assert.equal(count(), all - 1);
  });

  it('is opened by nobody to whom the notice was not', async () => {
    const [giver, helper, stranger] = [await newPerson(), await newPerson(), await newPerson()];
    await given(giver, giver, helper, PENSION);
    const { rows } = await world.database.db.raw('select id from notice where party = ?', [
      helper.id,
    ]);
    const { id } = rows[0];
    const theirs = await loggedIn(stranger, `/inbox/${id}?party=${helper.id}`);
    assert.equal(theirs.page.status, 403);
    const refused = await theirs.open(`/inbox/${id}`);
    assert.deepEqual([refused.status, refused.url.pathname], [404, `/inbox/${id}`]);
    assert.equal((await theirs.open('/inbox/noe')).status, 404);
  });
});
