// What was typed into a form is there again after the login that had run out: for the same person,
// at the same address, once; and nothing was done with it meanwhile.
import assert from 'node:assert/strict';
import { type Browser, loggedIn, type Page, press } from '../support/pages/browser.ts';
import { dayIn } from '../support/pages/giving.ts';
import { can, decide, newResource } from '../support/rights/rights.ts';
import { at, lastName, newPerson, type TestParty, world } from '../support/world.ts';

const PACKAGE = 'innbygger-pensjon';
const DAY = dayIn(700);
const TERMS = `/give/terms?package=${PACKAGE}`;
const KEPT = /tatt vare på i 30 minutter/;
const FOUND = /Dette ble skrevet i skjemaet/;
const terms = (to: TestParty, more: object = {}) => ({
  number: to.number,
  lastName: lastName(to),
  long: 'date',
  date: DAY,
  ...more,
});

/** The terms page of a giver whose session is gone when the form is sent. */
async function outOf(giver: TestParty): Promise<Browser> {
  const browser = await loggedIn(giver, TERMS);
  // The form goes to the address with the party in it.
  await browser.open(
    /action="(\/give\/terms[^"]*)"/
      .exec(browser.page.html)![1]!
      .replaceAll('&amp;', '&')
      .replaceAll('&#x3D;', '='),
  );
  await browser.forget('');
  return browser;
}

/** Follows «log in and go on» of the page that says that one is out. */
async function logInAgain(browser: Browser, person: TestParty): Promise<Page> {
  const href = /class="ds-button" href="([^"]*)"/.exec(browser.page.html)![1]!;
  await browser.open(href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
  return browser.logIn(person);
}

const rows = async () => Number((await world.database.db('kept_form').count('* as n'))[0]!.n);

describe('a form whose session is gone', () => {
  it('gets back what was typed, once, and gives nothing meanwhile', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await outOf(giver);
    const told = await browser.submit(terms(helper));
    assert.equal(told.status, 401);
    assert.match(told.html, KEPT);
    const again = await logInAgain(browser, giver);
    assert.match(again.html, FOUND);
    for (const text of [helper.number, lastName(helper), DAY])
      assert.ok(again.html.includes(`value="${text}"`), text);
    assert.match(again.html, /id="long-date" value="date" checked/);
    const once = await browser.open(`${again.url.pathname}${again.url.search}`);
    assert.doesNotMatch(once.html, FOUND);
    assert.ok(!once.html.includes(helper.number));
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
  });

  it('is there again too when it was lost at the page that was looked over', async () => {
    const [giver, other] = [await newPerson(), await newPerson()];
    const helper = await newPerson('Hans Hjelper');
    for (const who of [giver, other]) {
      const browser = await loggedIn(giver, TERMS);
      await press(browser, /terms/, terms(helper));
      await browser.forget('');
      const told = await press(browser, /check/);
      assert.equal(told.status, 401);
      const again = await logInAgain(browser, who);
      assert.equal(again.html.includes(helper.name), who === giver);
      assert.match(again.html, who === giver ? /ikke (?:gitt|sendt) ennå/ : /TIL-00046/);
    }
    const { rows: given } = await world.database.db.raw('select from mandate where to_party = ?', [
      helper.id,
    ]);
    assert.equal(given.length, 0);
  });

  it('is stored sealed: no number of anybody is in the database', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await outOf(giver);
    await browser.submit(terms(helper));
    const all = JSON.stringify(await world.database.db('kept_form').select());
    assert.ok(!all.includes(helper.number) && !all.includes(giver.id));
  });

  it('shows another person in the same browser nothing, and takes nothing from whose it is', async () => {
    const [giver, helper, other] = [await newPerson(), await newPerson(), await newPerson()];
    const browser = await outOf(giver);
    const told = (await browser.submit(terms(helper))).html;
    const page = await logInAgain(browser, other);
    assert.ok(!page.html.includes(helper.number));
    await browser.open(TERMS);
    assert.ok(!browser.page.html.includes(helper.number));
    await browser.forget('', 'kept');
    browser.page = { ...browser.page, html: told };
    assert.ok((await logInAgain(browser, giver)).html.includes(helper.number));
  });

  it('is kept of each tab', async () => {
    const [giver, one, two] = [await newPerson(), await newPerson(), await newPerson()];
    const browser = await outOf(giver);
    const first = browser.page;
    const told: string[] = [(await browser.submit(terms(one))).html];
    // The other tab, which stood open with another power of attorney.
    const other = await loggedIn(giver, TERMS.replace(PACKAGE, 'innbygger-bank-finans'));
    browser.page = { ...first, html: other.page.html };
    told.push((await browser.submit(terms(two))).html);
    browser.page = { ...first, html: told[0]! };
    assert.ok((await logInAgain(browser, giver)).html.includes(one.number));
    const way = /class="ds-button" href="([^"]*)"/.exec(told[1]!)![1]!;
    const page = await browser.open(way.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.ok(page.html.includes(two.number));
  });

  it('is kept where another language was asked for, and shown in that', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, TERMS);
    const [, action] = /formaction="([^"]*)" name="switch" value="nn"/.exec(browser.page.html)!;
    browser.page.html = browser.page.html.replace(
      /action="[^"]*terms[^"]*"/g,
      `action="${action}"`,
    );
    await browser.forget('');
    const told = await browser.submit(terms(helper, { switch: 'nn' }));
    assert.match(told.html, /teke vare på i 30 minutt/);
    const again = await logInAgain(browser, giver);
    assert.match(again.html, /lang="nn"/);
    assert.ok(again.html.includes(helper.number));
  });

  it('is not kept beyond half an hour', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await outOf(giver);
    await browser.submit(terms(helper));
    const late = await at(31 * 60_000, () => logInAgain(browser, giver));
    assert.ok(!late.html.includes(helper.number));
  });

  it('is kept of our own pages alone: not from elsewhere, made up, moved or too long', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const before = await rows();
    for (const [fields, headers] of [
      [{}, { origin: 'https://elsewhere.example' }],
      [{}, { 'sec-fetch-site': 'cross-site' }],
      [{ form: '' }, {}],
      [{ form: 'AAAA' }, {}],
      [{ lastName: 'x'.repeat(9_000) }, {}],
    ] as [Record<string, string>, Record<string, string>][]) {
      const browser = await outOf(giver);
      const told = await browser.submit({ ...terms(helper), ...fields }, undefined, {
        headers,
      });
      assert.equal(told.status, 401);
      assert.match(told.html, /Svaret ditt er ikke lagret/);
    }
    const moved = await outOf(giver);
    moved.page = {
      ...moved.page,
      html: moved.page.html.replaceAll(PACKAGE, 'innbygger-bank-finans'),
    };
    assert.match((await moved.submit(terms(helper))).html, /Svaret ditt er ikke lagret/);
    assert.equal(await rows(), before);
  });

  it('gets its date back when changing takes a login too', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, TERMS);
    await browser.submit(terms(helper));
    const given = await press(browser, /check/);
    await browser.open(`${given.url.pathname}/change`);
    await browser.forget('');
    assert.match((await browser.submit({ date: '01.02.2036' })).html, KEPT);
    const again = await logInAgain(browser, giver);
    assert.match(again.html, FOUND);
    assert.ok(again.html.includes('value="01.02.2036"'));
  });
});
