// Giving a power of attorney on pages: found, said to whom and how long, looked over and given,
// with every error in words and nothing given before it was looked over.
import assert from 'node:assert/strict';
import { can, decide, given, newFirm, newPair, newResource } from '../../support/rights/rights.ts';
import { randomUUID } from 'node:crypto';
import { loggedIn, type Page, press } from '../../support/pages/browser.ts';
import { at, call, newPerson, personToken, type TestParty } from '../../support/world.ts';
import { PACKAGE, terms } from '../../support/pages/giving.ts';

describe('giving a power of attorney on pages', () => {
  it('finds what, says to whom and how long, is looked over, and given', async () => {
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
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
    const [[giver, third], helper] = [await newPair(), await newPerson()];
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
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
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
    assert.match(overview.html, /Ingen fullmakt er gitt/);
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
    assert.match((await press(thief, /check/)).html, /TIL-00046/);
    for (const path of ['check', 'terms'])
      assert.match(
        (await thief.open(`/give/${path}?package=${PACKAGE}&gift=${gift}`)).html,
        /hørte til en annen innlogging[\s\S]*TIL-00046/,
      );
    browser.page = check;
    const late = await at(31 * 60_000, () => press(browser, /check/));
    assert.match(late.html, /TIL-00013|eID|Logg inn/);
    browser.page = asOf(check, `${gift.slice(0, -4)}AAAA`);
    const changed = await press(browser, /check/);
    assert.match(changed.html, /TIL-00013/);
  });

  it('says of a number that it is mistyped, and marks the name beside a pair that does not belong together', async () => {
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
    const resource = await newResource([can('read', 'privatperson'), can('write', 'privatperson')]);
    await given(giver, giver, helper, { resource, actions: ['read'] });
    const browser = await loggedIn(giver, `/give/terms?resource=${resource}`);
    const check = await press(browser, /terms/, terms(helper, { action: 'write' }));
    assert.match(check.html, /data-color="warning"[\s\S]*Se den fullmakten som er gitt/);
    assert.doesNotMatch(check.html, /<button[^>]*>Gi fullmakten</);
  });

  it('says before it is given that it is given already, and leads to it', async () => {
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
    for (const date of ['31122030', '2030-12-31', ' 31/12/2030 ']) {
      const browser = await loggedIn(giver, `/give/terms?package=${PACKAGE}`);
      const check = await press(browser, /terms/, terms(helper, { long: 'date', date }));
      assert.match(check.html, /til og med 31\.\s*desember\s*2030/, date);
    }
  });

  it('gives nothing again by the page that gave what has ended meanwhile', async () => {
    const [giver, helper] = await newPair();
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
    const [giver, helper] = await newPair();
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
