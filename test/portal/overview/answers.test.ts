// A request for a right that is answered otherwise than with a plain yes: with a reason for a no,
// and for a shorter time than was asked for.
import assert from 'node:assert/strict';
import { formatUntil } from '../../../server/consent/until_model.ts';
import { lastDay, monthsFrom } from '../../../server/party/day_model.ts';
import { loggedIn, mainText, press } from '../../support/pages/browser.ts';
import { dayIn, sendAsk } from '../../support/pages/giving.ts';
import { send } from '../../support/rights/enduser.ts';
import { can, decide, newMandate, newResource, newTeam } from '../../support/rights/rights.ts';
import { CHAIR_AND_MEMBER, newBoard } from '../../support/together.ts';
import { at, newPerson, newRole, world, type TestParty } from '../../support/world.ts';

const VAT = 'merverdiavgift';
const DAY = 86_400_000;

async function ask(clerk: TestParty, firm: TestParty): Promise<string> {
  const browser = await loggedIn(clerk, `/ask/terms?package=${VAT}`);
  const page = await sendAsk(browser, { number: firm.number, long: 'year' });
  return page.url.pathname.split('/').at(-1)!;
}
/** Asks for two actions of a service that the firm's offices give together. */
async function askBoard(clerk: TestParty, firm: TestParty) {
  await newMandate(firm, clerk, { package: 'toll' });
  const rules = [can('read', 'dagl'), can('sign', 'dagl')];
  const resource = await newResource(rules, { together: CHAIR_AND_MEMBER });
  const party = { party: clerk.id, to: firm.id, resource };
  const { id } = (await send(clerk, 'POST', '/request/resource', party)).body;
  return { id, path: `/requests/${id}?party=${firm.id}`, resource };
}
const rowOf = async (id: string) =>
  (await world.database.db.raw('select * from access_request where id = ?', [id])).rows[0];
