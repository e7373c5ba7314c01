// What matters most, in Firefox as well: a power of attorney is given, a consent is answered, and a
// session that is lost at the button costs nobody anything.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { FORMS, type Fields } from '../support/pages/posts.ts';
import { dayIn } from '../support/pages/giving.ts';
import { grouped } from '../support/rights/groups.ts';
import { office } from '../support/rights/office.ts';
import {
  can,
  decide,
  given,
  newFirm,
  newPair,
  newResource,
  newTeam,
} from '../support/rights/rights.ts';
import { asVendor, newAskedSystem } from '../support/rights/systems.ts';
import { newCaseNo, supportStaff } from '../support/rights/staff.ts';
import {
  ask,
  call,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  personToken,
  type TestParty,
  world,
} from '../support/world.ts';

const executablePath = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
const PACKAGE = 'innbygger-pensjon';
/** Forms in which something is written or ticked; the others are a button (portal/lost.test.ts). */
const FILLED_IN = [
  ...['/ask/terms', '/consent/request', '/consents/:id/narrow', '/customers/assign', '/give/terms'],
  ...['/interaction/:uid/offline', '/interaction/:uid/represent', '/overview/:id/change'],
  ...['/overview/people/:id/change', '/requests/:id/approve', '/requests/:id/explain'],
];

