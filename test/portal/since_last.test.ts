// What one did oneself: told once at the next login where it lets others do more, since somebody
// else may have had the login; history otherwise. And the page behind «Var det ikke deg?».
import assert from 'node:assert/strict';
import { newPair } from '../support/rights/rights.ts';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../support/pages/browser.ts';
import {
  change,
  end,
  given,
  newConsentResource,
  newFirm,
  rightTo,
} from '../support/rights/rights.ts';
import {
  approve,
  ask,
  at,
  call,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  reject,
  withdraw,
  world,
  type TestParty,
} from '../support/world.ts';

const PENSION = { package: 'innbygger-pensjon' };
/** The start page after a login that begins now. */
const start = async (who: TestParty) => mainText((await loggedIn(who, '/start')).page.html);
const changed = async (actor: TestParty, id: string, to: object) => {
  const answer = await change(actor, id, to);
  assert.equal(answer.status, 200, answer.text);
};

describe('what one did oneself', () => {
  let person: TestParty;
  let helper: TestParty;
  beforeEach(async () => {
    [person, helper] = await newPair('Prøve Person', 'Hanne Hjelper');
  });

  it('is not told at a stronger login that goes on with the one it was done in', async () => {
    const browser = await loggedIn(person, '/start');
    await given(person, person, helper, PENSION);
    await browser.open('/step-up?to=/start&level=4');
    await browser.logIn(person);
    assert.equal(browser.page.url.pathname, '/start');
    assert.doesNotMatch(browser.page.html, /Siden sist/);
    await browser.open('/logout');
    await press(browser, /logout/);
    assert.match(await start(person), /Siden sist: Du ga Hanne Hjelper/);
  });

  it('and lets another do more is told at the next login, once, with the way to undo it', async () => {
    await given(person, person, helper, PENSION);
    const browser = await loggedIn(person, '/start');
    assert.match(
      mainText(browser.page.html),
      /Siden sist: Du ga Hanne Hjelper «Pensjon» .+ Var det ikke deg\?/,
    );
    const [, way = ''] = /href="(\/overview\/stop[^"]*)"/.exec(browser.page.html) ?? [];
    assert.match(
      (await browser.open(unescapeHtml(way))).html,
      /Vil du sette alt Hanne Hjelper har fått, på pause\?/,
    );
    assert.doesNotMatch((await browser.open('/start')).html, /Siden sist/);
    assert.doesNotMatch(await start(person), /Siden sist/);
    assert.doesNotMatch(await start(helper), /Siden sist/, 'it was not the helper');
  });

  it('is not told at the login in which it was done', async () => {
    const browser = await loggedIn(person, '/start');
    await at(60_000, async () => {
      await given(person, person, helper, PENSION);
      assert.doesNotMatch((await browser.open('/start')).html, /Siden sist/);
      await at(120_000, async () => assert.match(await start(person), /Siden sist/));
    });
  });

  it('is not used up by a browser that fetches ahead', async () => {
    await given(person, person, helper, PENSION);
    const browser = await loggedIn(person, '/inbox');
    await fetch(new URL('/start', world.url), {
      headers: { 'sec-purpose': 'prefetch', cookie: await browser.cookies('session') },
    });
    assert.match(mainText((await browser.open('/start')).html), /Siden sist/);
  });

  it('is told of a yes, of what was widened and of what goes on again', async () => {
    const bank = await newOrganization('Banken AS');
    const resource = await newConsentResource(['privatperson']);
    await approve(await ask(person, bank, rightTo(resource)), person);
    assert.match(await start(person), /Siden sist: Du ga Banken AS samtykke til «Prøve»/);
    const id = await given(person, person, helper, { ...PENSION, validTo: inDays(10) });
    await start(person);
    await changed(person, id, { validTo: inDays(20) });
    assert.match(await start(person), /Siden sist: Du endret «Pensjon» for Hanne Hjelper/);
    const act = async (name: string) =>
      call('POST', `/access/v1/mandates/${id}/${name}`, await personToken(person));
    await act('suspend');
    await act('resume');
    assert.match(await start(person), /Du lot «Pensjon» gjelde igjen for Hanne Hjelper/);
  });

  it('is history where it lets others do less: ended, narrowed, refused, withdrawn', async () => {
    const bank = await newOrganization();
    const resource = await newConsentResource(['privatperson']);
    const ids = [
      await given(person, person, helper, { ...PENSION, validTo: inDays(10) }),
      await given(person, person, await newOrganization(), PENSION),
    ];
    const consent = await ask(person, bank, rightTo(resource));
    await approve(consent, person);
    await start(person);
    await changed(person, ids[0]!, { validTo: inDays(5) });
    await end(person, ids[1]!);
    await withdraw(consent, person);
    await reject(await ask(person, bank, { ...rightTo(resource), validTo: inDays(9) }), person);
    const shown = await start(person);
    assert.doesNotMatch(shown, /Siden sist/);
    assert.match(shown, /du har ingen nye beskjeder/);
  });

  it('is told though many others were done and ended after it, and the rest has its turn', async () => {
    await given(person, person, helper, PENSION);
    for (let count = 0; count < 7; count += 1)
      await end(person, await given(person, person, await newOrganization(), PENSION));
    assert.match(await start(person), /Siden sist: Du ga Hanne Hjelper/);
    for (let count = 0; count < 7; count += 1)
      await given(person, person, await newPerson(`Nr ${'ABCDEFG'[count]}`), PENSION);
    const [first, second] = [await start(person), await start(person)];
    assert.equal(first.split('Siden sist').length - 1, 5);
    assert.equal(second.split('Siden sist').length - 1, 2);
  });

  it('is not told when it has ended since', async () => {
    await end(person, await given(person, person, helper, PENSION));
    assert.doesNotMatch(await start(person), /Siden sist/);
  });

  it('for a company is told its doer, and counted as news to the others', async () => {
    const { firm, boss } = await newFirm();
    const other = await newPerson();
    await newRole('dagl', firm, other);
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    const shown = await start(boss);
    assert.match(
      shown,
      new RegExp(`Du ga Hanne Hjelper «Merverdiavgift» på vegne av ${firm.name}`, 'i'),
    );
    assert.doesNotMatch(shown, /nye? beskjed(er)? til/);
    const theirs = await start(other);
    assert.doesNotMatch(theirs, /Siden sist/);
    assert.match(theirs, /Én ny beskjed til/);
  });
});

