// Powers of attorney as pages: given, looked at, used, paused, changed, ended and renounced by
// those who may, with every error in words and nothing given before it was looked over.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Browser, loggedIn, type Page, press } from '../support/browser.ts';
import { can, decide, given, newFirm, newResource, newTeam } from '../support/rights.ts';
import {
  at,
  call,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  putParty,
  type TestParty,
  world,
} from '../support/world.ts';

const PACKAGE = 'innbygger-pensjon';
const terms = (to: TestParty, more: object = {}) => ({
  number: to.number,
  lastName: lastName(to),
  long: 'half',
  ...more,
});
describe('giving a power of attorney on pages', () => {
  it('finds what, says to whom and how long, is looked over, and given', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, '/give');
    assert.match(browser.page.html, /Gi fullmakt/);
    const found = await browser.open('/give?q=pensjon');
    assert.ok(found.html.includes(PACKAGE));
    await browser.open(`/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(helper));
    assert.match(check.html, /ikke gitt ennå/);
    assert.ok(check.html.includes(helper.name) && !check.html.includes(helper.number));
    // Back to what was typed; looked over in another language; and found again by Back.
    const { pathname, search } = check.url;
    assert.equal(pathname, '/give/check');
    const [, change] = /href="(\/give\/terms[^"]*gift[^"]*)"/.exec(check.html)!;
    const typed = await browser.open(change!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.match(typed.html, new RegExp(`id="number"[^>]*value="${helper.number}"`));
    const other = await browser.open(`${pathname}${search}&lang=nn`);
    assert.match(other.html, /<html lang="nn"[\s\S]*ikkje gitt enno/);
    await browser.open(`${pathname}${search}&lang=nb`);
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    const done = await press(browser, /check/);
    assert.match(done.url.pathname, /^\/overview\/[0-9a-f-]{36}$/);
    assert.match(done.html, /Fullmakten er gitt/);
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
    const inbox = await (await loggedIn(helper, '/inbox')).page;
    assert.match(inbox.html, /Du har fått en fullmakt/);
  });

  it('finds a service by any word of its name, by its id, and not by what stands around it', async () => {
    const giver = await newPerson();
    const id = `under_strek-${randomUUID()}`;
    const word = `Søknad_${randomUUID().slice(0, 8)}`;
    await newResource([can('read', 'privatperson')], {
      identifier: id,
      title: { nb: `Prøve ${word}`, nn: 'Prøve' },
    });
    // Before it by id, and not to be given by a person.
    for (let count = 0; count < 25; count += 1)
      await newResource([can('read', 'dagl')], {
        identifier: `a-${count}-${randomUUID()}`,
        title: { nb: `Annen ${word}`, nn: 'Annan' },
      });
    const browser = await loggedIn(giver, '/give');
    for (const search of [word.toUpperCase(), id])
      assert.ok(
        (await browser.open(`/give?q=${encodeURIComponent(search)}`)).html.includes(id),
        search,
      );
    for (const search of [word.replace('_', 'x'), `${word}%`.replace('_', '_1'), '"nb"'])
      assert.ok(
        !(await browser.open(`/give?q=${encodeURIComponent(search)}`)).html.includes(id),
        search,
      );
  });

  it('finds a package by the name of a service that it opens, and says so', async () => {
    const word = `Prøvetjeneste_${randomUUID().slice(0, 8)}`;
    const title = { nb: word, nn: word };
    await newResource([can('read', `package:${PACKAGE}`)], { title, delegable: false });
    await newResource([can('read', 'package:innbygger-samliv')], { title, visible: false });
    const { firm, boss } = await newFirm();
    await newResource([can('read', 'package:merverdiavgift')], { title });
    const own = await (await loggedIn(await newPerson(), `/give?q=${word}`)).page.html;
    assert.match(own, new RegExp(`${PACKAGE}"[\\s\\S]*Gir tilgang til ${word}`));
    assert.ok(!own.includes('samliv') && !own.includes('merverdiavgift'));
    const theirs = (await loggedIn(boss, `/give?party=${firm.id}&q=${word}`)).page.html;
    assert.match(theirs, new RegExp(`merverdiavgift"[\\s\\S]*Gir tilgang til ${word}`));
    const asked = (await loggedIn(boss, `/ask?q=${word}`)).page.html;
    assert.match(asked, new RegExp(`${PACKAGE}"[\\s\\S]*Gir tilgang til ${word}`));
  });

  it('gives chosen actions of a service, and says which', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('sign', 'privatperson')]);
    const browser = await loggedIn(giver, `/give/terms?resource=${resource}`);
    const none = await press(browser, /terms/, terms(helper));
    assert.match(none.html, /Velg minst én handling/);
    await press(browser, /terms/, terms(helper, { action: 'read' }));
    const done = await press(browser, /check/);
    assert.match(done.html, /<dd>lese<\/dd>/);
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
    assert.equal(await decide(helper, 'sign', resource, giver), 'NotApplicable');
  });

  it('lets who has got one give it on, where that was said, and nothing else of the giver’s', async () => {
    const [giver, helper, third] = [await newPerson(), await newPerson(), await newPerson()];
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    const id = await given(giver, giver, helper, { package: PACKAGE, mayPassOn: true });
    const browser = await loggedIn(helper, `/overview/${id}`);
    const [, on] = /href="(\/give\/terms[^"]*)"[^>]*>Gi videre/.exec(browser.page.html)!;
    await browser.open(on!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.match(browser.page.html, new RegExp(`på vegne av ${giver.name}`));
    await press(browser, /terms/, terms(third));
    assert.match((await press(browser, /check/)).html, /Fullmakten er gitt/);
    assert.equal(await decide(third, 'read', resource, giver), 'Permit');
    // Neither another package of the giver's, nor where nothing was said of giving on.
    const other = `/give/terms?party=${giver.id}&package=innbygger-samliv`;
    assert.equal((await browser.open(other)).status, 403);
    assert.equal((await browser.open(`/give?party=${giver.id}`)).status, 403);
    const bare = await given(giver, giver, third, { package: 'innbygger-samliv' });
    const theirs = await loggedIn(third, `/overview/${bare}`);
    assert.doesNotMatch(theirs.page.html, /Gi videre/);
    assert.equal((await theirs.open(other)).status, 403);
    await call('POST', `/access/v1/mandates/${id}/suspend`, await personToken(giver));
    assert.doesNotMatch((await browser.open(`/overview/${id}`)).html, /Gi videre/);
    const path = `/give/terms?party=${giver.id}&package=${PACKAGE}`;
    assert.equal((await browser.open(path)).status, 403);
  });

  it('gives one case of a service, and no other', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const instance = `sak-${randomUUID()}`;
    const path = `/give/terms?resource=${resource}&instance=${instance}`;
    const browser = await loggedIn(giver, path);
    assert.ok(browser.page.html.includes(instance));
    const check = await press(browser, /terms/, terms(helper, { action: 'read' }));
    assert.match(check.html, new RegExp(`Gjelder saken</dt>\\s*<dd[^>]*>${instance}`));
    const done = await press(browser, /check/);
    assert.match(done.html, /Fullmakten er gitt/);
    const of = (name: string) => [{ AttributeId: 'urn:altinn:resource:instance-id', Value: name }];
    assert.equal(await decide(helper, 'read', resource, giver, of(instance)), 'Permit');
    assert.equal(await decide(helper, 'read', resource, giver, of('sak-2')), 'NotApplicable');
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    // The same again leads to it; the whole service is another thing.
    assert.match((await browser.open(`${check.url.pathname}${check.url.search}`)).html, /er gitt/);
    await browser.open(`/give/terms?resource=${resource}`);
    const whole = await press(browser, /terms/, terms(helper, { action: 'read' }));
    assert.doesNotMatch(whole.html, /gitt fra før/);
    for (const odd of ['æ', '', 'x'.repeat(301)])
      assert.ok((await browser.open(`${path.replace(instance, odd)}`)).status >= 400, odd);
  });

  it('says in words what is wrong, keeps what was typed, and gives nothing', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    for (const [fields, why] of [
      [{}, /Du må rette 2 ting/],
      [terms(helper, { number: '123' }), /11 sifre eller/],
      [terms(helper, { lastName: '' }), /Skriv etternavnet/],
      [terms(helper, { lastName: 'Feil' }), /hører ikke sammen/],
      [terms({ ...helper, number: '01817099999' } as TestParty), /hører ikke sammen|11 sifre/],
      [terms(helper, { long: 'date', date: '30.02.2030' }), /finnes ikke i kalenderen/],
      [terms(helper, { long: 'date', date: '01.01.2020' }), /Datoen må være i dag eller senere/],
      [terms(helper, { long: 'constructor' }), /Velg hvor lenge/],
      [terms(giver), /samme som den gjelder/],
    ] as const) {
      await browser.open(`/give/terms?package=${PACKAGE}`);
      const page = await press(browser, /terms/, fields as Record<string, string>);
      assert.match(page.html, why);
      assert.match(page.html, /<title>Feil: /);
      if ('lastName' in fields && fields.lastName)
        assert.ok(page.html.includes(`value="${fields.lastName}"`));
    }
    const overview = await browser.open('/overview');
    assert.match(overview.html, /Du har ikke gitt noen fullmakt/);
  });

  it('gives what was looked over, by the one who did, and no other or later', async () => {
    const [giver, helper, other] = [await newPerson(), await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(helper));
    const gift = check.url.searchParams.get('gift')!;
    const thief = await loggedIn(other, `/give/terms?package=${PACKAGE}`);
    const own = await press(thief, /terms/, terms(helper));
    const asOf = (page: Page, other: string) => ({
      ...page,
      html: page.html.replaceAll(page.url.searchParams.get('gift')!, other),
    });
    thief.page = asOf(own, gift);
    assert.match((await press(thief, /check/)).html, /TIL-00013/);
    for (const path of ['check', 'terms'])
      assert.match(
        (await thief.open(`/give/${path}?package=${PACKAGE}&gift=${gift}`)).html,
        /TIL-00013/,
      );
    browser.page = check;
    const late = await at(31 * 60_000, () => press(browser, /check/));
    assert.match(late.html, /TIL-00013|eID|Logg inn/);
    browser.page = asOf(check, `${gift.slice(0, -4)}AAAA`);
    const changed = await press(browser, /check/);
    assert.match(changed.html, /TIL-00013/);
  });

  it('says of a number that it is mistyped, and marks the name beside a pair that does not belong together', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const wrong = `${helper.number.slice(0, 10)}${(Number(helper.number[10]) + 1) % 10}`;
    const mistyped = await press(browser, /terms/, { ...terms(helper), number: wrong });
    assert.equal(mistyped.status, 422);
    assert.match(mistyped.html, /<title>Feil: [\s\S]*Nummeret er ikke gyldig/);
    assert.doesNotMatch(mistyped.html, /id="lastName"[^>]*\s+aria-invalid/);
    const pair = await press(browser, /terms/, { ...terms(helper), lastName: 'Feil' });
    assert.match(pair.html, /hører ikke sammen/);
    assert.match(pair.html, /id="lastName"[^>]*number-error[^>]*aria-invalid="true"/);
  });

  it('is of one case where that is named in the form, and says what cannot be its name', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson')]);
    const browser = await loggedIn(giver, `/give/terms?resource=${resource}`);
    const fields = terms(helper, { action: 'read', instance: 'to ord' });
    const odd = await press(browser, /terms/, fields);
    assert.match(odd.html, /uten mellomrom/);
    assert.ok(odd.html.includes('value="to ord"'));
    const check = await press(browser, /terms/, { ...fields, instance: '51001/abc' });
    assert.match(check.html, /Gjelder saken[\s\S]*51001\/abc/);
    const given = await press(browser, /check/);
    assert.match(given.html, /Fullmakten er gitt[\s\S]*51001\/abc/);
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    const package_ = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    assert.doesNotMatch(package_.page.html, /name="instance"/);
  });

  it('tells nobody the name of a party that one has nothing of', async () => {
    const stranger = await newPerson('Hemmelig Navnesen');
    const browser = await loggedIn(await newPerson(), '/start');
    for (const path of ['/give/terms', '/give', '/overview', '/inbox', '/ask']) {
      const page = await browser.open(`${path}?party=${stranger.id}&package=${PACKAGE}`);
      assert.equal(page.status, 403, path);
      assert.ok(!page.html.includes('Navnesen'), path);
    }
  });

  it('takes a surname of two words, and of them the last alone', async () => {
    const [giver, helper] = [await newPerson(), await newPerson('Kari Berg Hansen')];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    for (const [lastName, isRight] of [
      ['berg  hansen', false],
      ['Berg Hansen', true],
      ['hansen', true],
      ['Kari Berg Hansen', false],
      ['Berg', false],
    ] as const) {
      await browser.open(`/give/terms?package=${PACKAGE}`);
      const page = await press(browser, /terms/, { ...terms(helper), lastName });
      assert.equal(/check/.test(page.url.pathname), isRight, lastName);
    }
  });

  it('offers nothing that could not be given: the same service until another day', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('write', 'privatperson')]);
    await given(giver, giver, helper, { resource, actions: ['read'] });
    const browser = await loggedIn(giver, `/give/terms?resource=${resource}`);
    const check = await press(browser, /terms/, terms(helper, { action: 'write' }));
    assert.match(check.html, /data-color="warning"[\s\S]*Se den fullmakten som er gitt/);
    assert.doesNotMatch(check.html, /<button[^>]*>Gi fullmakten</);
  });

  it('says before it is given that it is given already, and leads to it', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(helper));
    assert.match(check.html, /er gitt fra før/);
    assert.ok(check.html.includes(`href="/overview/${id}?`));
    assert.doesNotMatch(check.html, /Gi fullmakten</);
  });

  it('warns of what takes a stronger login before it is given', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson();
    for (const [code, isRisky] of [
      ['hovedadministrator', true],
      ['merverdiavgift', false],
    ] as const) {
      const browser = await loggedIn(boss, `/give/terms?party=${firm.id}&package=${code}`);
      const check = await press(browser, /terms/, terms(helper));
      assert.equal(check.html.includes('gir stor makt'), isRisky);
    }
  });

  it('reads a day as people write it', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    for (const date of ['31122030', '2030-12-31', ' 31/12/2030 ']) {
      const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
      const check = await press(browser, /terms/, terms(helper, { long: 'date', date }));
      assert.match(check.html, /til og med 31\.\s*desember\s*2030/, date);
    }
  });

  it('gives nothing again by the page that gave what has ended meanwhile', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(helper));
    await press(browser, /check/);
    // Back leads to what was given.
    const back = await browser.open(`${check.url.pathname}${check.url.search}`);
    assert.match(back.url.pathname, /^\/overview\//);
    assert.match(back.html, /Fullmakten er gitt/);
    browser.page = check;
    const twice = await press(browser, /check/);
    assert.match(twice.html, /Fullmakten er gitt/, 'a double click is one');
    await browser.open(`${twice.url.pathname}/end`);
    await press(browser, /\/end\?/);
    browser.page = check;
    assert.match((await press(browser, /check/)).html, /TIL-00013/);
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    await browser.open(`/give/terms?package=${PACKAGE}`);
    await press(browser, /terms/, terms(helper));
    await press(browser, /check/);
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit', 'looked over anew');
  });

  it('gives no action again by an old page that has been taken away meanwhile', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('sign', 'privatperson')]);
    const browser = await loggedIn(giver, `/give/terms?resource=${resource}`);
    const check = await press(browser, /terms/, terms(helper, { action: 'sign' }));
    const given = await press(browser, /check/);
    const id = given.url.pathname.split('/').at(-1)!;
    const narrowed = await call('PATCH', `/access/v1/mandates/${id}`, await personToken(giver), {
      actions: ['read'],
    });
    assert.equal(narrowed.status, 200, narrowed.text);
    browser.page = check;
    assert.match((await press(browser, /check/)).html, /TIL-00013/);
    assert.equal(await decide(helper, 'sign', resource, giver), 'NotApplicable');
  });

  it('is for those who may give it: a stranger’s party and package are refused', async () => {
    const [{ firm, boss }, stranger] = [await newFirm(), await newPerson()];
    const browser = await loggedIn(stranger, '/start');
    for (const path of [
      `/give?party=${firm.id}`,
      `/give/terms?party=${firm.id}&package=merverdiavgift`,
      `/overview?party=${firm.id}`,
      `/inbox?party=${firm.id}`,
      '/give/terms?package=no-such',
      '/give/terms',
    ])
      assert.equal((await browser.open(path)).status, 403, path);
    const own = await loggedIn(boss, `/give/terms?party=${firm.id}&package=merverdiavgift`);
    const helper = await newPerson();
    await press(own, /terms/, terms(helper));
    assert.match((await press(own, /check/)).html, /Fullmakten er gitt/);
  });
});