// Without a browser test/run.ts says loudly that these were skipped.
if (executablePath)
  describe('the journeys in Firefox', () => {
    let browser: Browser;
    before(async () => {
      browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath,
        headless: true,
        timeout: 60_000,
        // It does not start as one user in the home of another.
        env: { ...process.env, HOME: mkdtempSync(join(tmpdir(), 'tillit-firefox-')) },
        extraPrefsFirefox: { 'intl.accept_languages': 'nb-NO' },
      });
    });
    after(async () => {
      await browser?.close();
    });

    /** A browser of its own on a small screen, logged in as the person, at the address. */
    async function at(person: TestParty, path: string): Promise<Page> {
      const page = await (await browser.createBrowserContext()).newPage();
      await page.setViewport({ width: 320, height: 640 });
      await page.goto(`${world.url}${path}`);
      await logIn(page, person);
      return page;
    }
    async function logIn(page: Page, { number }: TestParty): Promise<void> {
      await page.type('#number', number);
      await press(page, 'button:not([name])');
    }
    const press = (page: Page, button: string) =>
      Promise.all([page.waitForNavigation(), page.click(button)]);
    const text = (page: Page) =>
      page.$eval('main', (main) => main.textContent!.replaceAll(/\s+/g, ' ').trim());
    const SUBMIT = 'main form[method=post] button';

    it('let a citizen give a power of attorney', async () => {
      const [giver, helper] = await newPair();
      const resource = await newResource([can('read', `package:${PACKAGE}`)]);
      const page = await at(giver, `/give/terms?package=${PACKAGE}`);
      await page.type('#number', helper.number);
      await page.type('#lastName', lastName(helper));
      await page.click('#long-year');
      await press(page, SUBMIT);
      assert.match(await text(page), /ikke gitt ennå/);
      await press(page, SUBMIT);
      assert.match(await text(page), /Fullmakten er gitt/);
      assert.equal(await decide(helper, 'read', resource, giver), 'Permit');
      // It has been used: the giver is told, stops it there, and the next decision says no.
      await world.app.settle();
      await page.goto(`${world.url}/inbox`);
      assert.match(await text(page), /brukt for første gang/);
      await press(page, 'main a[href*="/overview/stop"]');
      await press(page, 'main form[action*="/stop"] button');
      assert.match(await text(page), /satt på pause/);
      assert.equal(await decide(helper, 'read', resource, giver), 'NotApplicable');
    });

    it('let a person answer a request for consent', async () => {
      const [person, to] = [await newPerson(), await newOrganization()];
      const id = await ask(person, to);
      const page = await at(person, `/consent/request?id=${id}`);
      await press(page, 'button[name=answer][value=yes]');
      assert.equal(new URL(page.url()).pathname, '/consent/receipt');
      assert.match(await text(page), /Kvittering|Du har gitt/);
    });

    it('refuse in words one who was dismissed while the form was open', async () => {
      const [{ firm, boss }, helper] = [await newFirm(), await newPerson()];
      const page = await at(boss, `/give/terms?party=${firm.id}&package=merverdiavgift`);
      await page.type('#number', helper.number);
      await page.type('#lastName', lastName(helper));
      await page.click('#long-year');
      await press(page, SUBMIT);
      await newRole('dagl', firm, boss, { endedAt: inDays(-1) });
      await press(page, SUBMIT);
      assert.match(await text(page), /ble ikke gitt|har ikke tilgang/);
      assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('let one ask by the list, and another give it for a shorter time', async () => {
      const { firm, boss, clerk } = await newTeam();
      const page = await at(clerk, '/ask');
      await press(page, `main .cards a[href*="${firm.id}"]`);
      await page.click('details:has(a[href*="skattegrunnlag"]) > summary');
      await press(page, 'main a[href*="skattegrunnlag"]');
      await page.click('#long-year');
      await press(page, SUBMIT);
      assert.match(await text(page), /Ingenting er sendt ennå/);
      await press(page, SUBMIT);
      assert.match(await text(page), /Forespørselen er sendt/);
      const theirs = await at(boss, `${new URL(page.url()).pathname}?party=${firm.id}`);
      await theirs.type('#date', dayIn(30));
      await press(theirs, '#answer button:not([formaction])');
      assert.match(await text(theirs), /Gitt, en del av det/);
      await page.reload();
      assert.match(await text(page), /Gitt, en del av det/);
    });

    it('let a company give two things to two, see who can, and end all that one has', async () => {
      const [{ firm, boss }, first, other] = [
        await newFirm(),
        await newPerson(),
        await newPerson(),
      ];
      for (const who of [first, other]) await given(boss, firm, who, { package: 'attester' });
      const page = await at(boss, `/give?party=${firm.id}`);
      for (const box of ['#package-merverdiavgift', '#package-toll']) {
        if (!(await page.$eval(`details:has(${box})`, (one) => one.hasAttribute('open'))))
          await page.click(`details:has(${box}) > summary`);
        await page.click(box);
      }
      await press(page, 'main form button[type=submit]:not([formaction])');
      for (const box of ['#to-0', '#to-1', '#long-year']) await page.click(box);
      await press(page, SUBMIT);
      await press(page, SUBMIT);
      assert.match(await text(page), /4 fullmakter er gitt/);
      assert.equal(await decide(first, 'read', 'mva-melding', firm), 'Permit');
      await page.goto(`${world.url}/who-can?party=${firm.id}&resource=mva-melding`);
      const can = await text(page);
      for (const who of [boss, first, other]) assert.ok(can.includes(who.name), can);
      await page.goto(`${world.url}/overview/people/${first.id}?party=${firm.id}`);
      await press(page, 'main a[href*="all=yes"]');
      await press(page, SUBMIT);
      assert.equal(await decide(first, 'read', 'mva-melding', firm), 'NotApplicable');
      assert.equal(await decide(other, 'read', 'mva-melding', firm), 'Permit');
    });

    it('let one give by the code that another shows', async () => {
      const [giver, helper] = await newPair();
      const theirs = await at(helper, '/code');
      await press(theirs, 'main form[action="/code"] button');
      const code = await theirs.$eval('main .shown', (shown) => shown.textContent!);
      const page = await at(giver, '/give/code');
      await page.type('#code', code);
      await press(page, SUBMIT);
      for (const box of ['#package-0', '#long-year']) await page.click(box);
      await press(page, SUBMIT);
      await press(page, SUBMIT);
      assert.match(await text(page), /Fullmakten er gitt/);
      await press(theirs, 'main a[href="/code"]');
      assert.ok((await text(theirs)).includes(giver.name));
    });

    it('let an office set one to work for five customers, and end a part of it', async () => {
      const { firm, boss, agent, customers } = await office(5);
      const page = await at(boss, `/customers?party=${firm.id}`);
      for (const { id } of customers) await page.click(`#client-${id}`);
      await press(page, '#clients button:not([formaction])');
      await page.click(`#agent-${agent.id}`);
      await page.click('#package-merverdiavgift');
      await press(page, '#typed button[name=see]');
      await press(page, SUBMIT);
      for (const customer of customers)
        assert.equal(await decide(agent, 'read', 'mva-melding', customer), 'Permit');
      await press(page, 'main a[href^="/customers/agents"]');
      await press(page, 'main a[href^="/customers/agents/work"]');
      await page.click('input[name=mandate]');
      await press(page, SUBMIT);
      assert.equal(await decide(agent, 'read', 'mva-melding', customers[0]!), 'NotApplicable');
      assert.equal(await decide(agent, 'read', 'mva-melding', customers[1]!), 'Permit');
    });

    it('put one in a group and take the one out again', async () => {
      const { firm, boss, clerk } = await newTeam();
      await given(boss, firm, clerk, { package: 'attester' });
      const { at: pathOf, open } = await grouped(firm, boss);
      await open('merverdiavgift');
      const page = await at(boss, pathOf('/members'));
      await page.click('#to-0');
      await press(page, SUBMIT);
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
      await press(page, 'main button[name=member]');
      assert.match(await text(page), /Tatt ut/);
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('let a system in, change what it may do, and stop it', async () => {
      const { vendor, boss, firm, path, request } = await newAskedSystem({
        resources: ['mva-melding'],
      });
      const page = await at(boss, `/systems/requests/${request.id}`);
      await press(page, 'main form button');
      const { systemUser } = (await asVendor(vendor, 'GET', `${path}/${request.id}`)).body;
      const system = { id: systemUser };
      assert.equal(await decide(system, 'read', 'mva-melding', firm), 'Permit');
      const change = { systemUser, packages: ['lonn'], endPackages: ['merverdiavgift'] };
      await asVendor(vendor, 'POST', path, { customer: firm.number, ...change });
      await page.goto(`${world.url}/systems?party=${firm.id}`);
      await press(page, 'main .cards a[href^="/systems/requests"]');
      await press(page, 'main form button');
      await press(page, 'main a[href^="/overview/people"]');
      await press(page, 'main a[href^="/overview/stop"]');
      await press(page, SUBMIT);
      assert.equal(await decide(system, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('end what one who has left holds still', async () => {
      const { firm, boss, clerk } = await newTeam();
      await given(boss, firm, clerk, { package: 'merverdiavgift' });
      await world.database.db.raw(
        `insert into employment (employer, employee, ended_on) values (?, ?, '2026-10-31')`,
        [firm.id, clerk.id],
      );
      const page = await at(boss, `/overview/people?party=${firm.id}`);
      await press(page, 'main a[href^="/leavers"]');
      await press(page, SUBMIT);
      assert.match(await text(page), /Avsluttet.*Ingen som har sluttet/);
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
    });

    it('let user support look, and suspend what a person asks for', async () => {
      const [giver, helper] = [await newPerson('Gunn Giver'), await newPerson()];
      await given(giver, giver, helper, { package: PACKAGE });
      const [staff] = await supportStaff();
      const page = await at(staff!, '/support');
      await page.type('#number', giver.number);
      await page.type('#case', newCaseNo());
      await page.click('#reason-asked');
      await press(page, SUBMIT);
      await page.click('[name="held"]');
      await page.click('#suspend-called_back');
      await press(page, SUBMIT);
      assert.match(await text(page), /Satt på pause\. Den som kan gi/);
      const theirs = await at(giver, '/log');
      assert.match(await text(theirs), /Brukerstøtte, sak .*så på det Gunn Giver/);
    });

    it('let one pass a request on, and another give it', async () => {
      const { firm, boss, clerk } = await newTeam();
      const chair = await newPerson();
      await newRole('lede', firm, chair);
      const query = new URLSearchParams({
        party: clerk.id,
        to: firm.id,
        package: 'merverdiavgift',
      });
      const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
      const { body } = await call('POST', path, await personToken(clerk));
      const page = await at(boss, `/requests/${body.id}/pass-on?party=${firm.id}`);
      await page.click(`#to-${chair.id}`);
      await press(page, SUBMIT);
      assert.match(await text(page), /Sendt videre til/);
      const theirs = await at(chair, `/requests/${body.id}?party=${firm.id}`);
      await press(theirs, '#answer button:not([formaction])');
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
    });

    /** Without the minutes, as the second login has a time of its own, and what is said of it. */
    const noClock = (words: string) =>
      words
        .replaceAll(/kl\. \d\d:\d\d/g, 'kl.')
        .replace(
          /Dette ble skrevet i skjemaet [^.]*\. Se over[^.]*\. Ingenting er sendt ennå\. /,
          '',
        );
    /** What is ticked, of the boxes of this name. */
    const ticked = (page: Page, name: string) =>
      page.$$eval(`input[name=${name}]`, (all) =>
        (all as unknown as { checked: boolean; value: string }[])
          .filter((one) => one.checked)
          .map((one) => one.value),
      );

    /** Fills the form, and answers with the button that sends it. */
    async function filled(page: Page, { action, typed, chosen }: Fields): Promise<string> {
      for (const [name, value] of Object.entries(typed ?? {})) {
        await page.$eval(
          `#${name}`,
          (input) => ((input as unknown as { value: string }).value = ''),
        );
        await page.type(`#${name}`, value);
      }
      for (const [name, value] of Object.entries(chosen ?? {})) {
        if (name === 'answer') continue;
        for (const one of await ticked(page, name))
          if (one !== value && (await page.$(`input[name=${name}][type=checkbox]`)))
            await page.click(`input[name=${name}][value="${one}"]`);
        if (!(await ticked(page, name)).includes(value))
          await page.click(`input[name=${name}][value="${value}"]`);
      }
      const own = `form[method=post][action^="${action}"] button:not([name=switch]):not([value=no])`;
      return `main button[formaction^="${action}"], main ${own}`;
    }

    for (const operation of FILLED_IN)
      it(`lose nothing and do nothing where the session is gone at ${operation}`, async () => {
        const form = await FORMS[operation]!();
        const page = await at(form.person, form.page);
        if (form.first) await press(page, await filled(page, form.first));
        const before = await text(page);
        const button = await filled(page, form);
        const cookies = await page.browserContext().cookies();
        const ours = cookies.filter(({ name }) => name === 'session');
        await page.browserContext().deleteCookie(...ours);
        await press(page, button);
        assert.match(await text(page), /logget ut/);
        await press(page, 'main a.ds-button');
        for (const [name, value] of Object.entries(form.typed ?? {}))
          assert.equal(
            await page.$eval(`#${name}`, (input) => (input as unknown as { value: string }).value),
            value,
          );
        if (!form.typed)
          assert.equal(noClock(await text(page)).slice(0, noClock(before).length), noClock(before));
        for (const [name, value] of Object.entries(form.chosen ?? {}))
          if (name !== 'answer') assert.deepEqual(await ticked(page, name), [value], name);
        await page.browserContext().close();
      });

    it('keep what was typed when the session is lost at the button, and show it to nobody else', async () => {
      const [giver, helper, other] = [await newPerson(), await newPerson(), await newPerson()];
      for (const who of [giver, other]) {
        const page = await at(giver, `/give/terms?package=${PACKAGE}`);
        await page.type('#number', helper.number);
        await page.type('#lastName', lastName(helper));
        await page.click('#long-year');
        const cookies = await page.browserContext().cookies();
        // Here and at the eID, so that somebody else may be the next.
        await page.browserContext().deleteCookie(...cookies);
        await press(page, SUBMIT);
        assert.match(await text(page), /logget ut/);
        await press(page, 'main a.ds-button');
        await logIn(page, who);
        const isOwn = who === giver;
        const typed = await page.$$eval(
          '#number',
          ([input]) => (input as unknown as { value: string })?.value,
        );
        assert.equal(typed, isOwn ? helper.number : undefined);
        assert.equal((await page.content()).includes(helper.number), isOwn);
      }
      const { rows } = await world.database.db.raw(
        'select from mandate where from_party = any(?)',
        [[giver.id, other.id]],
      );
      assert.equal(rows.length, 0);
    });
  });
