// Asking for a right on pages: with words of one's own, a reminder at most twice, and not again for
// a month after a no.
import assert from 'node:assert/strict';
import { loggedIn, mainText, press } from '../../support/pages/browser.ts';
import { sendAsk } from '../../support/pages/giving.ts';
import { newTeam } from '../../support/rights/rights.ts';
import {
  call,
  lastName,
  newPerson,
  newRole,
  personToken,
  putParty,
  world,
  type TestParty,
} from '../../support/world.ts';

const VAT = 'merverdiavgift';
const REQUESTS = '/accessmanagement/api/v1/enduser/request';
const terms = (whom: TestParty, more: object = {}) => ({
  number: whom.number,
  ...(whom.number.length === 11 ? { lastName: lastName(whom) } : {}),
  long: 'year',
  ...more,
});
/** Asks on pages; answers the request's id. */
async function asked(clerk: TestParty, firm: TestParty, more: object = {}, code = VAT) {
  const browser = await loggedIn(clerk, `/ask/terms?package=${code}`);
  const page = await sendAsk(browser, terms(firm, more));
  return { browser, page, id: page.url.pathname.split('/').at(-1)! };
}
const ago = (days: number, id: string) =>
  world.database.db.raw(
    `update access_request set changed_at = changed_at - ? * interval '1 day', asked_again_at = asked_again_at - ? * interval '1 day' where id = ?`,
    [days, days, id],
  );

describe('asking for a right', () => {
  it('carries words of the asker to whoever answers, of 300 characters at most, as text', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, page } = await asked(clerk, firm, { message: 'x'.repeat(301) });
    assert.match(mainText(page.html), /høyst 300 tegn/);
    const turned = await press(browser, /terms/, terms(firm, { message: 'Jeg \u202eer' }));
    assert.match(mainText(turned.html), /uten usynlige tegn/);
    const sent = await sendAsk(browser, terms(firm, { message: 'Jeg <b>trenger</b> den' }));
    assert.match(sent.html, /Jeg &lt;b&gt;trenger/);
    const theirs = await loggedIn(boss, `${sent.url.pathname}?party=${firm.id}`);
    assert.match(theirs.page.html, /Melding<\/dt>[\s\S]*Jeg &lt;b&gt;trenger/);
  });

  it('is reminded of twice at most, a week apart, and by whoever asked alone', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, id } = await asked(clerk, firm);
    assert.doesNotMatch(browser.page.html, /Minn /);
    for (const times of [1, 2]) {
      await ago(8, id);
      await browser.open(`/requests/${id}`);
      assert.match((await press(browser, /remind/)).html, /tatt imot påminnelsen/, `${times}`);
      assert.doesNotMatch(browser.page.html, /action="[^"]*remind/);
    }
    await ago(8, id);
    assert.doesNotMatch((await browser.open(`/requests/${id}`)).html, /action="[^"]*remind/);
    const inbox = await loggedIn(boss, `/inbox?party=${firm.id}`);
    assert.match(inbox.page.html, /minner om en forespørsel/);
    const path = `/access/v1/notices?party=${firm.id}`;
    const { body } = await call('GET', path, await personToken(boss));
    const types = (body.data as { type: string }[]).map(({ type }) => type);
    assert.equal(types.filter((one) => one === 'right_asked_again').length, 2);
    assert.doesNotMatch((await inbox.open(`/requests/${id}?party=${firm.id}`)).html, /remind/);
    // A form from a page of before is refused.
    const { rows } = await world.database.db.raw(
      'select asked_again from access_request where id = ?',
      [id],
    );
    assert.equal(rows[0].asked_again, 2);
  });

  it('of one with a protected address brings neither words nor a reminder, and shows no one that', async () => {
    const [giver, asker] = [await newPerson(), await newPerson()];
    await newRole('foreldreansvar', giver, asker);
    await putParty(giver, { protectedAddress: true });
    const { page, browser, id } = await asked(
      asker,
      giver,
      { message: 'Hilsen' },
      'innbygger-pensjon',
    );
    assert.match(page.url.pathname, /requests/, mainText(page.html));
    assert.match(page.html, /Hilsen/);
    await ago(8, id);
    await browser.open(`/requests/${id}`);
    assert.match((await press(browser, /remind/)).html, /tatt imot påminnelsen/);
    const theirs = await loggedIn(giver, `/requests/${id}`);
    assert.doesNotMatch(theirs.page.html, /Hilsen/);
    assert.doesNotMatch((await theirs.open('/inbox')).html, /minner om en/);
  });

  it('is refused for thirty days after a no, of the same alone', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { id } = await asked(clerk, firm);
    const answer = new URLSearchParams({ party: firm.id, id });
    const no = await call('PUT', `${REQUESTS}/received/reject?${answer}`, await personToken(boss));
    assert.equal(no.status, 200, no.text);
    const again = await asked(clerk, firm);
    assert.match(mainText(again.page.html), /fått nei til dette de siste 30 dagene/);
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT });
    const path = `${REQUESTS}/package?${query}`;
    const refused = await call('POST', path, await personToken(clerk));
    assert.deepEqual([refused.status, refused.body.code], [409, 'TIL-00055']);
    const other = await asked(clerk, firm, {}, 'toll');
    assert.match(other.page.url.pathname, /requests/);
    await ago(31, id);
    assert.match((await asked(clerk, firm)).page.url.pathname, /requests/);
  });
});
