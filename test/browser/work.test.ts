// The portal at work, in a real browser: several things given together, one person ended, with the
// presses, loads and ticks that each takes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { dayIn } from '../support/pages/giving.ts';
import { walkAs } from '../support/pages/walk.ts';
import { office } from '../support/rights/office.ts';
import {
  can,
  decide,
  given,
  newFirm,
  newResource,
  newTeam,
  sent,
} from '../support/rights/rights.ts';
import { newCaseNo, supportStaff } from '../support/rights/staff.ts';
import { asVendor, newAskedSystem } from '../support/rights/systems.ts';
import { call, newOrganization, newPerson, newRole, personToken, world } from '../support/world.ts';

const FIVE = ['merverdiavgift', 'toll', 'skattegrunnlag', 'a-ordning', 'ansettelsesforhold'];
const SUBMIT = 'main form[method="post"] button[type="submit"]';

if (hasChromium)
  describe('the portal at work', function suite() {
    if (process.env.SCREENSHOTS) this.timeout(600_000);
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    it('gives five packages to two receivers in one look-over', () =>
      walkAs(browser, 'one who gives five packages to two', async (one) => {
        const { firm, boss } = await newFirm();
        const [first, other] = [await newPerson('Første Fossum'), await newPerson('Andre Aasen')];
        for (const who of [first, other]) await given(boss, firm, who, { package: 'attester' });
        await one.enter(boss, `/overview?party=${firm.id}`);
        await one.press('main a[href^="/give"]');
        for (const code of FIVE) {
          const box = `#package-${code}`;
          if (!(await one.page.locator(box).isVisible()))
            await one.press(`details:has(${box}) > summary`);
          await one.tick(box);
        }
        await one.press('main form button[type="submit"]:not([formaction])');
        await one.tick('#to-0');
        await one.tick('#to-1');
        await one.tick('#long-year');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Gi 10 fullmakter/);
        await one.press(SUBMIT);
        assert.match(await one.text(), /10 fullmakter er gitt/);
        assert.equal(await decide(other, 'read', 'mva-melding', firm), 'Permit');
        assert.ok(one.presses <= 9 && one.ticks <= 8, one.count());
      }));

    it('ends everything that one person has', () =>
      walkAs(browser, 'one who ends all of another', async (one) => {
        const { firm, boss } = await newFirm();
        const helper = await newPerson('Hjelper Hauge');
        for (const code of FIVE.slice(0, 3)) await given(boss, firm, helper, { package: code });
        await one.enter(boss, `/overview?party=${firm.id}`);
        await one.press('main a[href^="/overview/people"]');
        await one.press('main .cards a:has-text("Hjelper Hauge")');
        await one.press('main a[href*="all=yes"]');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Avsluttet det siste døgnet/);
        assert.equal(await decide(helper, 'read', 'mva-melding', firm), 'NotApplicable');
        assert.ok(one.presses <= 4, one.count());
      }));

    it('says yes to what a stranger sends', () =>
      walkAs(browser, 'one who accepts what a stranger sends', async (one) => {
        const [giver, receiver] = [await newPerson('Sigrid Sendal'), await newPerson()];
        const id = await sent(giver, receiver, { package: 'innbygger-pensjon' });
        await one.enter(receiver);
        await one.press('main .cards a[href="/inbox"]');
        await one.press(`main a[href^="/overview/${id}"]`);
        assert.match(await one.text(), /Sigrid Sendal vil gi deg denne fullmakten/);
        await one.press('main form[action*="/accept"] button');
        assert.match(await one.text(), /Du har sagt ja. Fullmakten gjelder nå/);
        assert.ok(one.presses <= 3, one.count());
      }));

    it('puts one in a group and takes the one out again', () =>
      walkAs(browser, 'one who makes a group, puts one in and takes them out', async (one) => {
        const { firm, boss, clerk } = await newTeam('Grete Gruppdal');
        await given(boss, firm, clerk, { package: 'attester' });
        await one.enter(boss, `/overview/people?party=${firm.id}`);
        await one.press('main a[href^="/groups"]');
        await one.page.fill('#name', 'Vaktlag nord');
        await one.press(SUBMIT);
        await one.press('main a[href*="/rights"]');
        const box = '#package-merverdiavgift';
        if (!(await one.page.locator(box).isVisible()))
          await one.press(`details:has(${box}) > summary`);
        await one.tick(box);
        await one.press(SUBMIT);
        await one.press('main a[href*="/members"]');
        assert.match(await one.text(), /De du setter inn, får dette .*Merverdiavgift/);
        await one.tick('#to-0');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Grete Gruppdal/);
        assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
        await one.press('main button[name="member"]');
        assert.match(await one.text(), /Tatt ut/);
        assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
      }));

    it('takes a table home as a file, and gives and ends by the file', () =>
      walkAs(browser, 'one who changes many by a file', async (one) => {
        const { firm, boss, clerk } = await newTeam('Tone Tabelldal');
        const unit = await newOrganization('Avdeling Nord', { parent: firm.number, mayAsk: false });
        for (const code of ['toll', 'attester']) await given(boss, firm, clerk, { package: code });
        await given(boss, unit, clerk, { package: 'toll' });
        await one.enter(boss, `/overview/people?party=${firm.id}`);
        await one.press('main a[href^="/holdings"]');
        assert.match(await one.text(), /Tone Tabelldal .*Avdeling Nord/);
        const fetched = one.page.waitForEvent('download');
        await one.page.click('main a[href^="/holdings.csv"]');
        const table = await readFile(await (await fetched).path(), 'utf8');
        const marked = table
          .replace(/^;(?=[^;]*;[^;]*;toll;)/gm, 'avslutt;')
          .concat(`gi;${unit.number};;merverdiavgift;;31.12.2031;${clerk.id};;;;\r\n`);
        await one.press('main a[href^="/holdings/file"]');
        const file = { name: 'tabell.csv', mimeType: 'text/csv', buffer: Buffer.from(marked) };
        await one.page.setInputFiles('#file', file);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Se over 3 endringer.*«Merverdiavgift» for Avdeling Nord/s);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Gjort\./);
        assert.equal(await decide(clerk, 'read', 'mva-melding', unit), 'Permit');
        assert.ok(one.presses <= 4, one.count());
      }));

    it('looks up what a person has and suspends it, as user support', () =>
      walkAs(browser, 'one of user support', async (one) => {
        const [giver, helper] = [await newPerson('Gunn Giver'), await newPerson('Mona Mottaker')];
        await given(giver, giver, helper, { package: 'innbygger-pensjon' });
        const [staff] = await supportStaff();
        await one.enter(staff, '/support');
        await one.page.fill('#number', giver.number);
        await one.page.fill('#case', newCaseNo());
        await one.tick('#reason-asked');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Dette har Gunn Giver gitt og fått/);
        await one.tick('[name="held"]');
        await one.tick('#suspend-called_back');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Satt på pause\. Den som kan gi/);
        await walkAs(browser, 'one who reads who has looked', async (person) => {
          await person.enter(giver, '/log');
          assert.match(await person.text(), /Brukerstøtte, sak .*så på det Gunn Giver/);
          await person.press('main a[href^="/overview/"]');
          assert.match(await person.text(), /pause av brukerstøtte\./);
          await person.press('main form[action*="/resume"] button');
          assert.match(await person.text(), /Gjelder/);
        });
      }));

    it('gives by code at one table', () =>
      walkAs(browser, 'one who gets by code', async (one) => {
        const [giver, helper] = [await newPerson('Gunn Giver'), await newPerson('Mona Mottaker')];
        await one.enter(helper, '/overview?show=received');
        await one.press('main a[href="/code"]');
        await one.press('main form[action="/code"] button');
        const code = (await one.page.textContent('main .shown'))!;
        await walkAs(browser, 'one who gives by code', async (other) => {
          await other.enter(giver, '/give/code');
          await other.page.fill('#code', code);
          await other.press(SUBMIT);
          for (const box of ['#package-0', '#long-year']) await other.tick(box);
          await other.press(SUBMIT);
          assert.match(await other.text(), /Mona Mottaker.*Da skal du svare nei/);
          await other.press(SUBMIT);
          assert.match(await other.text(), /Fullmakten er gitt/);
        });
        await one.press('main a[href="/code"]');
        assert.match(await one.text(), /fra Gunn Giver/);
      }));

    it('lets one work for five customers, and ends a part of it', () =>
      walkAs(browser, 'one who gives five customers to an agent', async (one) => {
        const { firm, boss, agent } = await office(5);
        await one.enter(boss, `/customers?party=${firm.id}`);
        for (const box of await one.page.locator('input[name=client]').all())
          await one.tick(`#${await box.getAttribute('id')}`);
        await one.press('main form button:not([formaction]):has-text("de valgte")');
        await one.tick(`#agent-${agent.id}`);
        await one.tick('#package-merverdiavgift');
        await one.press('#typed button[name=see]');
        assert.match(await one.text(), /Ingenting er gitt ennå/);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Arbeider for kunden: Agnes Ansatt/);
        assert.ok(one.pages <= 6, one.count());
        await one.press('main a[href^="/customers/agents"]');
        await one.press('main a[href^="/customers/agents/work"]');
        await one.tick('input[name=mandate]');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Avsluttet/);
        assert.ok(one.presses <= 6, one.count());
      }));

    it('lets a system in, changes what it may do, and stops it', () =>
      walkAs(browser, 'one who lets a system in and stops it', async (one) => {
        const { vendor, boss, firm, path, request } = await newAskedSystem({
          ...{ resources: ['mva-melding'], redirectUrl: 'https://lonn.example/' },
        });
        await one.enter(boss, `/systems/requests/${request.id}`);
        assert.match(await one.text(), /Systemet får Merverdiavgift/);
        await one.press('main form button:has-text("Godkjenn")');
        assert.match(await one.text(), /Godkjent.*Tilbake til lonn\.example/);
        const { systemUser } = (await asVendor(vendor, 'GET', `${path}/${request.id}`)).body;
        const change = { systemUser, packages: ['lonn'], endPackages: ['merverdiavgift'] };
        await asVendor(vendor, 'POST', path, { customer: firm.number, ...change });
        await one.press('main a[href^="/systems?"]');
        assert.match(await one.text(), /å endre hva det kan gjøre/);
        await one.press('main .cards a[href^="/systems/requests"]');
        await one.press('main form button:has-text("Godkjenn")');
        await one.press('main a[href^="/overview/people"]');
        assert.match(await one.text(), /levert av/);
        await one.press('main a[href^="/overview/stop"]');
        await one.press(SUBMIT);
        assert.equal(
          await decide({ id: systemUser }, 'read', 'mva-melding', firm),
          'NotApplicable',
        );
      }));

    it('pauses a system for a while', () =>
      walkAs(browser, 'one who pauses a system and lets it work again', async (one) => {
        const { boss, firm, request } = await newAskedSystem();
        const token = await personToken(boss);
        await call('POST', `/access/v1/system-users/requests/${request.id}/accept`, token);
        await one.enter(boss, `/systems?party=${firm.id}`);
        await one.press('main .cards a[href*="/suspend"]');
        assert.match(await one.text(), /kan ikke bruke noe av det det har/);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Systemet er satt på pause\. .*Satt på pause/);
        await one.press('main .cards a[href*="/resume"]');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Systemet virker igjen/);
      }));

    it('sees who can use a service, and ends it for one', () =>
      walkAs(browser, 'one who sees who can and ends it', async (one) => {
        const { firm, boss, clerk } = await newTeam('Klara Kontorist');
        await given(boss, firm, clerk, { package: 'merverdiavgift' });
        await one.enter(boss, `/overview/people?party=${firm.id}`);
        await one.press(`main a[href="/who-can?party=${firm.id}"]`);
        await one.page.fill('#q', 'mva-melding');
        await one.press('main form button');
        await one.press('main a[href*="resource=mva-melding"]');
        assert.match(await one.text(), /Klara Kontorist.*Merverdiavgift/);
        await one.press('main a:has-text("Klara Kontorist")');
        await one.press('main a[href*="all=yes"]');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Avsluttet det siste døgnet.*Merverdiavgift/);
        assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'NotApplicable');
      }));

    it('asks for two actions, and gets one of them for a shorter time', async () => {
      const { firm, boss, clerk } = await newTeam('Klara Kontorist');
      const service = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
      let asked = '';
      await walkAs(browser, 'one who is refused and asks', async (one) => {
        await one.enter(clerk, `/who-can?party=${firm.id}&resource=${service}`);
        assert.match(await one.text(), /Du har ingen fullmakt for dette/);
        await one.press('main a[href^="/ask?"]');
        await one.tick('#action-0');
        await one.tick('#action-1');
        await one.tick('#long-year');
        await one.press(SUBMIT);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Forespørselen er sendt/);
        assert.ok(one.presses <= 3, one.count());
        asked = new URL(one.page.url()).pathname;
      });
      await walkAs(browser, 'one who gives a part of what was asked', async (one) => {
        await one.enter(boss, `${asked}?party=${firm.id}`);
        await one.page.uncheck('#answer input[value=sign]');
        await one.page.fill('#date', dayIn(30));
        await one.press('#answer button:not([formaction])');
        assert.match(await one.text(), /en del av det/);
      });
      assert.equal(await decide(clerk, 'read', service, firm), 'Permit');
      assert.equal(await decide(clerk, 'sign', service, firm), 'NotApplicable');
    });

    it('ends what one who has left holds still', () =>
      walkAs(browser, 'one who ends what a leaver holds', async (one) => {
        const { firm, boss, clerk } = await newTeam('Lars Leaver');
        for (const code of FIVE.slice(0, 2)) await given(boss, firm, clerk, { package: code });
        await world.database.db.raw(
          `insert into employment (employer, employee, ended_on) values (?, ?, '2026-10-31')`,
          [firm.id, clerk.id],
        );
        await one.enter(boss, `/overview/people?party=${firm.id}`);
        await one.press('main a[href^="/leavers"]');
        assert.match(await one.text(), /Lars Leaver, sluttet 31\. oktober 2026/);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Avsluttet.*Ingen som har sluttet/);
      }));

    it('reads what one person did, with a reason', () =>
      walkAs(browser, 'one who reads the log of another', async (one) => {
        const { firm, boss, clerk } = await newTeam('Klara Kontorist');
        await given(boss, firm, clerk, { package: 'merverdiavgift' });
        await decide(clerk, 'read', 'mva-melding', firm);
        await world.app.settle();
        await one.enter(boss, `/overview?party=${firm.id}`);
        await one.press('main a[href^="/log"]');
        await one.press('main nav.tabs-nav a[href*="show=uses"]');
        await one.press('main a[href^="/log/reason"][href*="by="]');
        await one.tick('#reason-control');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Klara Kontorist fikk ja til Mva-melding/);
        assert.match(await one.text(), /Du ser bare det Klara Kontorist har gjort/);
      }));

    it('passes a request on, and silences who asks too much', () =>
      walkAs(browser, 'one who passes on and silences', async (one) => {
        const { firm, boss, clerk } = await newTeam('Klara Kontorist');
        const chair = await newPerson('Lars Leder');
        await newRole('lede', firm, chair);
        const query = new URLSearchParams({ party: clerk.id, to: firm.id, package: 'toll' });
        const path = `/accessmanagement/api/v1/enduser/request/package?${query}`;
        await call('POST', path, await personToken(clerk));
        await one.enter(boss);
        await one.press('main a[href^="/overview?show=waiting"]');
        await one.press('main .cards a[href^="/requests"]');
        await one.press('main a[href*="/pass-on"]');
        await one.tick(`#to-${chair.id}`);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Sendt videre til Lars Leder/);
        await one.press('main form[action*="/silence"] button');
        assert.match(await one.text(), /Lagret.*Klara Kontorist/);
      }));

    it('asks one of those it knows, by the list, and says why where the answer is no', async () => {
      const { firm, boss, clerk } = await newTeam('Klara Kontorist');
      await walkAs(browser, 'one who asks by the list', async (one) => {
        await one.enter(clerk, '/ask');
        await one.press(`main .cards a:has-text("${firm.name}")`);
        await one.press('details:has(a[href*="skattegrunnlag"]) > summary');
        await one.press('main a[href*="skattegrunnlag"]');
        await one.tick('#long-year');
        await one.press(SUBMIT);
        assert.match(await one.text(), /Ingenting er sendt ennå/);
        await one.press(SUBMIT);
        assert.match(await one.text(), /Forespørselen er sendt/);
      });
      await walkAs(browser, 'one who says no and why', async (one) => {
        await one.enter(boss, `/inbox?party=${firm.id}`);
        await one.press('main form[action*="/reject"] button');
        await one.tick('#reason-unclear');
        await one.press('main form[action*="/explain"] button');
        assert.match(await one.text(), /Begrunnelsen er lagret/);
      });
    });
  });
