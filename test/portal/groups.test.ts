// Groups of a company: what is given to a group is given to each who is in it, by one who may give
// each of them each of it; out is out at once.
import assert from 'node:assert/strict';
import { heading, loggedIn, mainText, press } from '../support/pages/browser.ts';
import { grouped } from '../support/rights/groups.ts';
import { VAT } from '../support/rights/office.ts';
import {
  can,
  decide,
  give,
  given,
  MANDATES,
  newFirm,
  newMandate,
  newResource,
  newTeam,
} from '../support/rights/rights.ts';
import { justBefore } from '../support/run/statements.ts';
import {
  call,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

/** The mandate that somebody has by a group. */
async function byGroup(from: TestParty, to: TestParty, code: string): Promise<string> {
  const { rows } = await world.database.db.raw(
    'select id from mandate where from_party = ? and to_party = ? and package = ? and group_id is not null and ended_at is null',
    [from.id, to.id, code],
  );
  return rows[0].id;
}

describe('a group of a company', () => {
  it('gives what it has to who is put in, and takes it back from who is taken out', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, put, open, at } = await grouped(firm, boss);
    assert.equal(heading(browser.page), 'Gruppen Lønn');
    const opened = await open(VAT);
    assert.match(mainText(opened.html), /Gruppen har fått fullmaktene/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const joined = await put(clerk);
    assert.match(mainText(joined.html), /De er satt inn.*Grete Gruppdal/s);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    await browser.open(at());
    const out = await press(browser, /\/out/, { member: clerk.id });
    assert.match(mainText(out.html), /Tatt ut/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('gives a right that it gets later to all who are in it, and takes it from all', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    const { browser, put, open, at } = await grouped(firm, boss);
    await open('toll');
    await put(clerk);
    await put(other);
    await open(VAT);
    for (const who of [clerk, other])
      assert.equal(await decide(who, 'read', 'mva-melding', firm), 'Permit');
    const { html } = await browser.open(at());
    const [, right] = [...html.matchAll(/name="right" value="([^"]*)"/g)].map(([, id]) => id!);
    const closed = await press(browser, /\/close/, { right: right! });
    assert.match(mainText(closed.html), /Fullmakten er tatt fra gruppen/);
    for (const who of [clerk, other])
      assert.equal(await decide(who, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.match(mainText(closed.html), /Toll/);
  });

  it('gives a service with all that may be done there', async () => {
    const { firm, boss, clerk } = await newTeam();
    const title = { nb: 'Vaktplan', nn: 'Vaktplan', en: 'Rota' };
    const resource = await newResource([can('read', 'dagl'), can('write', 'dagl')], { title });
    const { browser, put, open, at } = await grouped(firm, boss);
    await open('toll');
    await put(clerk);
    await browser.open(`${at('/rights')}&q=Vaktplan`);
    const opened = await press(browser, /rights/, { resource });
    assert.match(mainText(opened.html), /Vaktplan \(/);
    assert.equal(await decide(clerk, 'write', resource, firm), 'Permit');
  });

  it('leaves what a member was given by itself', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, put, open, at } = await grouped(firm, boss);
    const own = await given(boss, firm, clerk, { package: VAT });
    await open(VAT);
    await put(clerk);
    await browser.open(at());
    await press(browser, /\/out/, { member: clerk.id });
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    const { body } = await call('GET', `${MANDATES}/${own}`, await personToken(boss));
    assert.deepEqual([body.endedAt, body.group], [null, undefined]);
  });

  it('gives a service beside what a member was given of it by itself', async () => {
    const { firm, boss, clerk } = await newTeam();
    const title = { nb: 'Vaktbok', nn: 'Vaktbok', en: 'Watch book' };
    const resource = await newResource([can('read', 'dagl')], { title });
    const own = await given(boss, firm, clerk, { resource, actions: ['read'] });
    const { browser, put, at } = await grouped(firm, boss);
    await browser.open(`${at('/rights')}&q=Vaktbok`);
    await press(browser, /rights/, { resource });
    await put(clerk);
    await call('DELETE', `${MANDATES}/${own}`, await personToken(boss));
    assert.equal(await decide(clerk, 'read', resource, firm), 'Permit');
  });

  it('is named where its mandate is shown, in lists, in the log and in our API', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, id, put, open, at } = await grouped(firm, boss, 'Vaktlag nord');
    await open(VAT);
    await put(clerk);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    await browser.open(at());
    const person = await browser.open(`/overview/people/${clerk.id}?party=${firm.id}`);
    assert.match(mainText(person.html), /gjennom gruppen Vaktlag nord/);
    const [, mandate] = /\/overview\/([0-9a-f-]{36})\?/.exec(person.html)!;
    const one = await browser.open(`/overview/${mandate}?party=${firm.id}`);
    assert.match(mainText(one.html), /Gjennom gruppen\s*Vaktlag nord/);
    const { body } = await call('GET', `${MANDATES}/${mandate}`, await personToken(clerk));
    assert.deepEqual(body.group, { id, name: 'Vaktlag nord' });
    const acts = mainText((await browser.open(`/log?party=${firm.id}`)).html);
    assert.match(acts, /laget gruppen Vaktlag nord/);
    assert.match(acts, /ga gruppen Vaktlag nord fullmakten Merverdiavgift/);
    assert.match(acts, /satte Grete Gruppdal inn i gruppen Vaktlag nord/);
    assert.match(acts, /ga Grete Gruppdal Merverdiavgift.* gjennom gruppen Vaktlag nord/);
    await world.app.settle();
    const uses = mainText((await browser.open(`/log?party=${firm.id}&show=uses`)).html);
    assert.match(uses, /Grete Gruppdal fikk ja til .* gjennom gruppen Vaktlag nord/);
  });

  it('ends with all that its members have by it', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, put, open, at } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    const asked = await browser.open(at('/end'));
    assert.match(mainText(asked.html), /Den ene i gruppen mister det gruppen har/);
    const ended = await press(browser, /\/end/);
    assert.match(mainText(ended.html), /Gruppen er avsluttet.*ingen grupper ennå/s);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.equal((await browser.open(at())).status, 404);
  });

  it('puts nobody in where one right cannot be given to one of them, and says which', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { put, open, at } = await grouped(firm, boss);
    await open(VAT, 'toll');
    const manager = await newPerson();
    await given(boss, firm, manager, { package: 'tilgangsstyrer' });
    await given(boss, firm, manager, { package: VAT });
    const theirs = await loggedIn(manager, `/groups?party=${firm.id}`);
    await theirs.open(at('/members'));
    const refused = await press(theirs, /members/, {
      number: clerk.number,
      lastName: 'Gruppdal',
    });
    assert.equal(refused.status, 409);
    assert.match(mainText(refused.html), /Ingen er satt inn.*Grete Gruppdal: Toll/s);
    assert.doesNotMatch(mainText(refused.html), /Grete Gruppdal: Merverdiavgift/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const joined = await put(clerk);
    assert.equal(joined.status, 200);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('names for whom something of it does not hold, and gives it when put in again', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, put, open, at } = await grouped(firm, boss);
    await open('toll');
    await put(clerk);
    await put(boss);
    await open(VAT);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    await call('DELETE', `${MANDATES}/${await byGroup(firm, clerk, VAT)}`, await personToken(boss));
    const { html } = await browser.open(at());
    assert.match(mainText(html), /gjelder ikke for alle:\s*Grete Gruppdal: Merverdiavgift/);
    await put(clerk);
    assert.doesNotMatch(mainText((await browser.open(at())).html), /gjelder ikke for alle/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('lets nobody stay from whom all of it was taken elsewhere', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, put, open, at } = await grouped(firm, boss);
    await open('toll');
    await put(clerk);
    await browser.open(`/overview/people/${clerk.id}/end?party=${firm.id}&all=yes`);
    await press(browser, /\/end/);
    assert.match(mainText((await browser.open(at())).html), /Ingen er i gruppen/);
    const acts = mainText((await browser.open(`/log?party=${firm.id}`)).html);
    assert.match(acts, /tok Grete Gruppdal ut av gruppen Lønn/);
    await open(VAT);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    await put(clerk);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('gives nothing new to one for whom all of it is paused', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, put, open, at } = await grouped(firm, boss);
    await open('toll');
    await put(clerk);
    const path = `${MANDATES}/${await byGroup(firm, clerk, 'toll')}/suspend`;
    assert.equal((await call('POST', path, await personToken(boss))).status, 200);
    await open(VAT);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    const { html } = await browser.open(at());
    assert.match(mainText(html), /Gruppdal: Toll\s*Grete Gruppdal: Merverdiavgift/);
  });

  it('is put together anew by one who may give the rest, and not what is there', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { put, open, at } = await grouped(firm, boss);
    await open(VAT, 'toll');
    await put(clerk);
    await call('DELETE', `${MANDATES}/${await byGroup(firm, clerk, VAT)}`, await personToken(boss));
    const manager = await newPerson();
    for (const code of ['tilgangsstyrer', VAT]) await given(boss, firm, manager, { package: code });
    const theirs = await loggedIn(manager, at('/members'));
    const fields = { number: clerk.number, lastName: lastName(clerk) };
    assert.equal((await press(theirs, /members/, fields)).status, 200);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('gets another name, and another who is responsible', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    await given(boss, firm, clerk, { package: 'toll' });
    const { browser, at } = await grouped(firm, boss, 'Lønn');
    await grouped(firm, boss, 'Toll');
    await browser.open(at('/change'));
    const refused = await press(browser, /change/, { name: 'toll', responsible: clerk.id });
    assert.equal(refused.status, 400);
    assert.match(mainText(refused.html), /finnes en gruppe/);
    const saved = await press(browser, /change/, { name: 'Lønn', responsible: clerk.id });
    assert.match(mainText(saved.html), /Lagret.*Ansvarlig: Grete Gruppdal/s);
    await browser.open(at('/change'));
    const stranger = await press(browser, /change/, {
      name: 'Lønn',
      responsible: (await newPerson()).id,
    });
    assert.equal(stranger.status, 400);
    const { html } = await browser.open(`/log?party=${firm.id}`);
    assert.match(mainText(html), /endret gruppen Lønn/);
  });

  it('shows nobody who has died', async () => {
    const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
    const { browser, put, open, at } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    await world.database.db.raw('update party set ended_at = now() where id = ?', [clerk.id]);
    assert.match(mainText((await browser.open(at())).html), /Ingen er i gruppen/);
  });
});

