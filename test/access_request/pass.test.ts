// A request for a right passed on: to another who may answer it, chosen by name, of whom the one
// who asks learns nothing.
import assert from 'node:assert/strict';
import { loggedIn, mainText, press } from '../support/pages/browser.ts';
import { decide, given, newMandate, newTeam } from '../support/rights/rights.ts';
import {
  call,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const VAT = 'merverdiavgift';
const ASK = '/accessmanagement/api/v1/enduser/request';

/** A company with a director, a chair and an employee who asks for something. */
async function asked() {
  const { firm, boss, clerk } = await newTeam();
  const chair = await newPerson('Lars Leder');
  await newRole('lede', firm, chair);
  const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT });
  const { body } = await call('POST', `${ASK}/package?${query}`, await personToken(clerk));
  return { firm, boss, chair, clerk, id: body.id as string };
}
const passPage = (who: TestParty, { id, firm }: { id: string; firm: TestParty }) =>
  loggedIn(who, `/requests/${id}/pass-on?party=${firm.id}`);

const noticesOf = async (who: TestParty): Promise<string[]> => {
  const { body } = await call('GET', '/access/v1/notices', await personToken(who));
  return body.data.map(({ type }: { type: string }) => type);
};

describe('a request for a right passed on', () => {
  it('reaches another who may answer, and is answered by that one', async () => {
    const { firm, boss, chair, clerk, id } = await asked();
    const browser = await loggedIn(boss, `/requests/${id}?party=${firm.id}`);
    assert.match(browser.page.html, /Send den videre til en annen som kan svare/);
    await browser.open(`/requests/${id}/pass-on?party=${firm.id}`);
    assert.match(mainText(browser.page.html), /Lars Leder/);
    assert.ok(!browser.page.html.includes(clerk.id), 'not the one who asks');
    const page = await press(browser, /pass-on/, { to: chair.id });
    assert.match(mainText(page.html), /Forespørselen er sendt videre.*Sendt videre til Lars Leder/);
    assert.ok((await noticesOf(chair)).includes('right_passed_on'));
    const theirs = await loggedIn(chair, '/inbox');
    assert.match(mainText(theirs.page.html), /En forespørsel om fullmakt er sendt videre til deg/);
    await theirs.open(`/requests/${id}?party=${firm.id}`);
    await press(theirs, /approve/);
    const answered = await browser.open(`/requests/${id}?party=${firm.id}`);
    assert.match(mainText(answered.html), /Besvart av Lars Leder/);
    const asker = await loggedIn(clerk, `/requests/${id}`);
    assert.doesNotMatch(asker.page.html, /Lars Leder/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    const after = await loggedIn(chair, '/inbox');
    assert.match(mainText(after.page.html), /sendt videre til deg.*Gitt/);
  });

  it('is nothing that the one who asks learns of', async () => {
    const { boss, chair, clerk, firm, id } = await asked();
    await press(await passPage(boss, { id, firm }), /pass-on/, { to: chair.id });
    assert.ok(!(await noticesOf(clerk)).includes('right_passed_on'));
    const { rows } = await world.database.db.raw(
      `select event.to_party from event where event.request_id = ? and event.type = 'right_passed_on'`,
      [id],
    );
    assert.deepEqual(rows, [{ to_party: firm.id }], 'an event of the giver’s side alone');
    const own = await loggedIn(clerk, `/requests/${id}`);
    assert.doesNotMatch(mainText(own.page.html), /videre|Lars/);
    const { body } = await call(
      'GET',
      `${ASK}?party=${clerk.id}&id=${id}`,
      await personToken(clerk),
    );
    assert.doesNotMatch(JSON.stringify(body), /Lars/);
  });

  it('reaches the same one once', async () => {
    const { boss, chair, firm, id } = await asked();
    const browser = await passPage(boss, { id, firm });
    await press(browser, /pass-on/, { to: chair.id });
    await browser.open(`/requests/${id}/pass-on?party=${firm.id}`);
    const page = await press(browser, /pass-on/, { to: chair.id });
    assert.match(mainText(page.html), /Forespørselen er sendt videre/);
    const heard = (await noticesOf(chair)).filter((type) => type === 'right_passed_on');
    assert.equal(heard.length, 1);
  });

  it('goes to nobody who could not answer, nor to whom it is named to nobody', async () => {
    const { firm, boss, chair, clerk, id } = await asked();
    const [stranger, helper, hidden] = [
      await newPerson(),
      await newPerson('Hild Hjelper'),
      await newPerson('Skjult Leder'),
    ];
    await given(boss, firm, helper, { package: 'toll' });
    await newRole('dagl', firm, hidden);
    await putParty(hidden, { protectedAddress: true });
    const manager = await newPerson('Tage Styrer');
    await newMandate(firm, manager, { package: 'tilgangsstyrer' });
    const browser = await passPage(boss, { id, firm });
    assert.doesNotMatch(mainText(browser.page.html), /Hild|Skjult/);
    const unable = await press(browser, /pass-on/, { to: manager.id });
    assert.equal(unable.status, 400);
    assert.match(mainText(unable.html), /kan ikke gi dette. Velg en annen/);
    assert.ok(!(await noticesOf(manager)).includes('right_passed_on'));
    for (const to of [stranger, helper, hidden, clerk, boss, firm]) {
      await browser.open(`/requests/${id}/pass-on?party=${firm.id}`);
      const page = await press(browser, /pass-on/, { to: to.id });
      assert.equal(page.status, 400, to.name);
    }
    await browser.open(`/requests/${id}/pass-on?party=${firm.id}`);
    const none = await press(browser, /pass-on/, {});
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg hvem som skal få den/);
    assert.ok(!(await noticesOf(helper)).includes('right_passed_on'));
    assert.ok(!(await noticesOf(chair)).includes('right_passed_on'));
  });

  it('is not for the one who asks, a stranger, or once it is answered', async () => {
    const { firm, boss, chair, clerk, id } = await asked();
    for (const who of [clerk, await newPerson()])
      assert.equal((await passPage(who, { id, firm })).page.status, 404);
    const browser = await passPage(boss, { id, firm });
    const early = browser.page;
    await browser.open(`/requests/${id}?party=${firm.id}`);
    await press(browser, /approve/);
    const late = await browser.open(`/requests/${id}/pass-on?party=${firm.id}`);
    assert.equal(late.url.pathname, `/requests/${id}`);
    browser.page = early;
    const page = await press(browser, /pass-on/, { to: chair.id });
    assert.equal(page.url.pathname, `/requests/${id}`);
    assert.doesNotMatch(mainText(page.html), /sendt videre/);
    assert.ok(!(await noticesOf(chair)).includes('right_passed_on'));
  });

  it('says so where nobody else may answer', async () => {
    const { firm, boss, clerk } = await newTeam();
    const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: VAT });
    const { body } = await call('POST', `${ASK}/package?${query}`, await personToken(clerk));
    const { page } = await passPage(boss, { id: body.id, firm });
    assert.match(mainText(page.html), /Ingen andre enn du kan svare på denne/);
  });
});
