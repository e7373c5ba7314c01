// "This was not me": everything that one has given another is frozen with one press, and one
// consent by itself; by the giver's side alone, and what is not theirs stays.
import assert from 'node:assert/strict';
import { heading, loggedIn, press, unescapeHtml } from '../../support/pages/browser.ts';
import {
  decide,
  given,
  newConsentResource,
  newFirm,
  rightTo,
} from '../../support/rights/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  call,
  lookUp,
  newOrganization,
  newPerson,
  personToken,
  putParty,
} from '../../support/world.ts';

const STOP = '/access/v1/suspensions';
const VAT = 'merverdiavgift';
const stop = async (actor: { id: string }, from: { id: string }, to: { id: string }) =>
  call('POST', STOP, await personToken(actor), { from: from.id, to: to.id });

describe('stopping everything that one has been given', () => {
  it('is one press on the page of any of it, and each is let go on by itself', async () => {
    const { firm, boss } = await newFirm();
    const [helper, other] = [await newPerson('Hjelper Testesen'), await newPerson()];
    const id = await given(boss, firm, helper, { package: VAT });
    const second = await given(boss, firm, helper, { package: 'skattegrunnlag' });
    await given(boss, firm, other, { package: VAT });
    const may = (who: { id: string }) => decide(who, 'read', 'mva-melding', firm);
    const browser = await loggedIn(boss, `/overview/${id}`);
    const link = /href="(\/overview\/stop[^"]*)"/.exec(browser.page.html)![1]!;
    await browser.open(unescapeHtml(link));
    assert.match(heading(browser.page), /sette alt Hjelper Testesen har fått, på pause/);
    assert.match(browser.page.html, /2 fullmakter/);
    assert.equal(await may(helper), 'Permit');
    const after = await press(browser, /stop/);
    assert.match(after.html, /Det du kan se at Hjelper Testesen har fått, er satt på pause/);
    assert.deepEqual([await may(helper), await may(other)], ['NotApplicable', 'Permit']);
    assert.match((await browser.open(`/overview/${second}`)).html, /Satt på pause/);
    await browser.open(`/overview/${id}`);
    await press(browser, /resume/);
    assert.equal(await may(helper), 'Permit');
    const path = (to: { id: string }) =>
      `/overview/stop?party=${firm.id}&receiver=${to.id}&stopped`;
    const stopped = await browser.open(path(helper));
    assert.doesNotMatch(stopped.html, /Alt .* er satt på pause/);
    const nothing = await browser.open(path(boss));
    assert.equal(nothing.url.pathname, '/overview');
    const told = await loggedIn(helper, '/inbox');
    assert.match(told.page.html, /satt på pause/);
  });

  it('takes consents with it, of the person who gave them', async () => {
    const { id, from, to } = await approvedConsent();
    assert.equal((await lookUp(id, from, to)).status, 200);
    const { body } = await stop(from, from, to);
    assert.deepEqual(body, { mandates: 0, consents: 1 });
    assert.deepEqual((await stop(from, from, to)).body, { mandates: 0, consents: 0 });
    assert.notEqual((await lookUp(id, from, to)).status, 200);
    const browser = await loggedIn(from, '/inbox');
    assert.match(browser.page.html, /Et samtykke er satt på pause/);
    await browser.open(`/consents/${id}`);
    await press(browser, /resume/);
    assert.match(browser.page.html, /Samtykket gjelder igjen/);
    assert.equal((await lookUp(id, from, to)).status, 200);
  });

  it('is for the giver’s side alone, and nothing is said of who has nothing', async () => {
    const { firm, boss } = await newFirm();
    const [helper, stranger] = [await newPerson(), await newPerson()];
    await given(boss, firm, helper, { package: VAT });
    for (const actor of [helper, stranger])
      assert.equal((await stop(actor, firm, helper)).status, 403);
    assert.equal((await stop(stranger, { id: crypto.randomUUID() }, helper)).status, 403);
    assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'Permit');
    const path = (receiver: string) => `/overview/stop?party=${firm.id}&receiver=${receiver}`;
    const theirs = await loggedIn(helper, '/start');
    assert.equal((await theirs.open(path(helper.id))).status, 403);
    const own = await loggedIn(boss, path(stranger.id));
    assert.equal(own.page.url.pathname, '/overview');
    assert.equal((await own.open(path('no-such'))).url.pathname, '/overview');
  });

  it('leaves the consents of a company to those who may read them', async () => {
    const { firm, boss } = await newFirm();
    const [admin, receiver] = [await newPerson(), await newOrganization()];
    await given(boss, firm, admin, { package: 'tilgangsstyrer' });
    const resource = await newConsentResource(['dagl']);
    await approve(await ask(firm, receiver, rightTo(resource)), boss);
    const { status, body } = await stop(admin, firm, receiver);
    assert.equal(status, 200);
    assert.deepEqual(body, { mandates: 0, consents: 0 });
    const path = `/overview/stop?party=${firm.id}&receiver=${receiver.id}&stopped`;
    const theirs = await loggedIn(admin, path);
    assert.equal(theirs.page.url.pathname, '/overview');
    assert.deepEqual((await stop(boss, firm, receiver)).body, { mandates: 0, consents: 1 });
    assert.equal((await theirs.open(path)).url.pathname, '/overview', 'nor that it was');
    assert.match((await loggedIn(boss, path)).page.html, /er satt på pause/);
  });

  it('says to nobody else whom one with a protected address has given something', async () => {
    const [helper, giver, receiver] = [
      await newPerson(),
      await newPerson(),
      await newOrganization('Skjult mottaker AS'),
    ];
    await putParty(giver, { protectedAddress: true });
    const resource = await newConsentResource(['privatperson', 'package:innbygger-pensjon']);
    await approve(await ask(giver, receiver, rightTo(resource)), giver);
    for (const name of ['innbygger-tilgangsstyring-privatperson', 'innbygger-pensjon'])
      await given(giver, giver, helper, { package: name });
    const { body } = await stop(helper, giver, receiver);
    assert.deepEqual(body, { mandates: 0, consents: 0 });
    const page = `/overview/stop?party=${giver.id}&receiver=${receiver.id}`;
    const { page: shown } = await loggedIn(helper, page);
    assert.equal(shown.url.pathname, '/overview');
    assert.doesNotMatch(shown.html, /Skjult mottaker/);
  });
});