describe('a power of attorney on its page', () => {
  it('says why it ended, where it ended with what it was based on', async () => {
    const [giver, helper, third] = [
      await newPerson(),
      await newPerson('Hans Hjelper'),
      await newPerson(),
    ];
    const id = await given(giver, giver, helper, { package: PACKAGE, mayPassOn: true });
    const below = await given(helper, giver, third, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}/end`);
    await press(browser, /end/);
    const { html } = (await loggedIn(third, `/overview/${below}`)).page;
    assert.match(html, /Denne ble avsluttet fordi fullmakten den bygget på, ble avsluttet/);
    assert.match(html, /ble avsluttet av Hans Hjelper/);
    assert.doesNotMatch((await browser.open(`/overview/${id}`)).html, /fordi fullmakten/);
  });

  it('is one’s own first, also where one sees to whoever gave it, and the giver’s where that is named', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, {
      package: 'innbygger-tilgangsstyring-privatperson',
    });
    const browser = await loggedIn(helper, `/overview/${id}`);
    assert.match(browser.page.html, /Du gjør dette for deg selv[\s\S]*Si fra deg fullmakten/);
    assert.doesNotMatch(browser.page.html, /Sett på pause/);
    const theirs = await browser.open(`/overview/${id}?party=${giver.id}`);
    assert.match(theirs.html, /på vegne av[\s\S]*Avslutt fullmakten/);
    for (const odd of [randomUUID(), 'x'])
      assert.equal((await browser.open(`/overview/${id}?party=${odd}`)).status, 404);
  });

  it('tells every use, a page at a time', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    for (let n = 0; n < 23; n += 1) await decide(helper, 'read', resource, giver);
    await world.app.settle();
    const browser = await loggedIn(giver, `/overview/${id}`);
    const uses = () => browser.page.html.match(/Brukt: /g)?.length ?? 0;
    assert.equal(uses(), 20);
    const [, next] = /href="([^"]*)" rel="next"/.exec(browser.page.html)!;
    await browser.open(next!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    assert.equal(uses(), 3);
    assert.match(browser.page.html, /rel="prev"/);
  });

  it('is paused, let go on, changed and ended by the giver, and says so', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', `package:${PACKAGE}`)]);
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, `/overview/${id}`);
    const status = () => decide(helper, 'read', resource, giver);
    assert.equal(await status(), 'Permit');
    assert.match((await press(browser, /suspend/)).html, /satt på pause/);
    assert.equal(await status(), 'NotApplicable');
    assert.match((await press(browser, /resume/)).html, /gjelder igjen/);
    const told = (await loggedIn(helper, '/inbox')).page.html;
    assert.match(told, /gjelder igjen etter en pause[\s\S]*satt på pause/);
    assert.equal(await status(), 'Permit');
    await world.app.settle();
    assert.match((await browser.open(`/overview/${id}`)).html, /Hva er den brukt til/);
    await browser.open(`/overview/${id}/change`);
    assert.match(
      (await press(browser, /change/, { date: '1.1.2020' })).html,
      /Datoen må være i dag eller senere/,
    );
    assert.match((await press(browser, /change/, { date: 'snart' })).html, /dag\.måned\.år/);
    assert.match((await press(browser, /change/, { date: '1.1.2200' })).html, /før år 2200/);
    await browser.open(`/overview/${id}/change`);
    const same = await press(browser, /change/);
    assert.match(same.html, /Ingenting er endret/);
    assert.doesNotMatch(same.html, /Endret av/);
    await browser.open(`/overview/${id}/change`);
    const changed = await press(browser, /change/, { date: '31.12.2030' });
    assert.match(changed.html, /til og med 31\.\s*desember\s*2030/);
    assert.match(
      changed.html,
      /Endret av [^<]*31\.\s*desember\s*2030 \(før: til den blir avsluttet\)/,
    );
    // By its reference it can be asked about, and is found.
    const [, reference] = /Referanse<\/dt>\s*<dd[^>]*>([0-9A-Z]{5}-[0-9A-Z]{5})/.exec(
      changed.html,
    )!;
    for (const path of ['overview', 'consents']) {
      const typed = encodeURIComponent(reference!.toLowerCase().replace('-', ' '));
      const found = await browser.open(`/${path}?q=${typed}`);
      assert.equal(found.url.pathname, `/overview/${id}`, path);
    }
    const other = await loggedIn(await newPerson(), `/overview?q=${reference}`);
    assert.equal(other.page.url.pathname, '/overview');
    await browser.open(`/overview/${id}/end`);
    assert.match((await press(browser, /end/)).html, /Fullmakten er avsluttet/);
    for (const step of ['end', 'change'])
      assert.equal(
        (await browser.open(`/overview/${id}/${step}`)).url.pathname,
        `/overview/${id}`,
        'what has ended is neither ended nor changed',
      );
    assert.equal(await status(), 'NotApplicable');
    assert.match((await browser.open('/overview?show=ended')).html, new RegExp(id));
  });

  it('is given more and less to do without ending, and no more than may be given', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([
      ...['read', 'write', 'sign'].map((action) => can(action, 'privatperson')),
      can('delete', 'dagl'),
    ]);
    const id = await given(giver, giver, helper, { resource, actions: ['read', 'write'] });
    const may = (action: string) => decide(helper, action, resource, giver);
    const browser = await loggedIn(giver, `/overview/${id}/change`);
    assert.match(browser.page.html, />Signere</);
    assert.doesNotMatch(browser.page.html, />Slette</);
    const done = await press(browser, /change/, { action: 'read sign' });
    assert.match(done.html, /Endringene er lagret/);
    assert.deepEqual(await Promise.all(['read', 'write', 'sign'].map(may)), [
      'Permit',
      'NotApplicable',
      'Permit',
    ]);
    await browser.open(`/overview/${id}/change`);
    assert.match((await press(browser, /change/)).html, /Velg minst én handling/);
    await browser.open(`/overview/${id}/change`);
    assert.match(
      (await press(browser, /change/, { action: 'read delete' })).html,
      /finnes ikke|har ikke retten/,
    );
    assert.equal(await may('delete'), 'NotApplicable');
    await browser.open(`/overview/${id}/change`);
    await press(browser, /change/, { action: 'read sign', passOn: 'yes' });
    assert.match(browser.page.html, /Kan gis videre<\/dt>\s*<dd>Ja/);
  });

  it('undoes nothing that somebody changed since the form was shown', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const resource = await newResource([can('read', 'privatperson'), can('sign', 'privatperson')]);
    const id = await given(giver, giver, helper, { resource, actions: ['read', 'sign'] });
    const [one, other] = [
      await loggedIn(giver, `/overview/${id}/change`),
      await loggedIn(giver, `/overview/${id}/change`),
    ];
    await press(one, /change/, { action: 'read' });
    await press(other, /change/, { action: 'read sign', date: '31.12.2030' });
    assert.match(other.page.html, /til og med 31\.\s*desember\s*2030/);
    assert.equal(await decide(helper, 'sign', resource, giver), 'NotApplicable');
    assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
  });

  it('is renounced by the receiver, who may not pause or change it', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}`);
    assert.ok(!browser.page.html.includes('/suspend') && !browser.page.html.includes('/change'));
    assert.match((await browser.open('/overview?show=received')).html, new RegExp(id));
    await browser.open(`/overview/${id}/end`);
    assert.match(browser.page.html, /si fra deg/i);
    await press(browser, /end/);
    assert.match((await browser.open('/overview?show=ended')).html, new RegExp(id));
  });

  it('is not there for anybody else, and no form of another session is taken', async () => {
    const [giver, helper, stranger] = [await newPerson(), await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(stranger, `/overview/${id}`);
    assert.equal(browser.page.status, 404);
    for (const path of ['end', 'change'])
      assert.equal((await browser.open(`/overview/${id}/${path}`)).status, 404);
    assert.equal((await browser.open('/overview/x')).status, 404);
    const own = await loggedIn(giver, `/overview/${id}`);
    const page = await press(own, /suspend/, { csrf: 'wrong' });
    assert.match(page.html, /TIL-00013/);
  });

  it('of a register is read only, with its register', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    await newRole('dagl', firm, boss);
    const browser = await loggedIn(boss, `/overview?party=${firm.id}&show=statutory`);
    const [, id] = /href="\/overview\/([0-9a-f-]{36})\?/.exec(browser.page.html)!;
    const page = await browser.open(`/overview/${id}`);
    assert.match(page.html, /Enhetsregisteret/);
    assert.ok(!page.html.includes('/suspend') && !page.html.includes(`/overview/${id}/end`));
  });
});

