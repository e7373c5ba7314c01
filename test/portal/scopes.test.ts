// API scopes that a company gives and has, by pages: seen from both sides, and ended by either.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { given, newFirm } from '../support/rights/rights.ts';
import { newScopesGiven } from '../support/rights/schemas.ts';
import { call, newPerson, outsideToken, type TestParty } from '../support/world.ts';

const boxes = (html: string): string[] =>
  [...html.matchAll(/name="mandate" id="[^"]*" value="([^"]*)"/g)].map(([, id]) => id!);
const lookUp = async (supplier: TestParty, consumer: TestParty) =>
  (
    await call(
      'GET',
      `/accessmanagement/api/v1/maskinporten/delegations?supplierOrg=${supplier.number}&consumerOrg=${consumer.number}`,
      await outsideToken({ scope: 'altinn:maskinporten/delegations.admin' }),
    )
  ).body;

describe('the page of API scopes', () => {
  it('shows the consumer what it gives, and ends what is ticked', async () => {
    const { supplier, consumer, boss, scope } = await newScopesGiven();
    const browser = await loggedIn(boss, `/systems?party=${consumer.id}`);
    assert.match(browser.page.html, /href="\/scopes\?party/);
    const page = await browser.open(`/scopes?party=${consumer.id}`);
    assert.equal(heading(page), `API-tilganger ${consumer.name} gir og har`);
    assert.match(
      mainText(page.html),
      new RegExp(`${supplier.name} .*: Skattedata.*${scope}. Siden`),
    );
    const none = await press(browser, /\/scopes/);
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg minst én API-tilgang/);
    const done = await press(browser, /\/scopes/, { mandate: boxes(page.html)[0]! });
    assert.match(mainText(done.html), /Avsluttet\..*Ingen API-tilganger/);
    assert.deepEqual(await lookUp(supplier, consumer), []);
  });

  it('shows the supplier what it has, which it may give up', async () => {
    const { supplier, consumer, chief } = await newScopesGiven();
    const browser = await loggedIn(chief, `/scopes?party=${supplier.id}`);
    assert.match(mainText(browser.page.html), /kan bruke API-tilganger for.*Foretaket AS/);
    await press(browser, /\/scopes/, { mandate: boxes(browser.page.html)[0]! });
    assert.deepEqual(await lookUp(supplier, consumer), []);
  });

  it('ends nothing else, and nothing of another company', async () => {
    const theirs = await newScopesGiven();
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const vat = await given(boss, firm, helper, { package: 'merverdiavgift' });
    const own = await newScopesGiven();
    const browser = await loggedIn(own.boss, `/scopes?party=${own.consumer.id}`);
    const other = await loggedIn(theirs.boss, `/scopes?party=${theirs.consumer.id}`);
    const [foreign] = boxes(other.page.html);
    await press(browser, /\/scopes/, { mandate: `${foreign} ${vat}` });
    assert.equal((await lookUp(theirs.supplier, theirs.consumer)).length, 1);
    assert.equal((await lookUp(own.supplier, own.consumer)).length, 1);
  });

  it('is for those who administer API scopes', async () => {
    const { consumer, boss } = await newScopesGiven();
    const clerk = await newPerson();
    await given(boss, consumer, clerk, { package: 'merverdiavgift' });
    for (const who of [clerk, await newPerson()])
      assert.equal((await loggedIn(who, `/scopes?party=${consumer.id}`)).page.status, 403);
    const person = await loggedIn(boss, `/scopes?party=${boss.id}`);
    assert.equal(person.page.status, 403);
  });
});