describe('a consent on its page', () => {
  it('is paused and let go on by the giver, and says so while it is so', async () => {
    const { id, from, to } = await approvedConsent();
    const browser = await loggedIn(from, `/consents/${id}`);
    assert.match((await press(browser, /suspend/)).html, /Ingen kan bruke det nå/);
    assert.notEqual((await lookUp(id, from, to)).status, 200);
    assert.doesNotMatch(browser.page.html, /action="[^"]*suspend/);
    assert.match((await press(browser, /resume/)).html, /Samtykket gjelder igjen/);
    assert.equal((await lookUp(id, from, to)).status, 200);
    await browser.open(`/consents/${id}?suspended`);
    assert.doesNotMatch(browser.page.html, /Ingen kan bruke det nå/);
  });

  it('is not there to pause for anybody else, nor by a form of another session', async () => {
    const { id, from, to } = await approvedConsent();
    const stranger = await loggedIn(await newPerson(), `/start`);
    const own = await loggedIn(from, `/consents/${id}`);
    stranger.page = own.page;
    assert.notEqual((await press(stranger, /suspend/)).status, 200);
    assert.equal((await lookUp(id, from, to)).status, 200);
  });
});

describe('doubting who asks', () => {
  it('leads to what that one has had, and tells no one else who asks for a consent', async () => {
    const [person, admin, bank] = [
      await newPerson(),
      await newPerson(),
      await newOrganization('Spørrende Bank ASA'),
    ];
    await given(person, person, admin, { package: 'innbygger-tilgangsstyring-privatperson' });
    await ask(person, bank, { portalViewMode: 'show' });
    const path = `/overview/stop?party=${person.id}&receiver=${bank.id}`;
    const own = await loggedIn(person, path);
    assert.match(own.page.html, /Spørrende Bank ASA har ikke fått noe/);
    const theirs = await loggedIn(admin, path);
    assert.equal(theirs.page.url.pathname, '/overview');
    assert.ok(!theirs.page.html.includes('Spørrende'));
  });
});
