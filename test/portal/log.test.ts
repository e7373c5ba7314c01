// A party's log by pages: acts of powers of attorney and consents in one order, uses, searches; a
// company's by person and as a file with a reason alone.
import assert from 'node:assert/strict';
import { sent } from '../support/rights/rights.ts';
import { uuidv7 } from '../../server/platform/ids.ts';
import {
  type Browser,
  heading,
  loggedIn,
  mainText,
  press,
  unescapeHtml,
} from '../support/pages/browser.ts';
import {
  can,
  decide,
  give,
  given,
  newFirm,
  newMandate,
  newResource,
  newTeam,
  pdpToken,
} from '../support/rights/rights.ts';
import { assign, office, usedVat } from '../support/rights/office.ts';
import { newAskedSystem } from '../support/rights/systems.ts';
import {
  approve,
  ask,
  at,
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  personToken,
  putParty,
  world,
} from '../support/world.ts';

const VAT = 'merverdiavgift';
const PENSION = 'innbygger-pensjon';
const DAY = 86_400_000;
const text = ({ page }: Browser) => mainText(page.html);
/** The lines of a log, newest first. */
const linesIn = ({ page }: Browser): string[] =>
  [...page.html.matchAll(/<li class="ds-card">([\s\S]*?)<\/li>/g)].map(([, line]) =>
    unescapeHtml(line!.replaceAll(/<[^>]*>|\s+/g, ' ').replaceAll(/ +/g, ' ')).trim(),
  );
/** Decisions are written a moment after they are answered. */
const written = () => world.app.settle();

