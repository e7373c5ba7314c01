// Who has what of a company and its units, in a table and as a file; and the file that gives,
// changes and ends many powers of attorney in one act.
import assert from 'node:assert/strict';
import {
  heading,
  loggedIn,
  mainText,
  press,
  unescapeHtml,
  type Browser,
} from '../support/pages/browser.ts';
import { grouped } from '../support/rights/groups.ts';
import { assign, newAgent, VAT } from '../support/rights/office.ts';
import { change, decide, end, give, given, newTeam } from '../support/rights/rights.ts';
import { newSystemUser } from '../support/rights/systems.ts';
import {
  importThis,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  type TestParty,
  world,
} from '../support/world.ts';

const TOLL = 'toll';
const HEAD = 'Gjør;Enhetens nummer;Fullmakt;Siste dag;Mottaker;Nummer;Etternavn';

/** The table of a firm in the browser of who leads it, and files brought there. */
async function table(firm: TestParty, boss: TestParty) {
  const browser = await loggedIn(boss, `/holdings?party=${firm.id}`);
  /** Brings rows below the headings; what is missing at the end of a row is empty. */
  const bring = async (rows: string[], head = HEAD) => {
    await browser.open(`/holdings/file?party=${firm.id}`);
    return browser.submit({ file: [head, ...rows].join('\r\n') }, undefined, {
      to: /^\/holdings\/file\?/,
    });
  };
  return { browser, bring };
}

const confirm = (browser: Browser) => press(browser, /^\/holdings\/file\/check/);

/** Sends lines that were looked over, from a page of this browser. */
async function sendLines(browser: Browser, { id }: { id: string }, lines: string) {
  const { html } = await browser.open(`/holdings/file?party=${id}`);
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)![1]!;
  const address = `/holdings/file/check?${new URLSearchParams({ party: id, lines })}`;
  const form = `<form method="post" action="${address.replaceAll('&', '&amp;')}"></form>`;
  browser.page = { ...browser.page, html: form };
  return browser.submit({ csrf });
}

/** Everybody who has a power of attorney of a firm, by the package. */
async function held(firm: { id: string }, code: string): Promise<string[]> {
  const { rows } = await world.database.db.raw(
    'select to_party from mandate where from_party = ? and package = ? and ended_at is null order by id',
    [firm.id, code],
  );
  return rows.map((row: { to_party: string }) => row.to_party);
}

async function withUnit() {
  const made = await newTeam('Tone Tabelldal');
  const unit = await newOrganization('Avdeling Nord', { parent: made.firm.number, mayAsk: false });
  return { ...made, unit };
}

describe('the table of who has what', () => {
  it('says which system has something, and who supplies it', async () => {
    const { firm, boss } = await newTeam();
    const system = await newSystemUser(boss, firm);
    await given(boss, firm, system, { package: VAT });
    const { browser } = await table(firm, boss);
    assert.match(mainText(browser.page.html), /System: Lønnsprogram, levert av /);
  });

  it('shows each holder by unit, with roles, packages and until when', async () => {
    const { firm, boss, clerk, unit } = await withUnit();
    await given(boss, firm, clerk, { package: VAT, validTo: '2030-06-30T22:00:00Z' });
    await given(boss, unit, clerk, { package: TOLL });
    const { browser } = await table(firm, boss);
    const text = mainText(browser.page.html);
    assert.match(text, /Tone Tabelldal Foretaket AS Styremedlem Merverdiavgift \(til og med 30/);
    assert.match(text, /Tone Tabelldal Avdeling Nord Toll/);
    assert.match(text, /Daglig leder/);
    const one = mainText((await browser.open(`/holdings?party=${firm.id}&unit=${unit.id}`)).html);
    assert.match(one, /Avdeling Nord Toll/);
    assert.doesNotMatch(one, /Merverdiavgift \(/);
  });

  it('finds holders by name and by package', async () => {
    const { firm, boss, clerk } = await newTeam('Finn Finnesdal');
    const other = await newPerson('Ola Andredal');
    await given(boss, firm, clerk, { package: VAT });
    await given(boss, firm, other, { package: TOLL });
    const { browser } = await table(firm, boss);
    const named = mainText((await browser.open(`/holdings?party=${firm.id}&q=FINNES`)).html);
    assert.match(named, /Finn Finnesdal/);
    assert.doesNotMatch(named, /Ola Andredal/);
    const by = mainText((await browser.open(`/holdings?party=${firm.id}&package=${TOLL}`)).html);
    assert.match(by, /Ola Andredal/);
    assert.doesNotMatch(by, /Finn Finnesdal/);
  });

  it('is for nobody but who sees to the company', async () => {
    const { firm, clerk } = await newTeam();
    for (const path of ['/holdings', '/holdings.csv', '/holdings/file', '/holdings/file/check']) {
      const browser = await loggedIn(clerk, `${path}?party=${firm.id}`);
      assert.equal(browser.page.status, 403, path);
    }
  });

  it('is no table of a person', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, `/holdings?party=${person.id}`);
    assert.equal(browser.page.status, 403);
  });

  it('is a file with one row for each thing, without any national number', async () => {
    const { firm, boss, clerk, unit } = await withUnit();
    await given(boss, unit, clerk, { package: VAT, validTo: '2030-06-30T22:00:00Z' });
    const { browser } = await table(firm, boss);
    const file = await browser.open(`/holdings.csv?party=${firm.id}`);
    assert.match(
      file.html,
      new RegExp(
        `;${unit.number};Avdeling Nord;${VAT};[^;]*;2030-06-\\d\\d;${clerk.id};Tone Tabelldal;;;Gitt herfra`,
      ),
    );
    assert.doesNotMatch(file.html, new RegExp(clerk.number));
    assert.doesNotMatch(file.html, new RegExp(boss.number));
  });
});

