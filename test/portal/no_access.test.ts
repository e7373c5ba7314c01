// A refusal that leads on: somebody who has something of a company's hears who can give the rest,
// by role, and where to ask; a stranger hears nothing, whether or not there is such a company.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { loggedIn, press, unescapeHtml } from '../support/pages/browser.ts';
import { newFamily } from '../support/family.ts';
import { given, newFirm } from '../support/rights/rights.ts';
import { employ } from '../support/rows.ts';
import { filledDatabase, startServer } from '../support/run/process.ts';
import { importThis, newPerson, newRole, putParty, world } from '../support/world.ts';

const body = (html: string) => /<main[\s\S]*<\/main>/.exec(html)![0];
const withoutReference = (html: string) => body(html).replaceAll(/[2-9A-Z]{5}-[2-9A-Z]{5}/g, '');

describe('a page of a company that one may not open', () => {
  it('says to one with a tie who can give it, and leads to asking, filled in', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, { package: 'toll' });
    const browser = await loggedIn(clerk, `/overview?party=${firm.id}`);
    assert.equal(browser.page.status, 403);
    const html = body(browser.page.html);
    assert.match(html, new RegExp(`Du har ingen fullmakt for dette hos ${firm.name}`));
    assert.match(html, /spør noen som kan gi den: daglig leder\./, 'and no role that nobody has');
    assert.ok(!html.includes(boss.name ?? '-'));
    const [, href] = /href="(\/ask\/terms[^"]+)"/.exec(html) ?? [];
    const { html: asking, status } = await browser.open(unescapeHtml(href!));
    assert.equal(status, 200);
    assert.match(asking, new RegExp(`id="whom"><strong>${firm.name}`));
    assert.match(asking, /Daglig leder i .* bestemmer, og ser hvem som spør/);
    assert.doesNotMatch(asking, /name="number"/);
  });

  it('leads one who works there to asking, as long as they do', async () => {
    const [{ firm }, worker] = [await newFirm(), await newPerson()];
    await employ(firm, worker);
    const browser = await loggedIn(worker, `/overview?party=${firm.id}`);
    assert.match(body(browser.page.html), new RegExp(`hos ${firm.name}[\\s\\S]*href="/ask/terms`));
    await employ(firm, worker, '2020-01-31');
    const { html } = await browser.open(`/overview?party=${firm.id}`);
    assert.ok(!html.includes(firm.name!) && !html.includes('/ask/terms'));
  });

  it('leads from every page of a company to asking for the least that opens it', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, { package: 'toll' });
    const access = 'tilgangsstyrer';
    const rows: [string, string | undefined][] = [
      ['/overview?', access],
      ['/log?', access],
      ['/groups?', access],
      ['/leavers?', access],
      ['/who-can?', access],
      ['/who-can.csv?resource=toll_innsyn&', access],
      ['/inbox?', access],
      ['/systems?', access],
      ['/holdings?', access],
      ['/customers?', 'klientadministrator'],
      ['/customers/agents?', 'klientadministrator'],
      ['/scopes?', 'maskinporten-administrator'],
      ['/consents?', undefined],
    ];
    const browser = await loggedIn(clerk, '/start');
    for (const [path, code] of rows) {
      const { html, status } = await browser.open(`${path}party=${firm.id}`);
      assert.equal(status, 403, path);
      const [, href] = /href="(\/ask[^"]+)"/.exec(body(html)) ?? [];
      const asked = href && new URL(unescapeHtml(href), world.url).searchParams.get('package');
      assert.equal(asked, code, path);
      assert.match(body(html), /daglig leder/i, path);
    }
    assert.match(body(browser.page.html), /Bare den som er daglig leder i .*, kan se samtykkene/i);
  });

  it('leads one who administers and is no main administrator to asking for that', async () => {
    const [{ firm, boss }, clerk] = [await newFirm(), await newPerson()];
    await given(boss, firm, clerk, { package: 'tilgangsstyrer' });
    const { page } = await loggedIn(clerk, `/log/reason?party=${firm.id}`);
    assert.equal(page.status, 403);
    assert.match(body(page.html), /package&#x3D;hovedadministrator/);
  });

  it('leads one who has something of a person to asking for more, and no stranger', async () => {
    const [giver, friend] = [await newPerson('Kari Testdal'), await newPerson()];
    await given(giver, giver, friend, { package: 'innbygger-samliv' });
    for (const path of [
      ...['/overview?', '/log?', '/consents?', '/who-can?'],
      '/give/terms?package=innbygger-pensjon&',
    ]) {
      const way = `${path}party=${giver.id}`;
      const { html } = (await loggedIn(friend, way)).page;
      assert.match(body(html), /Du har ikke fullmakt til dette fra Kari Testdal/, path);
      const [, href] = /href="(\/ask\?[^"]+)"/.exec(body(html)) ?? [];
      assert.equal((await loggedIn(friend, unescapeHtml(href!))).page.status, 200, path);
      const stranger = body((await loggedIn(await newPerson(), way)).page.html);
      assert.ok(!stranger.includes('/ask') && !stranger.includes('Testdal'), path);
    }
  });

  it('leads a parent to the consents of the child, and asks nothing of it', async () => {
    const { child, mother } = await newFamily(10);
    const browser = await loggedIn(mother, '/start');
    for (const path of [
      '/overview?',
      '/log?',
      '/who-can?',
      '/give/terms?package=innbygger-pensjon&',
    ]) {
      const { html, status } = await browser.open(`${path}party=${child.id}`);
      assert.equal(status, 403, path);
      assert.match(body(html), /Du kan svare på samtykker for Lise Barn/, path);
      assert.ok(!html.includes('/ask'), path);
      const [, href] = /href="(\/consents\?[^"]+)"/.exec(body(html)) ?? [];
      assert.equal((await browser.open(unescapeHtml(href!))).status, 200, path);
    }
  });

  it('names no stranger to a lawyer, who may ask anybody by number', async () => {
    const [stranger, lawyer] = [await newPerson('Fremmed Testdal'), await newPerson()];
    await importThis({ qualifications: [{ party: lawyer.number, kind: 'advokat' }] });
    for (const path of ['/overview?', '/consents?', '/who-can?', '/give/terms?package=toll&']) {
      const { page } = await loggedIn(lawyer, `${path}party=${stranger.id}`);
      assert.equal(page.status, 403, path);
      assert.ok(!body(page.html).includes('Testdal') && !page.html.includes('/ask?'), path);
    }
  });

  it('says to one who administers for a person that what that one receives is not theirs', async () => {
    const [giver, helper] = [await newPerson('Nils Testdal'), await newPerson()];
    await given(giver, giver, helper, { package: 'innbygger-tilgangsstyring-privatperson' });
    for (const path of ['/inbox', '/silences', '/ask']) {
      const { page } = await loggedIn(helper, `${path}?party=${giver.id}`);
      assert.equal(page.status, 403, path);
      assert.match(body(page.html), /Bare Nils Testdal selv kan bruke denne siden/, path);
    }
  });

  it('says the same to a stranger as of a company that there is not', async () => {
    const { firm } = await newFirm();
    const browser = await loggedIn(await newPerson(), '/start');
    for (const path of ['/overview', '/consents', '/customers', '/groups', '/who-can']) {
      const known = withoutReference((await browser.open(`${path}?party=${firm.id}`)).html);
      const unknown = withoutReference((await browser.open(`${path}?party=${randomUUID()}`)).html);
      assert.match(known, /Du har ikke tilgang til denne siden/);
      assert.ok(!known.includes('/ask') && !known.includes(firm.name!), path);
      assert.equal(known, unknown, path);
    }
  });

  it('gives a reference that can be read out, by which the operator finds the line', async () => {
    const browser = await loggedIn(await newPerson(), `/overview?party=${randomUUID()}`);
    const [reference] = /[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}/.exec(body(browser.page.html)) ?? [];
    const line = world.logs.find((one) => one.includes(`"reference":"${reference}"`));
    assert.match(line ?? '', /TIL-00008/);
  });
});

