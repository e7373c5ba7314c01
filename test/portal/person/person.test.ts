// One person, one page: all that one has of a party, and several of it changed or ended in one
// act; by the giver's side alone.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../../support/pages/browser.ts';
import {
  can,
  decide,
  given,
  newConsentResource,
  newFirm,
  newMandate,
  newResource,
  rightTo,
} from '../../support/rights/rights.ts';
import { until } from '../../support/until.ts';
import {
  approve,
  approvedConsent,
  ask,
  call,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
} from '../../support/world.ts';

const VAT = 'merverdiavgift';
const TAX = 'skattegrunnlag';
const pathOf = (party: { id: string }, to: { id: string }, act = '', held: string[] = []) =>
  `/overview/people/${to.id}${act}?${new URLSearchParams([
    ['party', party.id],
    ...held.map((id): [string, string] => ['held', id]),
  ])}`;
const standing = async (person: { id: string }, id: string) =>
  (await call('GET', `/access/v1/mandates/${id}`, await personToken(person))).body;

describe('one person, one page', () => {
  it('has all that one has of the party: given, of registers, and its consents', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson('Hjelper Testesen');
    await putParty(helper, { bornOn: '1984-03-02' });
    await given(boss, firm, helper, { package: VAT });
    const service = await newResource([can('read', 'dagl')], {
      title: { nb: 'Årsregnskap', nn: 'Årsrekneskap', en: 'Accounts' },
    });
    await given(boss, firm, helper, { resource: service, actions: ['read'], instance: 'sak/7' });
    await newRole('medl', firm, helper);
    const browser = await loggedIn(boss, `/overview/people?party=${firm.id}`);
    const [, link] = /href="(\/overview\/people\/[^"]*)">Hjelper/.exec(browser.page.html)!;
    await browser.open(unescapeHtml(link!));
    const text = mainText(browser.page.html);
    assert.match(heading(browser.page), /Det Hjelper Testesen har fra/);
    assert.match(text, /Født 1984/);
    for (const has of [/Merverdiavgift/, /Årsregnskap.*gjelder saken sak\/7/, /Styremedlem/])
      assert.match(text, has);
    assert.match(text, /Ikke brukt ennå/);
    assert.match(text, /Det kommer fra .*, og endres der/);
  });

  it('is found from the page of one power of attorney, which has the year of birth', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson('Hjelper Testesen');
    await putParty(helper, { bornOn: '1984-03-02' });
    const id = await given(boss, firm, helper, { package: VAT });
    const browser = await loggedIn(boss, `/overview/${id}?party=${firm.id}`);
    assert.match(mainText(browser.page.html), /Til Hjelper Testesen \(født 1984\)/);
    assert.match(browser.page.html, /<title>Merverdiavgift til Hjelper Testesen/);
    const [, link] = /href="([^"]*)">Se alt Hjelper/.exec(browser.page.html)!;
    await browser.open(unescapeHtml(link!));
    assert.match(heading(browser.page), /Det Hjelper Testesen har fra/);
    const theirs = await loggedIn(helper, `/overview/${id}`);
    assert.doesNotMatch(theirs.page.html, /Se alt/);
    assert.match(theirs.page.html, /<title>Merverdiavgift fra /);
  });

  it('says in days when each was used last, and that one is paused', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const id = await given(boss, firm, helper, { package: VAT });
    assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'Permit');
    const browser = await loggedIn(boss, pathOf(firm, helper));
    // A use is written down a moment after it, but of a mandate that somebody holds.
    await until('the use is written down', async () =>
      mainText((await browser.open(pathOf(firm, helper))).html).includes('brukt i dag'),
    );
    await browser.open(`/overview/${id}`);
    await press(browser, /suspend/);
    await browser.open(pathOf(firm, helper));
    assert.match(mainText(browser.page.html), /Satt på pause.*brukt i dag/);
  });

  it('ends those that were chosen, in one act, with what was passed on through them', async () => {
    const { firm, boss } = await newFirm();
    const [helper, further] = [await newPerson('Hjelper Testesen'), await newPerson('Videre Vik')];
    const first = await given(boss, firm, helper, { package: VAT, mayPassOn: true });
    const second = await given(boss, firm, helper, { package: TAX });
    const third = await given(boss, firm, helper, { package: 'toll' });
    await given(helper, firm, further, { package: VAT });
    const browser = await loggedIn(boss, pathOf(firm, helper, '/end', [first, second]));
    assert.match(heading(browser.page), /avslutte disse 2, som Hjelper Testesen har/);
    assert.match(mainText(browser.page.html), /gitt videre, og avsluttes også.*Videre Vik/);
    assert.equal(await decide(further, 'read', 'mva-melding', firm), 'Permit');
    await press(browser, /end/);
    assert.equal(await decide(further, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.equal((await standing(boss, first)).status, 'ended');
    assert.equal((await standing(boss, third)).status, 'active');
    assert.match(mainText(browser.page.html), /Avsluttet det siste døgnet.*Merverdiavgift/);
    // Sent once more, as by a second press.
    await browser.open(pathOf(firm, helper, '/end', [first, second]));
    assert.match(mainText(browser.page.html), /Velg minst én fullmakt eller ett samtykke/);
  });

  it('ends everything, consents too, and names what only another can end', async () => {
    const { firm, boss } = await newFirm();
    const bank = await newOrganization('Lånende Bank AS');
    const resource = await newConsentResource(['dagl']);
    const consent = await ask(firm, bank, rightTo(resource));
    await approve(consent, boss);
    const id = await given(boss, firm, bank, { package: VAT });
    await newRole('regn', firm, bank);
    const browser = await loggedIn(boss, `${pathOf(firm, bank, '/end')}&all=yes`);
    assert.match(mainText(browser.page.html), /Dette kan du ikke avslutte her.*[Rr]egnskapsfører/);
    await press(browser, /end/);
    assert.equal((await standing(boss, id)).status, 'ended');
    assert.notEqual((await lookUp(consent, firm, bank)).status, 200);
    assert.match(mainText(browser.page.html), /Regnskapsfører/);
    assert.doesNotMatch(browser.page.html, /all=yes/);
  });

  it('ends all that was looked over, and shows it anew where there is more', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const first = await given(boss, firm, helper, { package: VAT });
    const browser = await loggedIn(boss, `${pathOf(firm, helper, '/end')}&all=yes`);
    const second = await given(boss, firm, helper, { package: TAX });
    await press(browser, /end/);
    assert.equal((await standing(boss, first)).status, 'active');
    assert.match(mainText(browser.page.html), /Skattegrunnlag/);
    await press(browser, /end/);
    for (const id of [first, second]) assert.equal((await standing(boss, id)).status, 'ended');
  });

  it('changes the end of several in one act, or of none and says which could not', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const first = await given(boss, firm, helper, { package: VAT });
    const second = await given(boss, firm, helper, { package: TAX });
    const path = pathOf(firm, helper, '/change', [first, second]);
    const browser = await loggedIn(boss, path);
    await press(browser, /change/, { date: '31.12.2020' });
    assert.match(mainText(browser.page.html), /Datoen må være i dag eller senere/);
    await press(browser, /change/, { date: '31.12.2090' });
    assert.equal((await standing(boss, first)).validTo, (await standing(boss, second)).validTo);
    assert.match((await standing(boss, first)).validTo, /^2090-12-31/);
    // One has ended meanwhile, and nothing is changed.
    const stale = await loggedIn(boss, path);
    await call('DELETE', `/access/v1/mandates/${second}`, await personToken(boss));
    await press(stale, /change/, { date: '31.12.2091' });
    assert.equal(stale.page.status, 409);
    assert.match(mainText(stale.page.html), /Skattegrunnlag: Fullmakten er alt avsluttet/);
    assert.match((await standing(boss, first)).validTo, /^2090-12-31/);
  });

  it('changes nothing when one of them rests on what ends before', async () => {
    const { firm, boss } = await newFirm();
    const [deputy, helper] = [await newPerson(), await newPerson()];
    const own = await given(boss, firm, helper, { package: VAT });
    await newMandate(firm, deputy, {
      package: TAX,
      mayPassOn: true,
      validTo: '2031-01-01T00:00:00Z',
    });
    const passed = await given(deputy, firm, helper, { package: TAX });
    const browser = await loggedIn(boss, pathOf(firm, helper, '/change', [own, passed]));
    const before = await standing(boss, own);
    await press(browser, /change/, { date: '31.12.2090' });
    assert.equal(browser.page.status, 409);
    assert.match(mainText(browser.page.html), /Ingenting er endret.*kan ikke gjelde lenger enn/);
    assert.deepEqual(await standing(boss, own), before);
  });

  it('lets all that is paused hold again, powers of attorney and consents alike', async () => {
    const { id, from, to } = await approvedConsent();
    const mandate = await given(from, from, to, { package: 'innbygger-pensjon' });
    const browser = await loggedIn(from, pathOf(from, to));
    const stop = /href="(\/overview\/stop[^"]*)"/.exec(browser.page.html)![1]!;
    await browser.open(unescapeHtml(stop));
    await press(browser, /stop/);
    assert.notEqual((await lookUp(id, from, to)).status, 200);
    await browser.open(pathOf(from, to));
    await press(browser, /resume/);
    assert.equal((await lookUp(id, from, to)).status, 200);
    assert.equal((await standing(from, mandate)).status, 'active');
    assert.doesNotMatch(browser.page.html, /action="[^"]*resume/);
  });

  it('is for the giver’s side, and tells nothing of one who has nothing', async () => {
    const { firm, boss } = await newFirm();
    const [helper, stranger] = [await newPerson(), await newPerson()];
    const id = await given(boss, firm, helper, { package: VAT });
    const theirs = await loggedIn(helper, '/start');
    for (const act of ['', '/end', '/change']) {
      const seen = await theirs.open(pathOf(firm, helper, act, [id]));
      assert.equal(seen.status, 403, act);
    }
    const own = await loggedIn(boss, pathOf(firm, stranger));
    assert.equal(own.page.url.pathname, '/overview/people');
    assert.equal(
      (await own.open(pathOf(firm, { id: crypto.randomUUID() }))).url.pathname,
      '/overview/people',
    );
    for (const act of ['', '/end', '/change'])
      for (const id of [stranger.id, crypto.randomUUID()])
        for (const more of ['', '&offset=1', '&all=yes']) {
          const { url, html } = await own.open(`${pathOf(firm, { id }, act)}${more}`);
          assert.equal(url.pathname, '/overview/people', `${act}${more}`);
          assert.ok(!html.includes(id));
        }
    // Of another party nothing is ended by its id.
    const { firm: other, boss: chief } = await newFirm();
    const foreign = await given(chief, other, helper, { package: VAT });
    await own.open(pathOf(firm, helper, '/end', [id, foreign]));
    await press(own, /end/);
    assert.equal((await standing(chief, foreign)).status, 'active');
    assert.equal((await standing(boss, id)).status, 'ended');
  });

  it('says to nobody else whom one with a protected address has consented to', async () => {
    const [helper, giver, receiver] = [
      await newPerson(),
      await newPerson(),
      await newOrganization('Skjult mottaker AS'),
    ];
    await putParty(giver, { protectedAddress: true });
    const resource = await newConsentResource(['privatperson', 'package:innbygger-pensjon']);
    const consent = await ask(giver, receiver, rightTo(resource));
    await approve(consent, giver);
    for (const name of ['innbygger-tilgangsstyring-privatperson', 'innbygger-pensjon'])
      await given(giver, giver, helper, { package: name });
    const { page } = await loggedIn(helper, pathOf(giver, receiver));
    assert.equal(page.url.pathname, '/overview/people');
    assert.doesNotMatch(page.html, /Skjult mottaker/);
    const ending = await loggedIn(helper, '/start');
    await ending.open(`${pathOf(giver, receiver, '/end')}&all=yes`);
    assert.equal(ending.page.url.pathname, '/overview/people');
    assert.equal((await lookUp(consent, giver, receiver)).status, 200);
  });

  it('ends no consent that another answered for one who is too young to end it', async () => {
    const [child, mother, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    await newRole('foreldreansvar', child, mother);
    const ages = { decidesFrom: 15, parentUntil: 18 };
    const resource = await newConsentResource(['privatperson', 'foreldreansvar'], ages);
    const consent = await ask(child, to, rightTo(resource));
    await approve(consent, mother);
    const browser = await loggedIn(child, `${pathOf(child, to, '/end')}&all=yes`);
    assert.equal(browser.page.url.pathname, '/overview/people');
    assert.equal((await lookUp(consent, child, to)).status, 200);
    const shown = await browser.open(pathOf(child, to));
    assert.match(mainText(shown.html), /En annen har svart på det, og kan avslutte det/);
    assert.match(shown.html, new RegExp(`href="/consents/${consent}"`));
    assert.doesNotMatch(shown.html, /all(=|&#x3D;)yes/);
  });

  it('has for a sub-unit what the main unit gave, and ends it there alone', async () => {
    const { firm, boss } = await newFirm();
    const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
    const helper = await newPerson();
    const id = await given(boss, firm, helper, { package: VAT });
    const browser = await loggedIn(boss, pathOf(unit, helper));
    assert.match(mainText(browser.page.html), /har gitt det\. Det avsluttes der/);
    await browser.open(`${pathOf(unit, helper, '/end')}&all=yes`);
    assert.equal(browser.page.url.pathname, '/overview/people');
    assert.equal((await standing(boss, id)).status, 'active');
    await browser.open(pathOf(unit, helper));
    assert.match(browser.page.html, new RegExp(`people/${helper.id}\\?party(=|&#x3D;)${firm.id}`));
  });
});
