// Several things to several receivers in one look-over and one act, which is whole or says which
// could not be given and why.
import assert from 'node:assert/strict';
import { newPair } from '../../support/rights/rights.ts';
import { heading, loggedIn, mainText, press, unescapeHtml } from '../../support/pages/browser.ts';
import { dayIn, terms } from '../../support/pages/giving.ts';
import {
  can,
  decide,
  given,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
} from '../../support/rights/rights.ts';
import {
  at,
  call,
  importThis,
  inDays,
  newPerson,
  personToken,
  putParty,
} from '../../support/world.ts';

const PACKAGES = ['merverdiavgift', 'toll', 'skattegrunnlag'];
const formAt = (firm: { id: string }, more: [string, string][] = []) =>
  `/give/terms?${new URLSearchParams([
    ['party', firm.id],
    ...PACKAGES.map((code): [string, string] => ['package', code]),
    ...more,
  ])}`;
const fields = (more: [string, string][]) => new URLSearchParams([['long', 'half'], ...more]);
const heldBy = async (boss: { id: string }, firm: { id: string }, to: { id: string }) => {
  const path = `${MANDATES}?from=${firm.id}&to=${to.id}`;
  const { body } = await call('GET', path, await personToken(boss));
  return (body.data as { package: string }[]).map((one) => one.package.split(':').at(-1)).sort();
};