describe('a form of a former login', () => {
  it('is as old, where it was the same person who logged in anew', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, '/profile');
    const shown = browser.page;
    await browser.open('/step-up?to=/profile&level=4');
    await browser.logIn(person);
    browser.page = shown;
    const page = await press(browser, /profile/, { language: 'en' });
    assert.equal(page.status, 403);
    assert.match(page.html, /Åpne siden på nytt[\s\S]*TIL-00013/);
  });

  it('says so of a form that was shown in another login, and does nothing', async () => {
    const [first, second] = [await newPerson(), await newPerson()];
    const browser = await loggedIn(first, '/profile');
    const shown = browser.page;
    await browser.forget('');
    await browser.open('/profile');
    await browser.logIn(second);
    browser.page = shown;
    const page = await press(browser, /profile/, { language: 'en' });
    assert.equal(page.status, 403);
    assert.match(page.html, /Ingenting ble lagret[\s\S]*en annen innlogging[\s\S]*TIL-00046/);
    assert.match(page.html, /href="\/start"/);
    for (const who of [first, second]) {
      const { html } = (await loggedIn(who, '/profile')).page;
      assert.match(html, /<html lang="nb"/);
    }
  });
});

describe('a power of attorney that one cannot give', () => {
  it('names no party to a stranger', async () => {
    const [stranger, other] = [await newPerson(), await newPerson('Ola Ukjentmann')];
    const way = `/give/terms?party=${other.id}&package=merverdiavgift`;
    const { status, html } = (await loggedIn(stranger, way)).page;
    assert.equal(status, 403);
    assert.doesNotMatch(html, /Ukjentmann/);
  });

  it('says why: nobody like that one gives it, an age, a court; and the same of none', async () => {
    const [{ firm, boss }, child, ward] = [await newFirm(), await newPerson(), await newPerson()];
    await putParty(child, { bornOn: `${new Date().getUTCFullYear() - 12}-01-02` });
    await newRole('foreldreansvar', child, await newPerson());
    await world.app.registers.poll();
    world.registers.feeds.vergemal!.append({
      op: 'upsert',
      from: ward.number,
      code: 'rettslig-handleevne',
    });
    await world.app.registers.poll();
    const rows: [typeof boss, string, RegExp][] = [
      [boss, `party=${firm.id}&package=innbygger-pensjon`, /«Pensjon» kan ikke gis av /],
      [boss, `party=${firm.id}&package=ingen`, /Du har ikke tilgang til denne siden/],
      [child, 'package=innbygger-pensjon', /Du må være 18 år for å gi dette/],
      [ward, 'package=innbygger-pensjon', /domstol/],
    ];
    for (const [who, query, words] of rows) {
      const { page } = await loggedIn(who, `/give/terms?${query}`);
      assert.equal(page.status, 403, query);
      assert.match(body(page.html), words, query);
    }
  });
});

describe('whom to call', () => {
  it('stands on pages of faults and the front page, where the operator has said it', async () => {
    const server = await startServer({
      ...(await filledDatabase()),
      SUPPORT_PHONE: '22 00 00 00',
      SUPPORT_URL: 'https://hjelp.example/',
    });
    try {
      const html = await (
        await fetch(`${server.url}/not-there`, { headers: { accept: 'text/html' } })
      ).text();
      assert.match(html, /Trenger du hjelp\? Kontakt oss: 22 00 00 00/);
      assert.match(html, /href="https:\/\/hjelp\.example\/"/);
      const front = await (await fetch(`${server.url}/`)).text();
      assert.match(front, /Kontakt oss: 22 00 00 00/);
    } finally {
      await server.stop('SIGTERM');
    }
  });

  it('is on none where nobody has said it', async () => {
    const headers = { accept: 'text/html' };
    const html = await (await fetch(`${world.url}/not-there`, { headers })).text();
    assert.match(html, /TIL-00009/);
    assert.doesNotMatch(html, /Kontakt oss/);
  });
});
