// Journeys that only a browser shows: two tabs, Back, a double click, the keyboard, large text,
// forced colours, print, another language in the middle of a form, and what changes meanwhile.
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { dayIn } from '../support/pages/giving.ts';
import { check, logIn, openAs } from '../support/pages/looks.ts';
import {
  can,
  decide,
  given,
  newConsentResource,
  newFirm,
  newPair,
  newResource,
  rightTo,
} from '../support/rights/rights.ts';
import {
  ask,
  inDays,
  lastName,
  newOrganization,
  newPerson,
  newRole,
  type TestParty,
  world,
} from '../support/world.ts';

const VAT = 'merverdiavgift';
const PENSION = 'innbygger-pensjon';
const SUBMIT = 'main form[method=post] button[type=submit]';

if (hasChromium)
  describe('the journeys in Chromium', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    type Options = NonNullable<Parameters<Browser['newContext']>[0]>;
    const at = (person: TestParty, path: string, options: Options = {}) =>
      openAs(browser, person, path, options);
    /** Presses the button of the form and waits for what it answers. */
    const send = (page: Page) => Promise.all([page.waitForNavigation(), page.click(SUBMIT)]);
    /** Waits for words, not for an address: a second click ends the first one's navigation. */
    const says = (page: Page, words: string) =>
      page.locator('main', { hasText: words }).waitFor({ state: 'visible' });
    const text = async (page: Page) => (await page.textContent('main'))!;
    const another = async (context: BrowserContext, path: string) => {
      const page = await context.newPage();
      await page.goto(`${world.url}${path}`);
      return page;
    };
    async function fill(page: Page, helper: TestParty): Promise<void> {
      await page.fill('#number', helper.number);
      await page.fill('#lastName', lastName(helper));
      await page.check('#long-year');
    }
    const countGiven = async (from: TestParty, to: TestParty) => {
      const { rows } = await world.database.db.raw(
        "select from mandate where from_party = ? and to_party = ? and basis = 'delegation'",
        [from.id, to.id],
      );
      return rows.length;
    };

    it('show a ward the guardian, and the next when the guardian is replaced', async () => {
      const [ward, first, second] = [
        await newPerson('Gunnar Eldresen'),
        await newPerson('Anne Vergesen'),
        await newPerson('Bjarne Etterfølger'),
      ];
      await newRole('verge:skatteetaten-skatt', ward, first);
      const { context, page } = await at(ward, '/overview?show=statutory');
      assert.match(await text(page), /Anne Vergesen/);
      assert.match(await text(page), /Har rollen\s+verge/);
      await newRole('verge:skatteetaten-skatt', ward, first, { endedAt: inDays(-1) });
      await newRole('verge:skatteetaten-skatt', ward, second);
      await page.reload();
      assert.match(await text(page), /Bjarne Etterfølger/);
      assert.doesNotMatch(await text(page), /Anne Vergesen/);
      await page.click('.tabs-nav a[href*=ended]');
      assert.match(await text(page), /Anne Vergesen/);
      await page.click('.cards a');
      assert.match(await text(page), /følger av et register/);
      await context.close();
    });

    it('let a director give for the company and for a sub-unit, seen together', async () => {
      const { firm, boss } = await newFirm();
      const unit = await newOrganization('Avdeling Nord', { parent: firm.number });
      const [one, two] = [await newPerson('Ida Hovedsen'), await newPerson('Nils Nordby')];
      const { context, page } = await at(boss, '/parties');
      for (const [party, helper] of [
        [firm, one],
        [unit, two],
      ] as const) {
        await page.goto(`${world.url}/give/terms?party=${party.id}&package=${VAT}`);
        await fill(page, helper);
        await send(page);
        assert.match(await text(page), new RegExp(party.name));
        await send(page);
        assert.match(await text(page), /Fullmakten er gitt/);
        assert.equal(await decide(helper, 'read', 'mva-melding', party), 'Permit');
      }
      assert.equal(await decide(two, 'read', 'mva-melding', firm), 'NotApplicable');
      await page.goto(`${world.url}/overview?party=${firm.id}`);
      for (const name of ['Ida Hovedsen', 'Nils Nordby', 'For Avdeling Nord'])
        assert.ok((await text(page)).includes(name), name);
      await check(page, 'overview-units');
      await context.close();
    });

    it('let a main administrator give what that person does not have', async () => {
      const { firm, boss } = await newFirm();
      const [admin, clerk] = [await newPerson('Mona Hovedadmin'), await newPerson()];
      const { context, page } = await at(boss, `/overview/people?party=${firm.id}`);
      assert.doesNotMatch(await text(page), /Mona/);
      await page.goto(`${world.url}/give/terms?party=${firm.id}&package=hovedadministrator`);
      await fill(page, admin);
      await send(page);
      await send(page);
      // What is risky takes a stronger login, after which the same is there to look over.
      assert.match(await text(page), /sikkerhetsnivå 4/);
      await check(page, 'step-up');
      await page.click('main a.ds-button');
      await logIn(page, boss.number);
      await page.waitForURL(/\/give\/check/);
      assert.match(await text(page), /Mona Hovedadmin/);
      await send(page);
      assert.match(await text(page), /Fullmakten er gitt/);
      await page.goto(`${world.url}/overview/people?party=${firm.id}`);
      assert.match(await text(page), /Mona Hovedadmin/);
      await context.close();
      assert.equal(await decide(admin, 'read', 'mva-melding', firm), 'NotApplicable');
      const theirs = await at(admin, `/give/terms?party=${firm.id}&package=${VAT}`);
      await fill(theirs.page, clerk);
      await send(theirs.page);
      await send(theirs.page);
      assert.match(await text(theirs.page), /Fullmakten er gitt/);
      assert.equal(await decide(clerk, 'read', 'mva-melding', firm), 'Permit');
      await theirs.context.close();
    });

    it('keep two tabs with two parties apart', async () => {
      const [{ firm, boss }, other] = [await newFirm(), await newOrganization('Annet Foretak AS')];
      await newRole('dagl', other, boss);
      const helper = await newPerson();
      const path = (party: TestParty) => `/give/terms?party=${party.id}&package=${VAT}`;
      const { context, page: first } = await at(boss, path(firm));
      const second = await another(context, path(other));
      await fill(first, helper);
      await fill(second, helper);
      await send(second);
      await send(first);
      await send(first);
      assert.match(await text(first), new RegExp(firm.name));
      assert.deepEqual([await countGiven(firm, helper), await countGiven(other, helper)], [1, 0]);
      await send(second);
      assert.match(await text(second), /Annet Foretak AS/);
      assert.deepEqual([await countGiven(firm, helper), await countGiven(other, helper)], [1, 1]);
      await context.close();
    });

    it('refuse in words one who was dismissed while the form was open', async () => {
      const { firm, boss } = await newFirm();
      const helper = await newPerson();
      const path = `/give/terms?party=${firm.id}&package=${VAT}`;
      const { context, page } = await at(boss, path);
      await fill(page, helper);
      await send(page);
      await newRole('dagl', firm, boss, { endedAt: inDays(-1) });
      await send(page);
      assert.match(await text(page), /ble ikke gitt|har ikke tilgang/);
      await check(page, 'dismissed');
      assert.equal(await countGiven(firm, helper), 0);
      await context.close();
    });

    it('do once what a double click asks for', async () => {
      const [[giver, helper], bank] = [await newPair(), await newOrganization()];
      const { context, page } = await at(giver, `/give/terms?package=${PENSION}`);
      await fill(page, helper);
      await send(page);
      await page.dblclick(SUBMIT);
      await says(page, 'Fullmakten er gitt');
      assert.match(page.url(), /\/overview\//);
      assert.equal(await countGiven(giver, helper), 1);
      const id = await ask(giver, bank);
      await page.goto(`${world.url}/consent/request?id=${id}`);
      await page.dblclick('button[value=yes]');
      await says(page, 'Du har gitt');
      assert.match(page.url(), /receipt/);
      await context.close();
    });

    it('give nothing again by Back and another press', async () => {
      const [giver, helper] = await newPair();
      const { context, page } = await at(giver, `/give/terms?package=${PENSION}`);
      await fill(page, helper);
      await send(page);
      await send(page);
      const given = page.url();
      await Promise.all([page.waitForNavigation(), page.click('main a[href*="/end"]')]);
      await send(page);
      assert.match(await text(page), /Fullmakten er avsluttet/);
      const seen: string[] = [];
      for (let back = 0; back < 4; back += 1) {
        await page.goBack();
        seen.push(new URL(page.url()).pathname);
        if (!page.url().includes('/give/check')) continue;
        await send(page);
        assert.match(await text(page), /ble ikke gitt|Start på nytt|TIL-00013/);
        assert.equal(await countGiven(giver, helper), 1);
        await page.goBack();
      }
      assert.ok(seen.includes('/give/check') && seen.includes('/give/terms'), String(seen));
      const after = await another(context, new URL(given).pathname);
      assert.match(await text(after), /Avsluttet/);
      await context.close();
    });

    it('are walked by the keyboard alone, with nothing in the way of it', async () => {
      const [giver, helper] = await newPair();
      const { context, page } = await at(giver, `/give/terms?package=${PENSION}`);
      const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      assert.equal(await focused(), 'main', 'the first stop skips to the content');
      const tabTo = async (id: string) => {
        for (let n = 0; n < 12 && (await focused()) !== id; n += 1)
          await page.keyboard.press('Tab');
        assert.equal(await focused(), id);
      };
      await tabTo('number');
      await page.keyboard.type(helper.number);
      await tabTo('lastName');
      await page.keyboard.type(lastName(helper));
      await tabTo('long-month');
      // A day is asked for of whoever chooses one, and the keyboard comes to it then.
      for (let n = 0; n < 3; n += 1) await page.keyboard.press('ArrowDown');
      await tabTo('date');
      await page.keyboard.type(dayIn(700));
      // Enter in a field sends the form, in the language that it is in.
      await page.keyboard.press('Enter');
      // Both steps have one address.
      await page.getByText('Se over før du gir').first().waitFor();
      await page.keyboard.press('Tab');
      for (let n = 0; n < 20; n += 1) {
        const label = await page.evaluate(() => document.activeElement?.textContent?.trim());
        if (label === 'Gi fullmakten') break;
        await page.keyboard.press('Tab');
      }
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/overview\//);
      assert.match(await text(page), /Fullmakten er gitt/);
      await context.close();
    });

    it('keep what was typed when the language is switched in the middle of a form', async () => {
      const { firm, boss } = await newFirm();
      const [helper, clerk] = [await newPerson(), await newPerson()];
      await newRole('medl', firm, clerk);
      const resource = await newResource([can('read', 'dagl'), can('sign', 'dagl')]);
      for (const [who, path] of [
        [boss, `/give/terms?party=${firm.id}&resource=${resource}`],
        [clerk, `/ask/terms?resource=${resource}`],
      ] as const) {
        const { context, page } = await at(who, path);
        await fill(page, helper);
        await page.check('input[name=action][value=sign]');
        await page.click('.top summary');
        await Promise.all([page.waitForNavigation(), page.click('.langs button[lang=nn]')]);
        assert.match(await text(page), /Kor lenge skal fullmakta gjelde/);
        assert.equal(await page.inputValue('#number'), helper.number);
        assert.equal(await page.inputValue('#lastName'), lastName(helper));
        assert.ok(await page.isChecked('#long-year'));
        assert.ok(await page.isChecked('input[name=action][value=sign]'));
        assert.equal(await page.locator('.ds-error-summary').count(), 0);
        await check(page, 'switched');
        await context.close();
      }
      const id = await given(boss, firm, helper, { package: VAT });
      const { context, page } = await at(boss, `/overview/${id}/change`);
      await page.fill('#date', '31.12.2031');
      await page.click('.top summary');
      await Promise.all([page.waitForNavigation(), page.click('.langs button[lang=en]')]);
      assert.equal(await page.inputValue('#date'), '31.12.2031');
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      await send(page);
      assert.match(await text(page), /2031/);
      await context.close();
    });

    it('are there without script, in large text, in forced colours and on paper', async () => {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const id = await ask(person, bank);
      const paths = ['/start', '/overview', '/give', `/consent/request?id=${id}`];
      for (const [name, options] of [
        ['no script', { javaScriptEnabled: false }],
        ['large', { bypassCSP: true }],
        ['forced', { forcedColors: 'active' }],
      ] as [string, Options][]) {
        const { context, page } = await at(person, '/start', options);
        for (const path of paths) {
          await page.goto(`${world.url}${path}`);
          if (name === 'large') {
            await page.addStyleTag({ content: ':root { font-size: 200% !important }' });
            const over = await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            );
            assert.equal(over, 0, path);
          }
          if (name === 'forced') await check(page, `forced ${path}`);
          assert.equal(await page.locator('h1').count(), 1, `${name} ${path}`);
        }
        await context.close();
      }
      const { context, page } = await at(person, `/consent/request?id=${id}`, {
        javaScriptEnabled: false,
      });
      await Promise.all([page.waitForNavigation(), page.click('button[value=yes]')]);
      assert.match(await text(page), /Du har gitt/);
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('.no-print:visible, .top nav:visible').count(), 0);
      const paper = await page.pdf();
      assert.ok(paper.length > 5_000);
      await context.close();
    });

    it('show on the receipt the words that were shown, also when the service has new ones since', async () => {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const words = (text: string) => ({ consentText: { nb: text, nn: text, en: text } });
      const resource = await newConsentResource(
        ['privatperson'],
        words('Det som ble **vist** da.'),
      );
      const id = await ask(person, bank, rightTo(resource));
      const { context, page } = await at(person, `/consent/request?id=${id}`);
      const said = async () => ({
        rights: (await page.textContent('.rights'))!.replaceAll(/\s+/g, ' ').trim(),
        flow: await page.locator('.hf strong').allTextContents(),
      });
      const before = await said();
      const hash = await page.inputValue('input[name=shown]');
      await Promise.all([page.waitForNavigation(), page.click('button[value=yes]')]);
      assert.deepEqual(await said(), before);
      await newConsentResource(['privatperson'], {
        identifier: resource,
        title: { nb: 'Noe annet', nn: 'Noko anna', en: 'Else' },
        ...words('Noe helt annet.'),
      });
      for (const path of [`/consent/receipt?id=${id}`, `/consents/${id}`]) {
        await page.goto(`${world.url}${path}`);
        assert.deepEqual(await said(), before, path);
      }
      const { rows } = await world.database.db.raw(
        'select hash from consent_shown where consent_id = ?',
        [id],
      );
      assert.equal(rows[0].hash, hash);
      await context.close();
    });

    it('have the answer within three small screens, or a way to it on top', async () => {
      const [person, bank] = [await newPerson(), await newOrganization()];
      const resourceOf = (length: number) => {
        const words = 'Opplysninger om inntekt og formue. '.repeat(40).slice(0, length);
        return newConsentResource(['privatperson'], {
          consentText: { nb: words, nn: words, en: words },
        });
      };
      const [short, long] = [await resourceOf(600), await resourceOf(601)];
      const { context, page } = await at(person, '/start');
      await page.goto(`${world.url}/consent/request?id=${await ask(person, bank, rightTo(short))}`);
      const bottom = await page
        .locator('button[value=no]')
        .evaluate((button) => button.getBoundingClientRect().bottom + scrollY);
      assert.ok(bottom <= 3 * 640, `${bottom} px`);
      assert.equal(await page.locator('main a[href="#answer"]').count(), 0);
      await page.goto(`${world.url}/consent/request?id=${await ask(person, bank, rightTo(long))}`);
      await page.click('main a[href="#answer"]');
      assert.ok(await page.locator('#answer').isVisible());
      await context.close();
    });
  });