describe('a log of what was done', () => {
  it('has powers of attorney and consents in one order, newest first', async () => {
    const [person, helper, bank] = [
      await newPerson('Kari Log'),
      await newPerson('Per Hjelper'),
      await newOrganization(),
    ];
    const id = await given(person, person, helper, { package: PENSION });
    const consent = await ask(person, bank);
    await approve(consent, person);
    await call('DELETE', `/access/v1/mandates/${id}`, await personToken(person));
    const browser = await loggedIn(person, '/log');
    assert.equal(heading(browser.page), 'Loggen din');
    const lines = linesIn(browser);
    const places = [
      /Kari Log avsluttet det Per Hjelper hadde: Pensjon/,
      new RegExp(`Kari Log ga samtykke til ${bank.name}`),
      new RegExp(`${bank.name} ba om samtykke`),
      /Kari Log ga Per Hjelper Pensjon/,
    ].map((line) => lines.findIndex((one) => line.test(one)));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
      lines.join('\n'),
    );
    assert.ok(
      places.every((place) => place >= 0),
      lines.join('\n'),
    );
    assert.match(browser.page.html, new RegExp(`href="/consents/${consent}"`));
    assert.match(unescapeHtml(browser.page.html), new RegExp(`/overview/${id}\\?party=`));
    assert.match(text(browser), /Hovedadministratorene kan lese den for deg alene/);
  });

  it('is narrowed by kind, period and service', async () => {
    const { firm, boss } = await newFirm();
    const helper = await newPerson('Per Hjelper');
    const resource = await newResource([can('read', 'dagl')], {
      title: { nb: 'Egen tjeneste', nn: 'Eiga teneste', en: 'Own service' },
    });
    await give(boss, firm, helper, { package: 'merverdiavgift' });
    await give(boss, firm, helper, { resource, actions: ['read'] });
    const path = `/log?party=${firm.id}`;
    const browser = await loggedIn(boss, path);
    assert.match(text(browser), /ga Per Hjelper Merverdiavgift for/);
    assert.match(text(browser), /ga Per Hjelper Egen tjeneste for/);
    await browser.open(`${path}&resource=${resource}`);
    assert.doesNotMatch(text(browser), /Merverdiavgift/);
    assert.match(text(browser), /Du ser bare det som gjelder Egen tjeneste/);
    await browser.open(`${path}&kind=requests`);
    assert.match(text(browser), /Ingenting passer/);
    const tomorrow = new Date(Date.now() + DAY).toLocaleDateString('nb-NO', {
      timeZone: 'Europe/Oslo',
    });
    await browser.open(`${path}&since=${tomorrow}`);
    assert.match(text(browser), /Ingenting passer/);
    await browser.open(`${path}&until=${tomorrow}&since=1.1.2020`);
    assert.match(text(browser), /Merverdiavgift/);
    for (const early of ['1.1.1960', '1.1.0099']) {
      await browser.open(`${path}&since=${early}`);
      assert.match(text(browser), /Skriv datoen/);
    }
    await browser.open(`${path}&since=i går`);
    assert.match(text(browser), /Skriv datoen med dag, måned og år/);
    assert.doesNotMatch(text(browser), /Merverdiavgift/);
  });

  it('goes on by pages without a gap and without one twice', async () => {
    const person = await newPerson();
    for (let n = 0; n < 12; n += 1) {
      await sent(person, await newPerson(`Hjelper Nr${n}`), { package: PENSION });
      await ask(person, await newOrganization());
    }
    const browser = await loggedIn(person, '/log');
    const first = linesIn(browser);
    const [, next] = /href="([^"]*before[^"]*)"/.exec(unescapeHtml(browser.page.html))!;
    await browser.open(next!);
    const second = linesIn(browser);
    assert.equal(first.length, 20);
    const all = [...first, ...second];
    for (let n = 0; n < 12; n += 1)
      assert.equal(
        all.filter((line) => line.includes(`Hjelper Nr${n} `)).length,
        1,
        all.join('\n'),
      );
    assert.equal(all.filter((line) => /ba om samtykke/.test(line)).length, 12);
  });

  it('has a sentence for every event', async () => {
    const { boss, firm, request } = await newAskedSystem();
    await call(
      'POST',
      `/access/v1/system-users/requests/${request.id}/accept`,
      await personToken(boss),
    );
    const browser = await loggedIn(boss, `/log?party=${firm.id}`);
    assert.match(text(browser), /ba om tilgang for systemet Lønnsprogram/);
    assert.match(text(browser), /godkjente systemet Lønnsprogram/);
    assert.match(text(browser), /slapp inn Lønnsprogram/);
  });

  it('says nothing of a draft to the giver, who was not asked', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    const owner = await newOrganization('Utkast AS');
    const title = { nb: 'Utkasttjeneste', nn: 'Utkastteneste', en: 'Draft service' };
    const resource = await newResource([can('read', 'dagl')], { owner: owner.number, title });
    const token = await organizationToken(owner, 'altinn:serviceowner/delegationrequests.write');
    const path = '/accessmanagement/api/v1/serviceowner/delegationrequests/resource';
    const made = await call('POST', path, token, { from: clerk.urn, to: firm.urn, resource });
    assert.ok(made.status < 300, made.text);
    assert.doesNotMatch(text(await loggedIn(boss, `/log?party=${firm.id}`)), /Utkast/);
    const log = await call(
      'GET',
      `/access/v1/log/events?party=${firm.id}&type=right_asked`,
      await personToken(boss),
    );
    assert.deepEqual(log.body.data, []);
  });

  it('hides where a person with a protected address logged in', async () => {
    const [giver, reader, shop] = [await newPerson(), await newPerson(), await newOrganization()];
    await newMandate(giver, reader, { package: 'innbygger-tilgangsstyring-privatperson' });
    await world.database.db.raw(
      `insert into event (id, mac, type, at, from_party, to_party, by_party, detail)
        values (?, '\\x00', 'disclosed', now(), ?, ?, ?, '{}')`,
      [uuidv7(new Date()), giver.id, shop.id, giver.id],
    );
    const path = `/log?party=${giver.id}`;
    assert.match(text(await loggedIn(reader, path)), /Opplysninger om .* ble gitt til/);
    await putParty(giver, { protectedAddress: true });
    assert.doesNotMatch(text(await loggedIn(reader, path)), /Opplysninger om/);
    assert.match(text(await loggedIn(giver, '/log')), /Opplysninger om/);
  });

  it('hides the consents of another from one who may not see them', async () => {
    const [giver, helper] = [await newPerson('Gina Giver'), await newPerson()];
    const bank = await newOrganization();
    await approve(await ask(giver, bank), giver);
    await newMandate(giver, helper, { package: 'innbygger-tilgangsstyring-privatperson' });
    const browser = await loggedIn(helper, `/log?party=${giver.id}`);
    assert.equal(browser.page.status, 200);
    assert.doesNotMatch(text(browser), new RegExp(bank.name));
    const stranger = await loggedIn(await newPerson(), `/log?party=${giver.id}`);
    assert.equal(stranger.page.status, 403);
  });
});