describe('a file of what is to be given, changed and ended', () => {
  it('does all of it in one act, once it was looked over', async () => {
    const { firm, boss, clerk, unit } = await withUnit();
    const [fresh, bank] = [await newPerson('Nina Nydal'), await newOrganization('Byrået AS')];
    await given(boss, firm, clerk, { package: VAT, validTo: '2030-06-30T22:00:00Z' });
    await given(boss, firm, clerk, { package: TOLL });
    const { browser, bring } = await table(firm, boss);
    const looked = await bring([
      `gi;;${VAT};31.12.2031;${clerk.id}`,
      `avslutt;;${TOLL};;${clerk.id}`,
      `gi;${unit.number};${TOLL};;;${fresh.number};${lastName(fresh)}`,
      `gi;;${TOLL};2031-01-31;;${bank.number}`,
      `;;${VAT};;${boss.id}`,
    ]);
    assert.equal(heading(looked), 'Se over 4 endringer');
    const text = mainText(looked.html);
    assert.match(
      text,
      /Endre siste dag for «Merverdiavgift» for Foretaket AS, som Tone Tabelldal har: .*31. desember 2031/,
    );
    assert.match(text, /Avslutt «Toll» for Foretaket AS, som Tone Tabelldal har/);
    assert.match(text, /Gi Nina Nydal.* «Toll» for Avdeling Nord/);
    assert.match(text, /Gi Byrået AS.* «Toll» for Foretaket AS: .*31. januar 2031/);
    assert.deepEqual(await held(unit, TOLL), [], 'nothing is done before');
    const done = await confirm(browser);
    assert.match(mainText(done.html), /^ Tilbake Gjort\./);
    assert.deepEqual(await held(unit, TOLL), [fresh.id]);
    assert.deepEqual(await held(firm, TOLL), [bank.id]);
    const { rows } = await world.database.db.raw(
      'select valid_to from mandate where from_party = ? and package = ? and ended_at is null',
      [firm.id, VAT],
    );
    assert.equal(rows[0].valid_to.toISOString(), '2031-12-31T23:00:00.000Z');
  });

  it('takes the file that was downloaded, with some rows marked', async () => {
    const { firm, boss, clerk } = await newTeam();
    await given(boss, firm, clerk, { package: VAT });
    const { browser } = await table(firm, boss);
    const file = (await browser.open(`/holdings.csv?party=${firm.id}`)).html;
    const marked = file.replace(new RegExp(`\r\n;(?=[^\r]*;${VAT};)`), '\r\navslutt;');
    assert.notEqual(marked, file);
    await browser.open(`/holdings/file?party=${firm.id}`);
    await browser.submit({ file: marked });
    await confirm(browser);
    assert.deepEqual(await held(firm, VAT), []);
  });

  it('names every row that is wrong by its line, and does nothing', async () => {
    const { firm, boss, clerk } = await newTeam();
    const stranger = await newPerson();
    const other = await newOrganization('Et annet AS', { mayAsk: false });
    const { bring } = await table(firm, boss);
    const answer = await bring([
      `gi;;${VAT};31.12.2031;${clerk.id}`,
      `kanskje;;${VAT};31.12.2031;${clerk.id}`,
      `gi;${other.number};${VAT};31.12.2031;${clerk.id}`,
      `gi;;finnes-ikke;31.12.2031;${clerk.id}`,
      `gi;;${VAT};31.12.2001;${clerk.id}`,
      `gi;;${VAT};31.12.2031;${stranger.id}`,
      `gi;;${VAT};31.12.2031;;${stranger.number};Feilnavn`,
      `avslutt;;${TOLL};;${clerk.id}`,
    ]);
    assert.equal(answer.status, 400);
    const text = mainText(answer.html);
    for (const [line, word] of [
      [3, 'Skriv «gi» eller «avslutt»'],
      [4, 'Enheten er ikke en av deres'],
      [5, 'Det finnes ingen slik fullmakt'],
      [6, 'Siste dag må være en dag som kommer'],
      [7, 'Mottakeren har ikke noe av enheten'],
      [8, 'Nummeret og navnet hører ikke sammen'],
      [9, 'Mottakeren har ikke fått denne fullmakten'],
    ] as const)
      assert.match(text, new RegExp(`Linje ${line}: ${word}`));
    assert.doesNotMatch(text, /Linje 2:/);
    assert.deepEqual(await held(firm, VAT), []);
  });

  it('does nothing where one of them cannot be done, and offers the rest', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    const { browser, bring } = await table(firm, boss);
    await bring([
      `gi;;${VAT};31.12.2031;${clerk.id}`,
      `gi;;${VAT};31.12.2031;;${other.number};${lastName(other)}`,
    ]);
    await world.database.db.raw('update party set ended_at = now() where id = ?', [other.id]);
    const refused = await confirm(browser);
    assert.equal(refused.status, 409);
    assert.match(mainText(refused.html), /Ingenting ble gjort/);
    assert.deepEqual(await held(firm, VAT), []);
    await confirm(browser);
    assert.deepEqual(await held(firm, VAT), [clerk.id]);
  });

  it('refuses two marks of one thing, and a row whose id and number are of two', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    const { bring } = await table(firm, boss);
    const answer = await bring([
      `gi;;${VAT};31.12.2031;${clerk.id}`,
      `avslutt;;${VAT};;${clerk.id}`,
      `gi;;${TOLL};31.12.2031;${clerk.id};${other.number};${lastName(other)}`,
      `gi;;;31.12.2031;${clerk.id}`,
    ]);
    assert.equal(answer.status, 400);
    const text = mainText(answer.html);
    assert.match(text, /Linje 4: Skriv enten mottakerens id, eller nummer og etternavn/);
    assert.match(text, /Linje 5: Bare rader med en fullmakt kan merkes/);
    const twice = mainText(
      (await bring([`gi;;${VAT};31.12.2031;${clerk.id}`, `gi;;${VAT};31.12.2030;${clerk.id}`]))
        .html,
    );
    assert.match(twice, /Linje 3: Raden gjelder det samme som linje 2/);
    assert.deepEqual(await held(firm, VAT), []);
  });

  it('leaves alone what a supplier has passed on to the same person', async () => {
    const { firm, boss } = await newTeam();
    const { firm: supplier, boss: chief } = await newTeam();
    const helper = await newAgent(chief, supplier, 'Helga Hjelper');
    await given(boss, firm, supplier, { package: VAT });
    await given(boss, firm, helper, { package: VAT });
    const own = await loggedIn(chief, `/customers/assign?party=${supplier.id}&client=${firm.id}`);
    await assign(own, { agent: helper.id, package: VAT });
    const { browser, bring } = await table(firm, boss);
    await bring([`avslutt;;${VAT};;${helper.id}`]);
    await confirm(browser);
    const { rows } = await world.database.db.raw(
      'select basis from mandate where from_party = ? and to_party = ? and ended_at is null',
      [firm.id, helper.id],
    );
    assert.deepEqual(rows, [{ basis: 'customer' }]);
    const again = await bring([`avslutt;;${VAT};;${helper.id}`]);
    assert.match(mainText(again.html), /Mottakeren har ikke fått denne fullmakten herfra/);
  });

  it('does nothing to what was ended, given or changed since it was looked over', async () => {
    const { firm, boss, clerk } = await newTeam();
    const id = await given(boss, firm, clerk, { package: VAT, validTo: inDays(60) });
    const { browser, bring } = await table(firm, boss);
    await bring([`gi;;${VAT};31.12.2031;${clerk.id}`]);
    await change(boss, id, { validTo: inDays(3) });
    const refused = await confirm(browser);
    assert.equal(refused.status, 409);
    assert.match(mainText(refused.html), /avsluttet eller endret etter at du så over dette/);
    await bring([`gi;;${TOLL};31.12.2031;${clerk.id}`]);
    const page = browser.page;
    await confirm(browser);
    const [toll] = (
      await world.database.db.raw(
        'select id from mandate where from_party = ? and package = ? and ended_at is null',
        [firm.id, TOLL],
      )
    ).rows as { id: string }[];
    await end(boss, toll!.id);
    browser.page = page;
    assert.equal((await confirm(browser)).status, 409);
    assert.deepEqual(await held(firm, TOLL), []);
  });

  it('does nothing of another company, nor for another person, by what was looked over', async () => {
    const { firm, boss, clerk } = await newTeam();
    const second = await newOrganization('Det andre AS', { mayAsk: false });
    await newRole('dagl', second, boss);
    const { browser, bring } = await table(firm, boss);
    const looked = await bring([`gi;;${VAT};31.12.2031;${clerk.id}`]);
    const lines = looked.url.searchParams.get('lines')!;
    const elsewhere = await sendLines(browser, second, lines);
    assert.match(elsewhere.html, /TIL-00013/);
    const rival = await newPerson();
    await newRole('dagl', firm, rival);
    const theirs = await loggedIn(rival, '/start');
    assert.match((await sendLines(theirs, firm, lines)).html, /TIL-00046/);
    assert.deepEqual(await held(firm, VAT), []);
  });

  it('says why a file cannot be read', async () => {
    const { firm, boss } = await newTeam();
    const { browser, bring } = await table(firm, boss);
    const why = async (rows: string[], head?: string) => mainText((await bring(rows, head)).html);
    assert.match(await why([], ''), /Velg en fil med innhold/);
    assert.match(await why([`gi;${VAT}`], 'Noe;Annet'), /Filen mangler en kolonne/);
    assert.match(await why(['gi;"aldri;slutt']), /Filen kan ikke leses/);
    assert.match(await why([`;;${VAT}`]), /Ingen rad i filen er merket/);
    assert.match(await why(Array.from({ length: 51 }, () => `gi;;${VAT}`)), /Filen er for lang/);
    await browser.open(`/holdings/file?party=${firm.id}`);
    const large = await browser.submit({ file: 'x'.repeat(1_100_000) });
    assert.equal(large.status, 400);
    assert.match(mainText(large.html), /Filen er for lang/);
  });

  it('is read as spreadsheets of other languages and machines save it', async () => {
    const { firm, boss, clerk } = await newTeam();
    const { browser, bring } = await table(firm, boss);
    const english = await bring(
      [`give,${VAT},31.12.2031,${clerk.id}`],
      'sep=,\r\nDo,Power of attorney,Last day,Receiver',
    );
    assert.equal(heading(english), 'Se over én endring');
    await browser.open(`/holdings/file?party=${firm.id}`);
    const csrf = /name="csrf" value="([^"]+)"/.exec(browser.page.html)![1]!;
    const body = new FormData();
    body.append('csrf', csrf);
    const bytes = Buffer.from(
      `Gjør\tFullmakt\tSiste dag\tMottaker\ngi\t${VAT}\t31.12.2031\t${clerk.id}`,
      'latin1',
    );
    body.append('file', new Blob([bytes]), 'fil.csv');
    const answer = await fetch(`${world.url}/holdings/file?party=${firm.id}`, {
      ...{ method: 'POST', body },
      headers: { cookie: await browser.cookies(''), origin: world.url },
    });
    assert.match(await answer.text(), /Se over én endring/);
  });

  it('looks over as much as a file may have at an address that another language keeps', async () => {
    const { firm, boss } = await newTeam();
    const people = await Promise.all(Array.from({ length: 50 }, () => newPerson()));
    const validTo = inDays(30);
    await importThis({
      mandates: people.map(({ number }) => ({
        ...{ from: firm.number, to: number, package: VAT, validTo },
      })),
    });
    const { browser, bring } = await table(firm, boss);
    const looked = await bring(people.map(({ id }) => `avslutt;;${VAT};;${id}`));
    assert.equal(heading(looked), 'Se over 50 endringer');
    browser.page.html = looked.html;
    const [, english] = /href="(\/holdings\/file\/check\?[^"]*lang(?:=|&#x3D;)en)"/.exec(
      looked.html,
    )!;
    assert.equal((await browser.open(unescapeHtml(english!))).status, 200);
    assert.equal(heading(browser.page), 'Look over 50 changes');
    await confirm(browser);
    assert.deepEqual(await held(firm, VAT), []);
  });

  it('leaves alone what somebody has by a group', async () => {
    const { firm, boss, clerk } = await newTeam();
    const group = await grouped(firm, boss);
    await group.open(VAT);
    await group.put(clerk);
    const { bring } = await table(firm, boss);
    const answer = await bring([`avslutt;;${VAT};;${clerk.id}`]);
    assert.match(mainText(answer.html), /eller har den gjennom en gruppe/);
    assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
  });

  it('gives nothing that the person may not give', async () => {
    const { firm, boss, clerk } = await newTeam();
    const other = await newPerson();
    // One who administers access without having everything.
    await give(boss, firm, other, { package: 'tilgangsstyrer', validTo: inDays(30) });
    const { browser, bring } = await table(firm, other);
    const looked = await bring([`gi;;${VAT};31.12.2031;${clerk.id}`]);
    assert.equal(heading(looked), 'Se over én endring');
    const answer = await confirm(browser);
    assert.equal(answer.status, 409);
    assert.deepEqual(await held(firm, VAT), []);
  });
});