describe('a group of a company refuses', () => {
  it('packages by which one gives or administers, and does not offer them', async () => {
    const { firm, boss } = await newTeam();
    const { browser, open, at } = await grouped(firm, boss);
    const { html } = await browser.open(at('/rights'));
    assert.doesNotMatch(html, /value="(tilgangsstyrer|hovedadministrator|klientadministrator)"/);
    assert.match(html, /value="merverdiavgift"/);
    for (const code of ['tilgangsstyrer', 'hovedadministrator']) {
      const refused = await open(code);
      assert.equal(refused.status, 400, code);
    }
    assert.match(mainText((await browser.open(at())).html), /ingen fullmakter ennå/);
  });

  it('to be left with nothing: its last right is not taken from it', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, put, open, at } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    const { html } = await browser.open(at());
    const [, right] = /name="right" value="([^"]*)"/.exec(html)!;
    const kept = await press(browser, /\/close/, { right: right! });
    assert.match(mainText(kept.html), /den eneste fullmakten gruppen har/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('members while it has nothing', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, at, open } = await grouped(firm, boss);
    await browser.open(at('/members'));
    assert.equal(browser.page.url.pathname, at().split('?')[0]);
    await open(VAT);
    await browser.open(at('/members'));
    assert.match(mainText(browser.page.html), /De du setter inn, får dette/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('what it has already, and more than it may have', async () => {
    const { firm, boss } = await newTeam();
    const { browser, open, at } = await grouped(firm, boss);
    await open(VAT);
    const again = await open(VAT);
    assert.equal(again.status, 400);
    assert.match(mainText(again.html), /har det du valgte, fra før/);
    await browser.open(at('/rights'));
    const many = Array.from({ length: 41 }, (_, n) => `p${n}`).join(' ');
    const refused = await press(browser, /rights/, { package: many });
    assert.match(mainText(refused.html), /høyst 40 fullmakter/);
  });

  it('to be added to by one who has not seen what another added', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontor');
    const one = await grouped(firm, boss);
    await one.open('toll');
    const other = await loggedIn(boss, one.at('/rights'));
    await one.put(clerk);
    const refused = await press(other, /rights/, { package: VAT });
    assert.equal(refused.status, 400);
    assert.match(mainText(refused.html), /Noen har lagt til noe.*Klara/s);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    assert.equal((await press(other, /rights/, { package: VAT })).status, 200);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('that what one has by it is widened for one alone', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { put, open } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    const path = `${MANDATES}/${await byGroup(firm, clerk, VAT)}`;
    const wider = await call('PATCH', path, await personToken(boss), { mayPassOn: true });
    assert.deepEqual([wider.status, wider.body.code], [409, 'TIL-00061']);
    const narrower = { validTo: inDays(3) };
    assert.equal((await call('PATCH', path, await personToken(boss), narrower)).status, 200);
  });

  it('a package that the person cannot give', async () => {
    const { firm, boss } = await newTeam();
    const manager = await newPerson();
    await given(boss, firm, manager, { package: 'tilgangsstyrer' });
    const { open } = await grouped(firm, manager);
    assert.equal((await open(VAT)).status, 403);
  });

  it('a company as a member', async () => {
    const { firm, boss } = await newTeam();
    const { put, open, browser, at } = await grouped(firm, boss);
    await open(VAT);
    const refused = await put(await newOrganization());
    assert.equal(refused.status, 400);
    assert.match(mainText(refused.html), /Bare personer og systemer/);
    assert.match(mainText((await browser.open(at())).html), /Ingen er i gruppen/);
  });

  it('a second of the same name, a name that cannot be seen, and none', async () => {
    const { firm, boss } = await newTeam();
    await grouped(firm, boss, 'Lønn');
    const browser = await loggedIn(boss, `/groups?party=${firm.id}`);
    for (const [name, why] of [
      ['lønn', /finnes en gruppe/],
      ['  ', /Skriv et navn/],
      ['L\u200bønn', /usynlige tegn/],
      ['x'.repeat(101), /høyst 100 tegn/],
    ] as const) {
      await browser.open(`/groups?party=${firm.id}`);
      const refused = await press(browser, /^\/groups\?/, { name });
      assert.equal(refused.status, 400, name);
      assert.match(mainText(refused.html), why);
    }
  });

  it('a stranger as the one responsible', async () => {
    const { firm, boss } = await newTeam();
    const browser = await loggedIn(boss, `/groups?party=${firm.id}`);
    const { id } = await newPerson();
    const refused = await press(browser, /^\/groups\?/, { name: 'Lønn', responsible: id });
    assert.equal(refused.status, 400);
    assert.match(mainText(refused.html), /Velg en som er ansvarlig/);
  });

  it('whoever does not administer for the company, at each of its addresses', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { at, put, open } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    const browser = await loggedIn(clerk, '/profile');
    for (const act of ['', '/change', '/members', '/rights', '/end'])
      assert.equal((await browser.open(at(act))).status, 403, act);
    assert.equal((await browser.open(`/groups?party=${firm.id}`)).status, 403);
    const { html } = await browser.open('/profile');
    const [, csrf] = /name="csrf" value="([^"]*)"/.exec(html)!;
    for (const act of ['/change', '/members', '/rights', '/out', '/close', '/end']) {
      browser.page.html = `<form method="post" action="${at(act)}"><input type="hidden" name="csrf" value="${csrf}"></form>`;
      const fields = { member: clerk.id, number: clerk.number, lastName: 'x', package: 'toll' };
      assert.equal((await press(browser, /groups/, fields)).status, 403, act);
    }
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('a group of another company, by whatever address', async () => {
    const { firm, boss, clerk } = await newTeam();
    const own = await grouped(firm, boss);
    await own.open(VAT);
    await own.put(clerk);
    const other = await newFirm();
    const browser = await loggedIn(other.boss, '/profile');
    const at = (act: string) => `/groups/${own.id}${act}?party=${other.firm.id}`;
    for (const act of ['', '/members', '/rights', '/end'])
      assert.equal((await browser.open(at(act))).status, 404, act);
    assert.equal((await browser.open(`/groups/none?party=${other.firm.id}`)).status, 404);
  });

  it('to be used when the company gives the member nothing more by anybody else', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { put, open } = await grouped(firm, boss);
    await open(VAT);
    await put(clerk);
    // By the group it has VAT already; what is given to it alone stands beside it.
    const again = await give(boss, firm, clerk, { package: VAT, validTo: inDays(3) });
    assert.equal(again.status, 201, again.text);
    await newMandate(firm, clerk, { package: 'toll' });
    const { rows } = await world.database.db.raw(
      'select count(*)::int as n from mandate where from_party = ? and to_party = ? and ended_at is null and package is not null',
      [firm.id, clerk.id],
    );
    assert.equal(rows[0].n, 3);
  });
});