describe('the way in', () => {
  it('says what this is, and logs in', async () => {
    const browser = new Browser();
    const front = await browser.open('/');
    assert.deepEqual([front.status, front.url.pathname], [200, '/']);
    assert.match(front.html, /href="\/start"/);
    const person = await newPerson();
    const start = await loggedIn(person, '/start');
    assert.match(start.page.html, new RegExp(`Hei, ${person.name}`));
  });

  it('tells what is new, until it is read', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, '/start');
    assert.match(browser.page.html, /Én ny beskjed/);
    assert.match((await browser.open('/inbox')).html, />Ny</);
    assert.match((await browser.open('/start')).html, /ingen nye beskjeder/);
    assert.doesNotMatch((await browser.open('/inbox')).html, />Ny</);
    await given(giver, giver, helper, { package: 'innbygger-samliv' });
    // What a browser fetches beforehand nobody has seen.
    const ahead = { headers: { 'sec-purpose': 'prefetch', cookie: browser.cookies('session') } };
    assert.equal((await fetch(`${world.url}/inbox`, ahead)).status, 200);
    const cookie = browser.cookies('session');
    for (const other of [
      { method: 'HEAD', headers: { cookie } },
      { headers: { cookie, 'sec-fetch-site': 'cross-site' } },
    ] as RequestInit[])
      assert.equal((await fetch(`${world.url}/inbox`, other)).status, 200);
    assert.match((await browser.open('/start')).html, /Én ny beskjed/);
  });

  it('marks a company’s as read when one says so: what was shown, and not what came since', async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: 'merverdiavgift' });
    const browser = await loggedIn(boss, `/inbox?party=${firm.id}`);
    await browser.open(`/inbox?party=${firm.id}`);
    assert.match(browser.page.html, />Ny</);
    await given(boss, firm, clerk, { package: 'toll' });
    await press(browser, /inbox/);
    assert.equal(browser.page.html.match(/>Ny</g)!.length, 1);
    await press(browser, /inbox/);
    assert.doesNotMatch(browser.page.html, />Ny</);
  });

  it('tells a child’s other parent whose it is, and never that one has got it', async () => {
    const [child, mother, father] = [await newPerson(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 9}-01-02` });
    for (const parent of [mother, father]) await newRole('foreldreansvar', child, parent);
    const resource = await newResource([can('read', 'privatperson')], {
      decidesFrom: 8,
      parentUntil: 18,
    });
    await given(child, child, await newPerson(), { resource, actions: ['read'] });
    const browser = await loggedIn(father, '/inbox');
    const { page } = browser;
    assert.match(page.html, /for en du har ansvar for/);
    assert.doesNotMatch(page.html, /Du har fått en fullmakt/);
  });

  it('says that something was done only while it is so', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, '/start');
    for (const forged of ['ended', 'suspended'])
      assert.doesNotMatch(
        (await browser.open(`/overview/${id}?${forged}`)).html,
        /ds-alert" data-color="success"/,
      );
  });

  it('answers a pause that is refused on the page itself, and never with a way to end', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(helper, `/overview/${id}/end`);
    browser.page.html = browser.page.html.replaceAll(`/${id}/end`, `/${id}/suspend`);
    const page = await press(browser, /suspend/);
    assert.equal(page.status, 403);
    assert.doesNotMatch(page.html, /Vil du (avslutte|si fra deg)/);
    assert.doesNotMatch((await browser.open(`/overview/${id}`)).html, /Satt på pause/);
  });

  it('shows the number of an organisation before it is given anything', async () => {
    const [giver, firm] = [await newPerson(), await newOrganization()];
    const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
    const check = await press(browser, /terms/, terms(firm));
    assert.match(check.html, /organisasjonsnummer \d{3}/);
  });

  it('asks nobody for a login who has the level already', async () => {
    const browser = await loggedIn(await newPerson(), '/start');
    await browser.open('/step-up?level=3&to=/inbox');
    assert.equal(browser.page.url.pathname, '/inbox');
  });

  it('steps up within this site alone', async () => {
    const browser = new Browser();
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'x', ''])
      assert.equal(
        (await browser.open(`/step-up?level=4&to=${encodeURIComponent(to)}`)).status,
        404,
      );
    assert.equal((await browser.open('/step-up?level=9&to=/start')).status, 404);
    const eid = await browser.open('/step-up?level=4&to=/start');
    assert.ok(eid.url.href.startsWith(world.env.eid.issuer));
  });
});

describe('a form whose session is gone', () => {
  it('is answered in words with the way back, and nothing is done', async () => {
    const [giver, helper] = [await newPerson(), await newPerson()];
    const id = await given(giver, giver, helper, { package: PACKAGE });
    const browser = await loggedIn(giver, `/overview/${id}/end`);
    browser.forget('');
    const page = await press(browser, /end/);
    assert.equal(page.status, 401);
    assert.match(page.html, /Du er logget ut/);
    assert.match(page.html, new RegExp(`href="/overview/${id}/end`));
    const overview = await (await loggedIn(giver, '/overview')).page;
    assert.match(overview.html, new RegExp(id));
  });
});
