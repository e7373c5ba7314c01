// A company's systems by pages: what a vendor asks for in words, a yes and a no, what waits, who
// supplies each, and the end of one.
import assert from 'node:assert/strict';
import {
  type Browser,
  heading,
  loggedIn,
  mainText,
  type Page,
  press,
  unescapeHtml,
} from '../support/pages/browser.ts';
import { grouped } from '../support/rights/groups.ts';
import { can, decide, give, given, newFirm, newResource } from '../support/rights/rights.ts';
import { asVendor, NAMES, newAskedSystem, newSystem } from '../support/rights/systems.ts';
import { at, call, importThis, newPerson, personToken, type TestParty } from '../support/world.ts';

const DAY = 86_400_000;
const pathOf = (id: string) => `/systems/requests/${id}`;
const plain = ({ page }: Browser) => unescapeHtml(page.html);
/** Says no: the button has an address of its own. */
async function sayNo(browser: Browser): Promise<Page> {
  browser.page.html = browser.page.html.replaceAll('/accept', '/reject');
  return press(browser, /\/reject$/);
}
const stateOf = async (vendor: TestParty, path: string, id: string): Promise<string> =>
  (await asVendor(vendor, 'GET', `${path}/${id}`)).body.state;

describe('a page of what a vendor asks about its system', () => {
  it('says in words what the system gets, from whom it is, and until when', async () => {
    const { vendor, boss, firm, request } = await newAskedSystem({ resources: ['mva-melding'] });
    const { page } = await loggedIn(boss, pathOf(request.id));
    assert.equal(heading(page), `Vil du slippe inn ${NAMES.nb}?`);
    const text = mainText(page.html);
    assert.match(text, new RegExp(`${vendor.name} \\(organisasjonsnummer [\\d ]+\\) leverer`));
    assert.match(text, new RegExp(`handle for ${firm.name}`));
    assert.match(text, /Merverdiavgift.*Levere og se merverdiavgift.*Se hva det åpner/);
    assert.match(text, /helt til noen hos dere avslutter det/);
    const opens = `href="/packages/merverdiavgift?party=${firm.id}"`;
    assert.ok(unescapeHtml(page.html).includes(opens), 'what it opens, and who can, of the firm');
  });

  it('lets the system in by one press, and leads back to the vendor with the outcome', async () => {
    const redirectUrl = 'https://lonn.example/ferdig?sak=7';
    const { vendor, id, boss, firm, path, request } = await newAskedSystem({ redirectUrl });
    const browser = await loggedIn(boss, `/systems?party=${firm.id}`);
    assert.match(mainText(browser.page.html), /ber om tilgang. Svar innen/);
    await browser.open(pathOf(request.id));
    assert.doesNotMatch(browser.page.html, /lonn\.example/);
    const page = await press(browser, /\/accept$/);
    assert.match(mainText(page.html), /Godkjent/);
    const back = `https://lonn.example/ferdig?sak=7&request=${request.id}&state=Accepted`;
    assert.ok(plain(browser).includes(`href="${back}"`), page.html);
    assert.equal(await stateOf(vendor, path, request.id), 'Accepted');
    const [, user] = /people\/([0-9a-f-]{36})/.exec(page.html)!;
    assert.equal(await decide({ id: user! }, 'read', 'mva-melding', firm), 'Permit');
    const whole = await browser.open(`/overview/people/${user}?party=${firm.id}`);
    assert.match(mainText(whole.html), new RegExp(`${NAMES.nb}, levert av ${vendor.name}`));
    const list = await browser.open(`/systems?party=${firm.id}`);
    assert.match(mainText(list.html), /Handler for dere. Har én fullmakt/);
    assert.match(mainText(list.html), new RegExp(`System: ${NAMES.nb}, levert av ${vendor.name}`));
    for (const path of [
      `/overview?party=${firm.id}`,
      `/overview/people?party=${firm.id}`,
      `/who-can?party=${firm.id}&resource=mva-melding`,
      `/give/terms?party=${firm.id}&package=toll`,
    ]) {
      const shown = mainText((await browser.open(path)).html);
      assert.match(shown, new RegExp(`System: ${NAMES.nb}, levert av ${vendor.name}`), path);
    }
    const [, mandate] = /overview\/([0-9a-f-]{36})/.exec(whole.html)!;
    const one = await browser.open(`/overview/${mandate}?party=${firm.id}`);
    assert.match(mainText(one.html), new RegExp(`System ${NAMES.nb}, levert av ${vendor.name}`));
    const again = await browser.open(pathOf(request.id));
    assert.doesNotMatch(again.html, /Godkjenn<|Avslå</);
    assert.equal((await call('GET', `/access/v1/systems/${id}`)).status, 200);
  });

  it('takes a no, once, and shows how it stands to one who is late', async () => {
    const { vendor, boss, path, request } = await newAskedSystem();
    const [first, second] = [
      await loggedIn(boss, pathOf(request.id)),
      await loggedIn(boss, pathOf(request.id)),
    ];
    assert.match(mainText((await sayNo(first)).html), /Avslått/);
    assert.match(mainText((await press(second, /\/accept$/)).html), /Avslått/);
    assert.equal(await stateOf(vendor, path, request.id), 'Rejected');
  });

  it('lets nobody approve what they cannot give, and says what', async () => {
    const resource = await newResource([can('read', 'hovedadministrator')]);
    const { boss, request } = await newAskedSystem(
      { resources: [resource] },
      { resources: [resource] },
    );
    const { page } = await loggedIn(boss, pathOf(request.id));
    assert.match(mainText(page.html), /Du kan ikke gi alt dette/);
    assert.doesNotMatch(page.html, />Godkjenn</);
    assert.match(page.html, />Avslå</);
  });

  it('says no more of the company to one who does not administer it', async () => {
    const { firm, boss, request } = await newAskedSystem();
    const [stranger, helper] = [await newPerson(), await newPerson()];
    await given(boss, firm, helper, { package: 'merverdiavgift' });
    for (const who of [stranger, helper]) {
      const browser = await loggedIn(who, pathOf(request.id));
      assert.equal(browser.page.status, 403);
      assert.doesNotMatch(browser.page.html, new RegExp(NAMES.nb));
    }
    const nothing = await loggedIn(stranger, pathOf(firm.id));
    assert.equal(nothing.page.status, 404);
  });

  it('says when it ran out, and when the vendor has ended the system', async () => {
    const { vendor, id, boss, request } = await newAskedSystem();
    await at(11 * DAY, async () => {
      const { page } = await loggedIn(boss, pathOf(request.id));
      assert.match(mainText(page.html), /Gikk ut uten svar/);
      assert.doesNotMatch(page.html, />Godkjenn</);
    });
    const browser = await loggedIn(boss, pathOf(request.id));
    await asVendor(vendor, 'DELETE', id);
    const page = await press(browser, /\/accept$/);
    assert.match(mainText(page.html), /Leverandøren har avsluttet systemet/);
  });

  it('says of a change what the system gets and what it loses', async () => {
    const { vendor, boss, firm, path, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const done = await press(browser, /\/accept$/);
    const [, user] = /people\/([0-9a-f-]{36})/.exec(done.html)!;
    const change = { packages: ['lonn'], endPackages: ['merverdiavgift'], systemUser: user };
    const asked = await asVendor(vendor, 'POST', path, { customer: firm.number, ...change });
    const page = await browser.open(pathOf(asked.body.id));
    assert.equal(heading(page), `Vil du endre hva ${NAMES.nb} kan gjøre?`);
    assert.match(mainText(page.html), /Systemet får Lønn.*Systemet mister Merverdiavgift/);
    await press(browser, /\/accept$/);
    assert.equal(await decide({ id: user! }, 'read', 'mva-melding', firm), 'NotApplicable');
  });

  it('names the system user that a change is about, and the name that a new one gets', async () => {
    const { vendor, boss, firm, path, request } = await newAskedSystem({ externalRef: 'Oslo' });
    const browser = await loggedIn(boss, pathOf(request.id));
    assert.equal(heading(browser.page), `Vil du slippe inn ${NAMES.nb} (Oslo)?`);
    const done = await press(browser, /\/accept$/);
    const [, user] = /people\/([0-9a-f-]{36})/.exec(done.html)!;
    const change = { systemUser: user, packages: ['lonn'] };
    const asked = await asVendor(vendor, 'POST', path, { customer: firm.number, ...change });
    const page = await browser.open(pathOf(asked.body.id));
    assert.equal(heading(page), `Vil du endre hva ${NAMES.nb} (Oslo) kan gjøre?`);
    await call('DELETE', `/access/v1/system-users/${user}`, await personToken(boss));
    assert.match(mainText((await press(browser, /\/accept$/)).html), /Systemet er avsluttet hos/);
  });

  it('takes a yes to what it showed, and to nothing else', async () => {
    const { vendor, id, body, boss, firm, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    await asVendor(vendor, 'PUT', id, { ...body, name: { ...NAMES, nb: 'Skattekontroll' } });
    const page = await press(browser, /\/accept$/);
    assert.equal(page.status, 409);
    assert.match(mainText(page.html), /endret siden du åpnet siden.*Skattekontroll/);
    const list = `/access/v1/system-users?party=${firm.id}`;
    assert.deepEqual((await call('GET', list, await personToken(boss))).body.data, []);
    assert.match(mainText((await press(browser, /\/accept$/)).html), /Godkjent/);
    const other = await newAskedSystem();
    await asVendor(other.vendor, 'PUT', other.id, { name: NAMES, packages: ['lonn'] });
    const gone = await loggedIn(other.boss, pathOf(other.request.id));
    assert.match(mainText(gone.page.html), /har endret hva systemet kan be om/);
    assert.doesNotMatch(gone.page.html, />Godkjenn</);
  });

  it('says which actions of a service the one who answers cannot give', async () => {
    const resource = await newResource([can('read', 'dagl'), can('sign', 'lede')]);
    const { boss, request } = await newAskedSystem(
      { resources: [resource] },
      { resources: [resource] },
    );
    const { page } = await loggedIn(boss, pathOf(request.id));
    assert.match(mainText(page.html), /Lese Får ikke, fordi du ikke kan gi det: signere/);
  });

  it('leads back to no origin that the vendor has taken away', async () => {
    const { vendor, id, body, boss, request } = await newAskedSystem({
      redirectUrl: 'https://lonn.example/',
    });
    const browser = await loggedIn(boss, pathOf(request.id));
    await press(browser, /\/accept$/);
    assert.match(browser.page.html, /lonn\.example/);
    await asVendor(vendor, 'PUT', id, { ...body, redirectOrigins: [] });
    assert.doesNotMatch((await browser.open(pathOf(request.id))).html, /lonn\.example/);
  });

  it('is in a group where each right lets it, says whose it is, and is out at once', async () => {
    const { vendor, boss, firm, request } = await newAskedSystem({});
    const own = await loggedIn(boss, pathOf(request.id));
    const [, user] = /people\/([0-9a-f-]{36})/.exec((await press(own, /\/accept$/)).html)!;
    const system = { id: user! };
    const { browser, at: pathIn, open } = await grouped(firm, boss);
    await open('toll');
    const resource = await newResource([can('read', 'package:toll')]);
    const { html } = await browser.open(pathIn('/members'));
    const name = new RegExp(`name="to"[^>]*value="([^"]*)"[^<]*<label[^>]*>[^<]*${NAMES.nb}`);
    const [, to] = name.exec(html)!;
    const joined = await press(browser, /members/, { to: unescapeHtml(to!) });
    assert.match(
      mainText(joined.html),
      new RegExp(`System: ${NAMES.nb}, levert av ${vendor.name}`),
    );
    assert.equal(await decide(system, 'read', resource, firm), 'Permit');
    await browser.open(pathIn());
    await press(browser, /\/out/, { member: user! });
    assert.equal(await decide(system, 'read', resource, firm), 'NotApplicable');
    // What gives on or administers is for people alone, whom a group of such rights has.
    const administering = await grouped(firm, boss, 'Ledelse');
    await administering.open('tilgangsstyrer');
    assert.match(mainText(administering.browser.page.html), /til en gruppe|ikke gis/);
  });

  it('asks of an agent system for customers, and leads to them', async () => {
    const { boss, firm, request } = await newAskedSystem(
      { resources: ['mva-melding'] },
      { kind: 'agent' },
    );
    const browser = await loggedIn(boss, pathOf(request.id));
    assert.match(mainText(browser.page.html), /kundene til .*for hver kunde dere gir det/);
    await press(browser, /\/accept$/);
    assert.match(plain(browser), new RegExp(`href="/customers\\?party=${firm.id}"`));
  });

  it('can silence the vendor, whose requests wait no longer and are found by their link', async () => {
    const { boss, firm, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const page = await press(browser, /\/silence$/);
    assert.equal(page.url.pathname, '/silences');
    const waiting = await call(
      'GET',
      `/access/v1/system-users/requests?party=${firm.id}`,
      await personToken(boss),
    );
    assert.deepEqual(waiting.body.data, []);
    const list = await browser.open(`/systems?party=${firm.id}`);
    assert.doesNotMatch(list.html, new RegExp(request.id));
    assert.equal((await browser.open(pathOf(request.id))).status, 200);
  });

  it('shows the vendor among those who have sent the customer something', async () => {
    const { boss, firm, request, vendor } = await newAskedSystem();
    const browser = await loggedIn(boss, `/silences?party=${firm.id}`);
    assert.match(mainText(browser.page.html), new RegExp(`${vendor.name} Sist`));
    await browser.submit({ sender: vendor.id }, undefined, { to: /^\/silences\?/ });
    const list = await browser.open(`/systems?party=${firm.id}`);
    assert.doesNotMatch(list.html, new RegExp(request.id));
  });

  it('refuses a second of the same that was let in meanwhile', async () => {
    const { id, boss, firm, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const body = { name: NAMES.nb, systemId: id };
    await call('POST', `/access/v1/system-users?party=${firm.id}`, await personToken(boss), body);
    const page = await press(browser, /\/accept$/);
    assert.equal(page.status, 409);
    assert.match(mainText(page.html), /alt sluppet inn dette systemet/);
  });
});

describe('the page of a company’s systems', () => {
  it('ends a system with everything it has', async () => {
    const { boss, firm, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const done = await press(browser, /\/accept$/);
    const [, user] = /people\/([0-9a-f-]{36})/.exec(done.html)!;
    const list = await browser.open(`/systems?party=${firm.id}`);
    const [, end] = /href="(\/systems\/[^"]*\/end[^"]*)"/.exec(unescapeHtml(list.html))!;
    await browser.open(end!);
    assert.equal(heading(browser.page), `Vil du avslutte ${NAMES.nb}?`);
    const page = await press(browser, /\/end/);
    assert.match(mainText(page.html), /Systemet er avsluttet\..*Ingen systemer ennå/);
    assert.equal(await decide({ id: user! }, 'read', 'mva-melding', firm), 'NotApplicable');
    const late = await browser.open(end!);
    assert.equal(late.url.pathname, '/systems');
  });

  it('suspends a system with everything it has, and lets it work again', async () => {
    const { boss, firm, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const [, user] = /people\/([0-9a-f-]{36})/.exec((await press(browser, /\/accept$/)).html)!;
    const may = () => decide({ id: user! }, 'read', 'mva-melding', firm);
    const step = (word: string) => `/systems/${user}/${word}?party=${firm.id}`;
    await browser.open(`/systems?party=${firm.id}`);
    assert.ok(plain(browser).includes(`href="${step('suspend')}"`));
    await browser.open(step('suspend'));
    assert.equal(heading(browser.page), `Vil du sette ${NAMES.nb} på pause?`);
    const list = await press(browser, /\/suspend/);
    assert.match(mainText(list.html), /Systemet er satt på pause\..*Det kan ikke bruke noe nå/);
    assert.equal(await may(), 'NotApplicable');
    // As one all of whose powers of attorney are paused, it is not among those who can act now.
    const people = await browser.open(`/overview/people?party=${firm.id}`);
    assert.ok(!mainText(people.html).includes(NAMES.nb));
    const whole = await browser.open(`/overview/people/${user}?party=${firm.id}`);
    assert.match(mainText(whole.html), /Systemet er satt på pause av den som bruker det/);
    // Somebody else was first.
    assert.equal((await browser.open(step('suspend'))).url.pathname, '/systems');
    assert.ok(!plain(browser).includes(step('suspend')));
    await browser.open(step('resume'));
    assert.match(mainText((await press(browser, /\/resume/)).html), /Systemet virker igjen/);
    assert.equal(await may(), 'Permit');
    const log = await browser.open(`/log?party=${firm.id}`);
    assert.match(mainText(log.html), /satte systemet Lønnsprogram på pause/);
  });

  it('ends no system of another company', async () => {
    const { firm, boss, request } = await newAskedSystem();
    const browser = await loggedIn(boss, pathOf(request.id));
    const done = await press(browser, /\/accept$/);
    const [, user] = /people\/([0-9a-f-]{36})/.exec(done.html)!;
    const other = await newFirm();
    const own = await loggedIn(other.boss, `/systems/${user}/end?party=${other.firm.id}`);
    assert.equal(own.page.url.pathname, '/systems');
    const theirs = await loggedIn(other.boss, `/systems/${user}/end?party=${firm.id}`);
    assert.equal(theirs.page.status, 403);
    // By the form's address, with a token of their own.
    const [, csrf] = /name="csrf" value="([^"]*)"/.exec((await own.open('/sessions')).html)!;
    for (const word of ['suspend', 'end']) {
      const action = `/systems/${user}/${word}?party=${firm.id}`;
      own.page.html = `<form method="post" action="${action}"><input type="hidden" name="csrf" value="${csrf}"></form>`;
      assert.equal((await press(own, /systems/)).status, 403);
    }
    assert.equal(await decide({ id: user! }, 'read', 'mva-melding', firm), 'Permit');
  });

  it('marks a system that no vendor has registered, and names its vendor where gifts are looked over', async () => {
    const { firm, boss } = await newFirm();
    const { vendor } = await newSystem();
    const id = '5a7e0000-0000-4000-8000-00000000aaaa';
    const old = { kind: 'system_user', id, owner: firm.number, name: 'Gammelt system' };
    const systemId = `${vendor.number}_gammelt`;
    await importThis({ parties: [{ ...old, systemId, systemKind: 'standard' }] });
    const browser = await loggedIn(boss, `/systems?party=${firm.id}`);
    assert.match(
      mainText(browser.page.html),
      new RegExp(`System: gammelt, levert av ${vendor.name} \\(ikke registrert av leverandøren\\)`),
    );
    await give(boss, firm, { id, name: 'Gammelt system' }, { package: 'lonn' });
    const whole = await browser.open(`/overview/people/${id}?party=${firm.id}`);
    assert.match(mainText(whole.html), /gammelt, levert av/);
  });

  it('is of organisations, and of those who administer them', async () => {
    const person = await newPerson();
    const own = await loggedIn(person, `/systems?party=${person.id}`);
    assert.equal(own.page.url.pathname, '/overview');
    const { firm } = await newFirm();
    const theirs = await loggedIn(person, `/systems?party=${firm.id}`);
    assert.equal(theirs.page.status, 403);
    const unnamed = await loggedIn(person, '/systems');
    assert.equal(unnamed.page.url.pathname, '/parties');
  });
});