describe('a line of the inbox about what was done', () => {
  it('names who did it and what changed; one’s own is not new', async () => {
    const { firm, boss } = await newFirm();
    const [clerk, helper] = [await newPerson('Klara Kontorist'), await newPerson()];
    await given(boss, firm, clerk, { package: 'tilgangsstyrer' });
    const id = await given(boss, firm, helper, {
      package: 'merverdiavgift',
      validTo: inDays(10),
    });
    await changed(boss, id, { validTo: inDays(20) });
    const inbox = async (who: TestParty) => {
      const { html } = (await loggedIn(who, `/inbox?party=${firm.id}`)).page;
      return mainText(html);
    };
    const theirs = await inbox(clerk);
    assert.match(theirs, new RegExp(`Ny En fullmakt er endret\\. .*Gjort av ${boss.name}\\.`, 'i'));
    assert.match(theirs, /Gjelder: til .+ \(før: til .+\)\./);
    const own = await inbox(boss);
    assert.match(own, /Du gjorde dette\. Gjelder: til/);
    assert.doesNotMatch(own, / Ny /);
  });
});

describe('the page behind «Var det ikke deg?»', () => {
  it('says no, pauses all, shows what is paused and leads to other logins', async () => {
    const [person, helper] = [await newPerson(), await newPerson('Hanne Hjelper')];
    await given(person, person, helper, PENSION);
    const query = new URLSearchParams({
      party: helper.id,
      to: person.id,
      package: 'innbygger-skatteforhold-privatpersoner',
    });
    const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
    const asked = await call('POST', path, await personToken(helper));
    assert.equal(asked.status, 201, asked.text);
    const browser = await loggedIn(person, '/inbox');
    const [, way = ''] = /href="(\/overview\/stop[^"]*)"/.exec(browser.page.html) ?? [];
    const page = await browser.open(unescapeHtml(way));
    const shown = mainText(page.html);
    assert.match(shown, /Hanne Hjelper ber om dette .*Si nei/);
    assert.match(shown, /Pensjon/);
    assert.match(page.html, /href="\/sessions"/);
    await press(browser, /reject/);
    await browser.open(unescapeHtml(way));
    assert.doesNotMatch(mainText(browser.page.html), /ber om dette/);
    const after = await press(browser, /stop/);
    assert.equal(heading(after), 'Det Hanne Hjelper har fått, er på pause');
    assert.match(after.html, /Alt Hanne Hjelper har fått, er satt på pause/);
    const [, mandate = ''] = /href="(\/overview\/[0-9a-f-]{36}[^"]*)"/.exec(after.html) ?? [];
    await browser.open(unescapeHtml(mandate));
    assert.match((await press(browser, /resume/)).html, /gjelder igjen|Fullmakten gjelder/);
  });

  it('does not confirm to a child a receiver that a law hides from it', async () => {
    const child = await newPerson();
    const parent = await newPerson();
    const to = await newOrganization('Barnevernet i Bortgjemt');
    const bornOn = `${new Date().getUTCFullYear() - 12}-01-02`;
    await putParty(child, { bornOn });
    await newRole('foreldreansvar', child, parent);
    const law = { nb: 'loven § 1', nn: 'lova § 1', en: 'the Act § 1' };
    const resource = await newConsentResource(['foreldreansvar'], {
      notShownTo: { who: ['child'], law },
    });
    const id = await ask(child, to, rightTo(resource));
    assert.equal((await approve(id, parent)).status, 200);
    const { page } = await loggedIn(child, `/overview/stop?party=${child.id}&receiver=${to.id}`);
    assert.equal(page.url.pathname, '/overview');
    assert.doesNotMatch(page.html, /Bortgjemt/);
  });
});
