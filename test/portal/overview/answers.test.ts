// A request for a right that is answered otherwise than with a plain yes: with a reason for a no,
// and for a shorter time than was asked for.
import assert from 'node:assert/strict';
import { lastDay } from '../../../server/party/day_model.ts';
import { loggedIn, mainText, press } from '../../support/pages/browser.ts';
import { sendAsk } from '../../support/pages/giving.ts';
import { send } from '../../support/rights/enduser.ts';
import { can, decide, newMandate, newResource, newTeam } from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard } from '../../support/together.ts';
import { at, newPerson, newRole, world, type TestParty } from '../../support/world.ts';

const VAT = 'merverdiavgift';
const DAY = 86_400_000;
/** A day so many from now, as a person writes it. */
const written = (days: number) =>
  new Date(Date.now() + days * DAY).toISOString().slice(0, 10).split('-').reverse().join('.');

async function ask(clerk: TestParty, firm: TestParty): Promise<string> {
  const browser = await loggedIn(clerk, `/ask/terms?package=${VAT}`);
  const page = await sendAsk(browser, { number: firm.number, long: 'year' });
  return page.url.pathname.split('/').at(-1)!;
}
const rowOf = async (id: string) =>
  (await world.database.db.raw('select * from access_request where id = ?', [id])).rows[0];
const endOf = async (firm: TestParty, clerk: TestParty) =>
  (
    await world.database.db.raw(
      'select valid_to from mandate where from_party = ? and to_party = ? and package = ?',
      [firm.id, clerk.id, VAT],
    )
  ).rows[0]?.valid_to;

describe('a no to a request for a right', () => {
  it('is given a reason afterwards, once, by the one who said it, for the asker to read', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    await newRole('dagl', firm, other);
    const id = await ask(clerk, firm);
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    await press(browser, new RegExp(`${id}/reject`));
    assert.match(mainText(browser.page.html), /Svaret er nei.*Vil du si hvorfor/);
    const page = browser.page;
    const empty = await press(browser, /explain/);
    assert.equal(empty.status, 400);
    assert.match(mainText(empty.html), /Velg en begrunnelse/);
    await press(browser, /explain/, { reason: 'fordi' });
    assert.equal((await rowOf(id)).no_because, null);
    const told = await press(browser, /explain/, { reason: 'less' });
    assert.match(mainText(told.html), /Begrunnelsen er sendt.*Begrunnelse Be om mindre/);
    assert.doesNotMatch(told.html, /explain/);
    browser.page = page;
    await press(browser, /explain/, { reason: 'unneeded' });
    assert.equal((await rowOf(id)).no_because, 'less');
    const theirs = await loggedIn(clerk, `/requests/${id}`);
    assert.match(mainText(theirs.page.html), /Begrunnelse Be om mindre/);
    assert.doesNotMatch(theirs.page.html, /explain/);
  });

  it('has no reason of somebody else, of the asker, nor where the answer was none', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    await newRole('dagl', firm, other);
    const id = await ask(clerk, firm);
    const reading = await loggedIn(other, `/requests/${id}?party=${firm.id}`);
    const waiting = reading.page;
    const explain = () => {
      reading.page = { ...waiting, html: waiting.html.replaceAll('/approve', '/explain') };
      return press(reading, /explain/, { reason: 'less' });
    };
    assert.match(mainText((await explain()).html), /alt besvart/);
    await press(await loggedIn(boss, `/inbox?party=${firm.id}`), new RegExp(`${id}/reject`));
    assert.match(mainText((await explain()).html), /alt besvart/);
    const theirs = await loggedIn(clerk, '/profile');
    theirs.page.html = theirs.page.html.replaceAll(
      'action="/profile"',
      `action="/requests/${id}/explain"`,
    );
    assert.equal((await press(theirs, /explain/, { reason: 'less' })).status, 404);
    assert.equal((await rowOf(id)).no_because, null);
    assert.doesNotMatch((await reading.open(`/requests/${id}?party=${firm.id}`)).html, /explain/);
  });
});

describe('a yes to a request for a right', () => {
  it('is for a shorter time, where whoever says it chooses a last day', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm);
    const browser = await loggedIn(boss, `/requests/${id}?party=${firm.id}`);
    for (const [date, why] of [
      ['i morgen', /Skriv datoen/],
      [written(-2), /i dag eller senere/],
      [written(800), /ikke er senere enn/],
    ] as const) {
      const page = await press(browser, /approve/, { date });
      assert.equal(page.status, 400);
      assert.match(mainText(page.html), why);
      assert.match(page.html, new RegExp(`name="date"[^>]*value="${date}"`), 'kept as typed');
    }
    assert.equal(await endOf(firm, clerk), undefined);
    const day = written(30);
    assert.match(mainText((await press(browser, /approve/, { date: day })).html), /en del av det/);
    assert.deepEqual(await endOf(firm, clerk), lastDay(day));
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    await at(32 * DAY, async () =>
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable'),
    );
  });

  it('is whole where no day is chosen, or the one that was asked for', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm);
    const browser = await loggedIn(boss, `/requests/${id}?party=${firm.id}`);
    await press(browser, /approve/, { date: '' });
    assert.equal((await rowOf(id)).state, 'approved');
    assert.deepEqual(await endOf(firm, clerk), (await rowOf(id)).valid_to);
  });

  it('of several who must say it has the end that the first of them chose', async () => {
    const board = await newBoard();
    const [boss, clerk] = [await newPerson(), await newPerson()];
    await newRole('dagl', board.firm, boss);
    await newMandate(board.firm, clerk, { package: 'toll' });
    const resource = await newResource([can('read', 'dagl')], { together: CHAIR_AND_MEMBER });
    const party = { party: clerk.id, to: board.firm.id, resource };
    const asked = await send(clerk, 'POST', '/request/resource', party);
    const { id } = asked.body;
    const browser = await loggedIn(boss, `/requests/${id}?party=${board.firm.id}`);
    const day = written(30);
    const page = await press(browser, /approve/, { date: day, action: 'read' });
    assert.match(mainText(page.html), /Du har sagt ja/, mainText(page.html));
    const theirs = await loggedIn(board.chair, `/requests/${id}?party=${board.firm.id}`);
    assert.doesNotMatch(theirs.page.html, /name="date"/);
    for (const who of [board.chair, board.member]) {
      const one = { party: board.firm.id, id };
      assert.equal((await send(who, 'PUT', '/request/received/approve', one)).status, 200);
    }
    const { rows } = await world.database.db.raw(
      'select valid_to from mandate where from_party = ? and to_party = ? and resource_id = ?',
      [board.firm.id, clerk.id, resource],
    );
    assert.deepEqual(rows[0].valid_to, lastDay(day));
    assert.equal((await rowOf(id)).state, 'partly');
  });
});