// The embedded database serves one at a time: there is nobody in between.
if (process.env.TEST_DATABASE_URL)
  describe('a group that is changed by two at once', () => {
    it('lets nobody add to it who stopped administering while another changed it', async () => {
      const { firm, boss, clerk } = await newTeam();
      const one = await grouped(firm, boss);
      await one.open(VAT);
      const manager = await newPerson();
      const id = await given(boss, firm, manager, { package: 'hovedadministrator' });
      const theirs = await loggedIn(manager, one.at('/members'));
      const fields = { number: clerk.number, lastName: lastName(clerk) };
      const end = async () => call('DELETE', `${MANDATES}/${id}`, await personToken(boss));
      const refused = await justBefore('lock_group', end, () => press(theirs, /members/, fields));
      assert.equal(refused.status, 403);
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('puts nobody in that is just being ended', async () => {
      const { firm, boss, clerk } = await newTeam();
      const one = await grouped(firm, boss);
      await one.open(VAT);
      const other = await loggedIn(boss, one.at('/end'));
      const refused = await justBefore(
        'lock_group',
        () => press(other, /end/),
        () => one.put(clerk),
      );
      assert.equal(refused.status, 404);
      const { rows } = await world.database.db.raw(
        'select from group_member where member = ? and ended_at is null',
        [clerk.id],
      );
      assert.equal(rows.length, 0);
    });
  });