const endOf = async (firm: TestParty, clerk: TestParty, code = VAT) =>
  (
    await world.database.db.raw(
      'select valid_to from mandate where from_party = ? and to_party = ? and package = ?',
      [firm.id, clerk.id, code],
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
    assert.match(mainText(told.html), /Begrunnelsen er lagret.*Begrunnelse Be om mindre/);
    assert.doesNotMatch(told.html, /explain/);
    browser.page = page;
    await press(browser, /explain/, { reason: 'unneeded' });
    assert.equal((await rowOf(id)).no_because, 'less');
    const theirs = await loggedIn(clerk, `/requests/${id}`);
    assert.match(mainText(theirs.page.html), /Begrunnelse Be om mindre/);
    assert.doesNotMatch(theirs.page.html, /explain/);
  });

  it('that says it was too much lets less be asked for, and not the same', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm);
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    await press(browser, new RegExp(`${id}/reject`));
    const asking = async (long: string) => {
      const own = await loggedIn(clerk, `/ask/terms?package=${VAT}&from=${firm.id}`);
      return mainText((await press(own, /terms/, { long })).html);
    };
    assert.match(await asking('half'), /de siste 30 dagene/);
    await press(browser, /explain/, { reason: 'less' });
    assert.match(await asking('half'), /Ingenting er sendt ennå/);
    assert.match(await asking('year'), /de siste 30 dagene/);
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
      [dayIn(-2), /i dag eller senere/],
      [dayIn(800), /ikke er senere enn/],
    ] as const) {
      const page = await press(browser, /approve/, { date });
      assert.equal(page.status, 400);
      assert.match(mainText(page.html), why);
      assert.match(page.html, new RegExp(`name="date"[^>]*value="${date}"`), 'kept as typed');
    }
    assert.equal(await endOf(firm, clerk), undefined);
    const day = dayIn(30);
    assert.match(mainText((await press(browser, /approve/, { date: day })).html), /en del av det/);
    assert.deepEqual(await endOf(firm, clerk), lastDay(day));
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    await at(32 * DAY, async () =>
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable'),
    );
  });

  it('of a person is for five years at most, also where more was asked for', async () => {
    const [giver, friend] = [await newPerson(), await newPerson()];
    await newMandate(giver, friend, { package: 'innbygger-samliv' });
    const asked = { party: friend.id, to: giver.id, package: 'innbygger-pensjon' };
    const { id } = (await send(friend, 'POST', '/request/package', asked)).body;
    const browser = await loggedIn(giver, `/requests/${id}?party=${giver.id}`);
    const five = monthsFrom(new Date(), 60);
    const shown = formatUntil('nb', five).replaceAll(/\s/g, '\\s');
    assert.match(browser.page.html, new RegExp(`et ja ${shown}`));
    const late = await press(browser, /approve/, { date: dayIn(5 * 366 + 2) });
    assert.match(mainText(late.html), /i høyst fem år/);
    assert.equal((await rowOf(id)).state, 'pending');
    await press(browser, /approve/, { date: '' });
    assert.equal((await rowOf(id)).state, 'approved');
    assert.deepEqual(await endOf(giver, friend, 'innbygger-pensjon'), five);
  });

  it('is whole where no day is chosen, or the one that was asked for', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await ask(clerk, firm);
    const browser = await loggedIn(boss, `/requests/${id}?party=${firm.id}`);
    await press(browser, /approve/, { date: '' });
    assert.equal((await rowOf(id)).state, 'approved');
    assert.deepEqual(await endOf(firm, clerk), (await rowOf(id)).valid_to);
  });

  it('of several is for as long as was asked for, and of the part that was shown', async () => {
    const board = await newBoard();
    const [boss, other, clerk] = [await newPerson(), await newPerson(), await newPerson()];
    for (const one of [boss, other]) await newRole('dagl', board.firm, one);
    const { id, path, resource } = await askBoard(clerk, board.firm);
    const said = async () =>
      (
        await world.database.db.raw(
          'select by_party, actions from access_request_yes where request_id = ?',
          [id],
        )
      ).rows;
    const browser = await loggedIn(boss, path);
    const [first, theirs] = [browser.page, await loggedIn(other, path)];
    const both = new URLSearchParams([
      ['action', 'read'],
      ['action', 'sign'],
    ]);
    const dated = new URLSearchParams([...both, ['date', dayIn(30)]]);
    const late = await browser.submit(dated, undefined, { to: /approve/ });
    assert.match(mainText(late.html), /Flere må si ja til dette/);
    assert.deepEqual(await said(), []);
    browser.page = first;
    await browser.submit(both, undefined, { to: /approve/ });
    assert.equal((await said()).length, 1);
    // The page of before is of another part, and has an end.
    for (const date of ['', dayIn(5)]) {
      const old = theirs.page;
      const page = await press(theirs, /approve/, { action: 'read', date });
      assert.equal(page.status, 400);
      assert.match(mainText(page.html), /endret siden du åpnet siden/);
      theirs.page = old;
    }
    assert.equal((await said()).length, 1);
    const chair = await loggedIn(board.chair, path);
    assert.doesNotMatch(chair.page.html, /name="date"/);
    assert.match(mainText((await press(chair, /approve/)).html), /Du har sagt ja/);
    await press(await loggedIn(board.member, path), /approve/);
    assert.equal((await rowOf(id)).state, 'approved');
    assert.equal(await decide(clerk, 'sign', resource, board.firm), 'Permit');
  });

  it('of one alone is chosen anew where the yes of another has run out', async () => {
    const board = await newBoard();
    const [boss, clerk] = [await newPerson(), await newPerson()];
    await newRole('dagl', board.firm, boss);
    const { id, path } = await askBoard(clerk, board.firm);
    await press(await loggedIn(boss, path), /approve/, { action: 'read' });
    await world.database.db.raw(
      `update access_request_yes set at = at - interval '31 days' where request_id = ?`,
      [id],
    );
    const browser = await loggedIn(boss, path);
    assert.match(browser.page.html, /type="checkbox" name="action"[^>]*value="sign"/);
    assert.match(browser.page.html, /name="date"/);
  });
});