describe('a log of uses', () => {
  it('says who used what, who asked, and who got a no', async () => {
    const { firm, boss, clerk } = await usedVat();
    await decide(clerk, 'write', 'regnskap', firm);
    await written();
    const browser = await loggedIn(boss, `/log?party=${firm.id}&show=uses`);
    assert.match(text(browser), /Klara Kontorist fikk ja til Mva-melding \(lese\)\./);
    assert.match(text(browser), /Klara Kontorist fikk nei til/);
    assert.match(text(browser), /Hvem spurte: [^:]*, med et datasystem/);
    assert.match(text(browser), /tatt vare på i minst 365 dager/);
    const own = await loggedIn(clerk, '/log?show=uses');
    assert.match(text(own), new RegExp(`Klara Kontorist fikk ja til .* for ${firm.name}`));
  });

  it('says through whom: the company that one leads, and the supplier that passed it on', async () => {
    const { firm, boss, agent, customers } = await office(1);
    const way = new URLSearchParams({ party: firm.id, client: customers[0]!.id });
    await assign(await loggedIn(boss, `/customers/assign?${way}`), {
      agent: agent.id,
      package: VAT,
    });
    for (const who of [agent, boss])
      assert.equal(await decide(who, 'read', 'mva-melding', customers[0]!), 'Permit');
    await written();
    for (const who of [agent, boss]) {
      const own = await loggedIn(who, '/log?show=uses');
      assert.match(text(own), new RegExp(`for Alfa Kunde AS gjennom ${firm.name}\\.`));
    }
  });

  it('of one’s own is narrowed to one person, and that of a ward is a file to its guardian', async () => {
    const [giver, one, other] = [
      await newPerson(),
      await newPerson('Ene Hjelper'),
      await newPerson('Andre Hjelper'),
    ];
    for (const who of [one, other]) await given(giver, giver, who, { package: PENSION });
    const resource = await newResource([can('read', `package:${PENSION}`)]);
    for (const who of [one, other]) await decide(who, 'read', resource, giver);
    await written();
    const browser = await loggedIn(giver, '/log?show=uses');
    const [, just] = /href="([^"]*by[^"]*)">[^<]*Ene Hjelper/.exec(browser.page.html)!;
    await browser.open(unescapeHtml(just!));
    assert.match(text(browser), /Ene Hjelper fikk ja/);
    assert.doesNotMatch(text(browser), /Andre Hjelper fikk ja/);
    const guardian = await newPerson();
    await newMandate(giver, guardian, { package: 'innbygger-tilgangsstyring-privatperson' });
    const theirs = await loggedIn(guardian, `/log?party=${giver.id}`);
    assert.match(theirs.page.html, /href="\/log\.csv/);
    const file = await theirs.open(`/log.csv?party=${giver.id}`);
    assert.match(file.html, /Ene Hjelper/);
    assert.equal((await theirs.open(`/log.csv?party=${(await newFirm()).firm.id}`)).status, 403);
  });

  it('is read through the API since any instant, and refuses what is none', async () => {
    const { firm, boss } = await newFirm();
    const token = await personToken(boss);
    const log = `/access/v1/log/decisions?party=${firm.id}&since=`;
    for (const since of ['0099-01-01T00:00:00Z', '1960-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])
      assert.equal((await call('GET', `${log}${since}`, token)).status, 200, since);
    for (const since of ['%2B012000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z', '1960'])
      assert.equal((await call('GET', `${log}${since}`, token)).status, 400, since);
  });

  it('keeps decisions about a protected address from others than the two', async () => {
    const [giver, helper, reader] = [await newPerson(), await newPerson(), await newPerson()];
    await given(giver, giver, helper, { package: PENSION });
    await newMandate(giver, reader, { package: 'innbygger-tilgangsstyring-privatperson' });
    const resource = await newResource([can('read', `package:${PENSION}`)]);
    await decide(helper, 'read', resource, giver);
    await written();
    const path = `/log?party=${giver.id}&show=uses`;
    assert.match(text(await loggedIn(reader, path)), /fikk ja til/);
    await world.database.db.raw('update party set protected_address = true where id = ?', [
      giver.id,
    ]);
    assert.doesNotMatch(text(await loggedIn(reader, path)), /fikk ja til/);
    assert.match(text(await loggedIn(giver, '/log?show=uses')), /fikk ja til/);
  });
});

describe('a log of searches', () => {
  it('says what was searched for, and by whom', async () => {
    const { firm, boss, clerk } = await usedVat();
    const who = {
      subject: { type: 'person' },
      action: { name: 'read' },
      resource: { type: 'resource', id: 'mva-melding', properties: { party: firm.id } },
    };
    const asked = await call('POST', '/access/v1/search/subject', await pdpToken(), who);
    assert.equal(asked.status, 200, asked.text);
    await written();
    const browser = await loggedIn(boss, `/log?party=${firm.id}&show=seen`);
    assert.match(text(browser), /Noen søkte etter hvem som kan handle for .* i Mva-melding/);
    assert.match(text(browser), /Hvem spurte: [^:]*, med et datasystem/);
    const own = await loggedIn(clerk, '/log?show=seen');
    assert.match(text(own), /Klara Kontorist sto i svaret på et søk om Mva-melding/);
  });
});

describe('a company’s log of one person, and as a file', () => {
  const opened = async (browser: Browser, path: string) => {
    await browser.open(path);
    return press(browser, /\/log\/reason/, { reason: 'incident' });
  };

  it('is read by a main administrator with a reason, which the person sees', async () => {
    const { firm, boss, clerk } = await usedVat();
    const browser = await loggedIn(boss, `/log?party=${firm.id}&show=uses&by=${clerk.id}`);
    assert.equal(browser.page.url.pathname, '/log/reason');
    const page = await opened(browser, `/log/reason?party=${firm.id}&by=${clerk.id}`);
    assert.equal(page.url.pathname, '/log');
    assert.match(text(browser), /Du ser bare det Klara Kontorist har gjort/);
    await browser.open(`${page.url.pathname}${page.url.search.replace('acts', 'uses')}`);
    assert.match(text(browser), /Klara Kontorist fikk ja/);
    const own = await loggedIn(clerk, '/log');
    assert.match(
      text(own),
      /åpnet det Klara Kontorist har gjort for Foretaket AS\. Grunn: Noe kan ha gått galt/,
    );
  });

  it('is refused without a reason, with another’s, for another person, and when it is old', async () => {
    const { firm, boss, clerk } = await usedVat();
    const browser = await loggedIn(boss, '/start');
    const page = await opened(browser, `/log/reason?party=${firm.id}&by=${clerk.id}`);
    const seal = page.url.searchParams.get('opened')!;
    const path = (by: string) => `/log?party=${firm.id}&by=${by}&opened=${seal}`;
    assert.equal((await browser.open(path(clerk.id))).status, 200);
    assert.equal((await browser.open(path(boss.id))).status, 403);
    assert.equal((await browser.open(`/log.csv?party=${firm.id}&opened=${seal}`)).status, 403);
    assert.equal((await browser.open(`/log.csv?party=${firm.id}`)).status, 403);
    const other = await newFirm();
    await newRole('dagl', other.firm, boss);
    const elsewhere = `/log?party=${other.firm.id}&by=${clerk.id}&opened=${seal}`;
    assert.equal((await browser.open(elsewhere)).status, 403);
    const chair = await newPerson();
    await newRole('lede', firm, chair);
    assert.notEqual((await loggedIn(chair, path(clerk.id))).page.status, 200);
    await at(31 * 60_000, async () => {
      const late = await loggedIn(boss, path(clerk.id));
      assert.notEqual(late.page.status, 200);
    });
    const none = await press(await loggedIn(boss, `/log/reason?party=${firm.id}`), /reason/);
    assert.equal(none.status, 400);
    assert.match(mainText(none.html), /Velg en grunn/);
  });

  it('is narrowed further without losing the one person, and closes with the office', async () => {
    const { firm, boss, clerk } = await usedVat();
    const other = await newPerson('Per Annen');
    await given(boss, firm, other, { package: 'merverdiavgift' });
    await decide(other, 'read', 'mva-melding', firm);
    await written();
    const [main] = [await newPerson('Mona Main')];
    const id = await given(boss, firm, main, { package: 'hovedadministrator' });
    const browser = await loggedIn(main, '/start');
    await browser.open(`/log/reason?party=${firm.id}&by=${clerk.id}&show=uses`);
    const page = await press(browser, /\/log\/reason/, { reason: 'control' });
    const form = new URLSearchParams(
      [...page.html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name, value]): [string, string] => [name!, unescapeHtml(value!)],
      ),
    );
    await browser.open(`/log?${form}&since=1.1.2020`);
    assert.match(text(browser), /Klara Kontorist fikk ja/);
    assert.doesNotMatch(text(browser), /Per Annen/);
    const [, seen] = /href="([^"]*show=seen[^"]*)"/.exec(unescapeHtml(browser.page.html))!;
    assert.doesNotMatch(seen!, /by=|opened=/);
    await call('DELETE', `/access/v1/mandates/${id}`, await personToken(boss));
    assert.equal((await browser.open(`/log?${form}`)).status, 403);
    await given(boss, firm, main, { package: 'tilgangsstyrer' });
    assert.equal((await browser.open(`/log?${form}`)).status, 403);
    const decisions = `/access/v1/log/decisions?party=${firm.id}&subject=${clerk.id}`;
    assert.equal((await call('GET', decisions, await personToken(main))).status, 403);
    assert.equal((await call('GET', decisions, await personToken(boss))).status, 200);
  });

  it('is for main administrators alone', async () => {
    const { firm, boss, clerk } = await newTeam('Klara Kontorist');
    await given(boss, firm, clerk, { package: 'tilgangsstyrer' });
    const browser = await loggedIn(clerk, `/log?party=${firm.id}`);
    assert.equal(browser.page.status, 200);
    assert.doesNotMatch(browser.page.html, /log\/reason/);
    for (const path of [
      `/log/reason?party=${firm.id}`,
      `/log/reason?party=${firm.id}&by=${boss.id}`,
      `/log.csv?party=${firm.id}`,
      `/log.json?party=${firm.id}&show=uses`,
    ])
      assert.equal((await browser.open(path)).status, 403, path);
  });

  it('names nobody who never acted for it, and writes nothing into the log of one', async () => {
    const { firm, boss } = await newFirm();
    const stranger = await newPerson('Sara Stranger');
    const browser = await loggedIn(boss, `/log/reason?party=${firm.id}&by=${stranger.id}`);
    assert.equal(browser.page.status, 404);
    assert.doesNotMatch(browser.page.html, /Sara/);
    await browser.open(`/log/reason?party=${firm.id}`);
    browser.page.html = browser.page.html.replaceAll(
      /(action="[^"]*)"/g,
      `$1&amp;by=${stranger.id}"`,
    );
    const sent = await press(browser, /\/log\/reason/, { reason: 'law' });
    assert.equal(sent.status, 404);
    assert.doesNotMatch(text(await loggedIn(stranger, '/log')), /åpnet det/);
  });

  it('comes as a file of every part, with the reason in the log', async () => {
    const { firm, boss } = await usedVat();
    const browser = await loggedIn(boss, '/start');
    const page = await opened(browser, `/log/reason?party=${firm.id}`);
    for (const show of ['acts', 'uses', 'seen']) {
      const file = await browser.open(`/log.csv${page.url.search.replace('acts', show)}`);
      assert.match(file.headers.get('content-type')!, /text\/csv/);
      assert.match(file.html, /Når;Hva;Hvem spurte;Tjenester;Tidspunkt/);
    }
    const json = await browser.open(`/log.json${page.url.search.replace('acts', 'uses')}`);
    const rows = JSON.parse(json.html);
    const use = rows.find(({ what }: { what: string }) => /Klara Kontorist fikk ja/.test(what));
    assert.equal(use.services, 'mva-melding');
    assert.ok(Math.abs(Date.now() - new Date(use.when).getTime()) < 600_000, use.when);
    const acts = await browser.open(`/log?party=${firm.id}&kind=others`);
    assert.match(mainText(acts.html), /åpnet hele loggen til .*Grunn: Noe kan ha gått galt/);
  });

  it('is one’s own without a reason', async () => {
    const person = await newPerson();
    await given(person, person, await newPerson('Per Hjelper'), { package: PENSION });
    const browser = await loggedIn(person, '/log');
    assert.match(browser.page.html, /href="\/log\.csv/);
    const file = await browser.open('/log.csv');
    assert.match(file.html, /ga Per Hjelper Pensjon/);
  });
});