describe('giving several things together', () => {
  it('is chosen by ticks, which a search keeps, and named on the next page', async () => {
    const { firm, boss } = await newFirm();
    const browser = await loggedIn(boss, `/give?party=${firm.id}`);
    assert.match(browser.page.html, /type="checkbox" name="package" id="package-toll"/);
    await browser.open(`/give?party=${firm.id}&package=toll&q=merverdiavgift`);
    assert.match(mainText(browser.page.html), /Valgt Toll/);
    assert.match(browser.page.html, /id="chosen-toll" value="toll" checked/);
    await browser.open(`/give/terms?party=${firm.id}&q=`);
    assert.match(mainText(browser.page.html), /Velg minst én ting/);
    await browser.open(formAt(firm));
    assert.match(heading(browser.page), /3 fullmakter/);
    for (const name of [/Merverdiavgift/, /Toll/, /Skattegrunnlag/])
      assert.match(mainText(browser.page.html), name);
  });

  it('gives all to all in one act, known receivers by a tick and a new one by number', async () => {
    const { firm, boss } = await newFirm();
    const [known, fresh] = [await newPerson('Kjent Karlsen'), await newPerson('Ny Nilsen')];
    await putParty(known, { bornOn: '1971-05-17' });
    await given(boss, firm, known, { package: 'toll' });
    const browser = await loggedIn(boss, formAt(firm));
    assert.match(browser.page.html, /Kjent Karlsen \(født 1971\)/);
    const typed = fields([
      ['to', known.id],
      ['number', fresh.number],
      ['lastName', 'Nilsen'],
    ]);
    await browser.submit(typed, undefined, { to: /terms/ });
    const text = mainText(browser.page.html);
    assert.match(text, /Fullmaktene er ikke gitt ennå/);
    assert.match(text, /gitt fra før, og blir ikke endret: Kjent Karlsen: Toll/);
    assert.deepEqual(await heldBy(boss, firm, fresh), []);
    await press(browser, /check/);
    assert.match(heading(browser.page), /fullmakter er gitt/);
    assert.deepEqual(await heldBy(boss, firm, fresh), [...PACKAGES].sort());
    assert.deepEqual(await heldBy(boss, firm, known), [...PACKAGES].sort());
    assert.equal(await decide(fresh, 'read', 'mva-melding', firm), 'Permit');
  });

  it('offers to tick those who have something, also what was brought in from elsewhere', async () => {
    const [{ firm, boss }, known, stranger] = [
      await newFirm(),
      await newPerson('Innført Iversen'),
      await newPerson('Ukjent Ulriksen'),
    ];
    await newMandate(firm, known, { package: 'toll' });
    const { html } = (await loggedIn(boss, formAt(firm))).page;
    assert.match(html, /Innført Iversen/);
    assert.doesNotMatch(html, new RegExp(stranger.name));
  });

  it('names new receivers once each, and by no id that the form was not shown', async () => {
    const { firm, boss } = await newFirm();
    const [one, other, stranger] = [
      await newPerson('Første Fossum'),
      await newPerson('Andre Aasen'),
      await newPerson(),
    ];
    const browser = await loggedIn(boss, formAt(firm));
    const named = (who: { number: string }, lastName: string): [string, string][] => [
      ['number', who.number],
      ['lastName', lastName],
    ];
    await browser.submit(fields([...named(one, 'Fossum'), ['add', 'yes']]), undefined, {
      to: /terms/,
    });
    const [, sealed] = /name="to" id="to-0" value="([^"]*)" checked/.exec(browser.page.html)!;
    assert.match(browser.page.html, /Første Fossum/);
    assert.doesNotMatch(browser.page.html, new RegExp(one.number));
    const add = fields([['to', sealed!], ...named(other, 'Feil'), ['add', 'yes']]);
    await browser.submit(add, undefined, { to: /terms/ });
    assert.match(mainText(browser.page.html), /hører ikke sammen/);
    assert.match(browser.page.html, /Første Fossum/);
    await browser.submit(fields([['to', sealed!], ...named(other, 'Aasen')]), undefined, {
      to: /terms/,
    });
    const check = browser.page;
    assert.match(mainText(check.html), /Første Fossum[\s\S]*Andre Aasen/);
    await press(browser, /check/);
    for (const who of [one, other])
      assert.deepEqual(await heldBy(boss, firm, who), [...PACKAGES].sort());
    // Sealed for the firm, it is no receiver of the person's own.
    const own = await loggedIn(boss, '/give/terms?package=innbygger-pensjon');
    await own.submit(fields([['to', sealed!]]), undefined, { to: /terms/ });
    assert.match(mainText(own.page.html), /har ikke noe her lenger/);
    // A stranger's id, and what was sealed for another giver.
    const { firm: second, boss: chief } = await newFirm();
    for (const [person, party, to] of [
      [boss, firm, stranger.id],
      [chief, second, sealed!],
      [boss, firm, crypto.randomUUID()],
    ] as const) {
      const again = await loggedIn(person, formAt(party));
      await again.submit(fields([['to', to]]), undefined, { to: /terms/ });
      assert.match(mainText(again.page.html), /har ikke noe her lenger/);
    }
  });

  it('gives nothing where one thing cannot be given, names it, and leads to the rest', async () => {
    const { firm, boss } = await newFirm();
    const [deputy, helper] = [await newPerson(), await newPerson('Hjelper Hauge')];
    for (const code of ['merverdiavgift', 'toll'])
      await newMandate(firm, deputy, {
        package: code,
        mayPassOn: true,
        ...(code === 'toll' ? { validTo: inDays(20) } : {}),
      });
    const path = `/give/terms?party=${firm.id}&package=merverdiavgift&package=toll`;
    const browser = await loggedIn(deputy, path);
    await press(browser, /terms/, terms(helper, { lastName: 'Hauge' }));
    await press(browser, /check/);
    assert.equal(browser.page.status, 409);
    assert.match(mainText(browser.page.html), /Hjelper Hauge: Toll: .*kan ikke gjelde lenger enn/);
    assert.deepEqual(await heldBy(boss, firm, helper), []);
    const [, rest] = /class="ds-button" href="([^"]*check[^"]*)"/.exec(browser.page.html)!;
    await browser.open(unescapeHtml(rest!));
    assert.doesNotMatch(mainText(browser.page.html), /er gitt fra før/);
    await press(browser, /check/);
    assert.deepEqual(await heldBy(boss, firm, helper), ['merverdiavgift']);
  });

  it('asks for actions of each service, and gives those that were ticked', async () => {
    const [giver, helper] = await newPair();
    const [one, other] = [
      await newResource([can('read', 'privatperson'), can('sign', 'privatperson')]),
      await newResource([can('read', 'privatperson')]),
    ];
    const browser = await loggedIn(giver, `/give/terms?resource=${one}&resource=${other}`);
    const send = (actions: string[]) =>
      browser.submit(
        new URLSearchParams([
          ...Object.entries(terms(helper)),
          ...actions.map((action): [string, string] => ['action', action]),
        ]),
        undefined,
        { to: /terms/ },
      );
    await send([`${one}:read`]);
    assert.match(mainText(browser.page.html), /minst én handling for hver tjeneste/);
    await send([`${one}:read`, `${other}:read`]);
    await press(browser, /check/);
    assert.equal(await decide(helper, 'read', one, giver), 'Permit');
    assert.equal(await decide(helper, 'sign', one, giver), 'NotApplicable');
    assert.equal(await decide(helper, 'read', other, giver), 'Permit');
  });

  it('begins on a day, and ends within five years of a person', async () => {
    const [giver, helper] = await newPair();
    const pension = 'innbygger-pensjon';
    const resource = await newResource([can('read', `package:${pension}`)]);
    const browser = await loggedIn(giver, `/give/terms?package=${pension}`);
    const far = terms(helper, { long: 'date', date: dayIn(5 * 366 + 2) });
    await press(browser, /terms/, far);
    assert.match(mainText(browser.page.html), /høyst fem år/);
    const odd = terms(helper, { long: 'date', date: dayIn(10), start: dayIn(12) });
    await press(browser, /terms/, odd);
    assert.match(mainText(browser.page.html), /Siste dag kan ikke være før første dag/);
    await press(browser, /terms/, terms(helper, { start: dayIn(-1) }));
    assert.match(mainText(browser.page.html), /Datoen må være i dag eller senere/);
    await press(browser, /terms/, terms(helper, { start: dayIn(12) }));
    assert.match(mainText(browser.page.html), /Gjelder fra/);
    await press(browser, /check/);
    assert.match(mainText(browser.page.html), /Gjelder snart/);
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    await at(13 * 86_400_000, async () =>
      assert.equal(await decide(helper, 'read', resource, giver), 'Permit'),
    );
  });

  it('is given once by a double press, and once more shows what was given', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    const browser = await loggedIn(boss, formAt(firm));
    const check = await press(browser, /terms/, terms(helper));
    await press(browser, /check/);
    assert.match(heading(browser.page), /3 fullmakter er gitt/);
    browser.page = check;
    await press(browser, /check/);
    assert.match(heading(browser.page), /3 fullmakter er gitt/);
    // One was taken back: the page that gave it does not give it again.
    const { body } = await call(
      'GET',
      `${MANDATES}?from=${firm.id}&to=${helper.id}`,
      await personToken(boss),
    );
    await call('DELETE', `${MANDATES}/${body.data[0].id}`, await personToken(boss));
    browser.page = check;
    await press(browser, /check/);
    assert.equal(browser.page.status, 409);
    assert.match(mainText(browser.page.html), /avsluttet eller endret etter at du så over dette/);
    assert.equal((await heldBy(boss, firm, helper)).length, 2);
  });

  it('lasts until it is ended where a firm’s packages allow that, and names no end by itself', async () => {
    const [{ firm, boss }, helper, person] = [
      await newFirm(),
      await newPerson(),
      await newPerson(),
    ];
    const browser = await loggedIn(boss, formAt(firm));
    assert.doesNotMatch(browser.page.html, /name="long"[^>]*checked/);
    await press(browser, /terms/, terms(helper, { long: 'ended' }));
    assert.match(mainText(browser.page.html), /Gjelder til den blir avsluttet/);
    await press(browser, /check/);
    const { body } = await call(
      'GET',
      `${MANDATES}?from=${firm.id}&to=${helper.id}`,
      await personToken(boss),
    );
    assert.deepEqual(
      body.data.map((one: { validTo: string | null }) => one.validTo),
      [null, null, null],
    );
    const [code, T] = [`med-slutt-${crypto.randomUUID()}`, { nb: 'Prøve', nn: 'Prøve' }];
    const about = { area: 'forhold_ved_virksomheten', forKind: 'organization', name: T };
    await importThis({
      packages: [{ ...about, code, description: T, endless: false }],
      rolePackages: [{ role: 'dagl', packages: [code], give: true }],
    });
    for (const [who, path] of [
      [person, '/give/terms?package=innbygger-pensjon'],
      [boss, `/give/terms?party=${firm.id}&package=toll&package=${code}`],
    ] as const) {
      const other = await loggedIn(who, path);
      assert.doesNotMatch(other.page.html, /long-ended/);
      await press(other, /terms/, terms(helper, { long: 'ended' }));
      assert.match(mainText(other.page.html), /Velg hvor lenge/);
    }
  });

  it('says which services a package opens, by owner, and that they can be more', async () => {
    const word = `Ordet${crypto.randomUUID().slice(0, 6)}`;
    const named = { nb: word, nn: word, en: word };
    const hidden = { nb: `${word} skjult`, nn: word, en: word };
    await newResource([can('read', 'package:toll')], { title: named });
    await newResource([can('read', 'package:toll')], { title: hidden, visible: false });
    const browser = await loggedIn(await newPerson(), '/packages/toll');
    const text = mainText(browser.page.html);
    assert.match(text, new RegExp(word));
    assert.doesNotMatch(text, /skjult/);
    const [, way] = /href="(\/who-can[^"]*)"/.exec(browser.page.html)!;
    assert.notEqual((await browser.open(unescapeHtml(way!))).status, 500);
    const { firm, boss } = await newFirm();
    const own = await loggedIn(boss, `/give/terms?party=${firm.id}&package=toll`);
    const [, opens] = /href="(\/packages\/toll[^"]*)"/.exec(own.page.html)!;
    const { html } = await own.open(unescapeHtml(opens!));
    const [, who] = /href="(\/who-can[^"]*)"/.exec(html)!;
    const shown = await own.open(unescapeHtml(who!));
    assert.match(mainText(shown.html), new RegExp(`for ${firm.name}`));
    assert.match(text, /Når en tjenesteeier lager en ny tjeneste/);
    assert.equal((await browser.open('/packages/no-such')).status, 404);
  });
});
