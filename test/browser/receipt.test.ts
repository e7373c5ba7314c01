// A receipt in a real browser: kept by one, given on, and checked by another; an end; and what is
// kept by one who left office.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { hasChromium, launch } from '../support/pages/chromium.ts';
import { endRole } from '../support/oauth/given.ts';
import { check, logIn, openPage } from '../support/pages/looks.ts';
import { signLog } from '../support/receipts.ts';
import { newConsentResource, rightTo } from '../support/rights/rights.ts';
import {
  approve,
  approvedConsent,
  ask,
  newOrganization,
  newPerson,
  newRole,
  withdraw,
  world,
} from '../support/world.ts';

const WORDS = {
  nb: {
    file: 'Last ned kvitteringen',
    link: 'Kvittering som andre kan kontrollere',
    right: 'Kvitteringen er ekte',
    altered: 'Kvitteringen er ikke ekte',
    ended: 'Samtykket tok slutt',
    empty: 'Lim inn en kvittering, eller velg en fil.',
    ask: 'Be dem slette det',
    asked: 'bedt om å slette',
  },
  nn: {
    file: 'Last ned kvitteringa',
    link: 'Kvittering som andre kan kontrollere',
    right: 'Kvitteringa er ekte',
    altered: 'Kvitteringa er ikkje ekte',
    ended: 'Samtykket tok slutt',
    empty: 'Lim inn ei kvittering, eller vel ei fil.',
    ask: 'Be dei slette det',
    asked: 'bedne om å slette',
  },
  en: {
    file: 'Download the receipt',
    link: 'Receipt that others can check',
    right: 'The receipt is genuine',
    altered: 'The receipt is not genuine',
    ended: 'The consent ended',
    empty: 'Paste a receipt, or choose a file.',
    ask: 'Ask them to delete it',
    asked: 'was asked to delete',
  },
} as const;

/** The file that the page's button gives. */
async function fileOf(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.click(`text=${button}`),
  ]);
  const path = join(mkdtempSync(join(tmpdir(), 'tillit-file-')), download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

if (hasChromium)
  describe('a receipt in a real browser', () => {
    let browser: Browser;
    before(async () => {
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
    });

    for (const language of ['nb', 'nn', 'en'] as const) {
      const words = WORDS[language];

      it(`is kept, given on and checked by another, and its end too, in ${language}`, async () => {
        const { id, from } = await approvedConsent();
        await signLog();
        const { context, page, faults } = await openPage(browser, language);
        await page.goto(`${world.url}/consents/${id}`);
        await logIn(page, from.number);
        await page.click(`text=${words.link}`);
        await check(page, `receipt-${language}`);
        const path = await fileOf(page, words.file);
        await context.close();

        const other = await openPage(browser, language);
        await other.page.goto(`${world.url}/verify`);
        await check(other.page, `verify-${language}`);
        await other.page.click('main button');
        await other.page.waitForSelector(`text=${words.empty}`);
        await check(other.page, `verify-empty-${language}`);
        await other.page.setInputFiles('#file', path);
        await other.page.click('main button');
        await other.page.waitForSelector(`text=${words.right}`);
        await check(other.page, `verify-right-${language}`);
        assert.ok((await other.page.content()).includes(from.name));
        const altered = readFileSync(path, 'utf8').replace('~', '~A');
        await other.page.fill('#receipt', altered);
        await other.page.click('main button');
        await other.page.waitForSelector(`text=${words.altered}`);
        await check(other.page, `verify-altered-${language}`);

        await withdraw(id, from);
        await signLog();
        const again = await openPage(browser, language);
        await again.page.goto(`${world.url}/consents/${id}/receipt`);
        await logIn(again.page, from.number);
        if (language === 'nb') await check(again.page, 'receipt-later');
        await again.page.click(`text=${words.ended}`);
        await check(again.page, `receipt-end-${language}`);
        const end = await fileOf(again.page, words.file);
        await other.page.setInputFiles('#file', end);
        await other.page.click('main button');
        await other.page.waitForSelector(`text=${words.right}`);
        assert.ok((await other.page.content()).includes(words.ended));

        await again.page.goto(`${world.url}/consents/${id}`);
        await again.page.click(`text=${words.ask}`);
        await again.page.waitForSelector(`text=${words.asked}`);
        if (language === 'nb') await check(again.page, 'deletion-asked');
        assert.deepEqual([...faults, ...other.faults, ...again.faults], []);
        await other.context.close();
        await again.context.close();
      });
    }

    it('of the own answer is kept by one who left office, who hears what is not shown', async () => {
      const [leader, firm, to] = [
        await newPerson('Lise Leder'),
        await newOrganization(),
        await newOrganization(),
      ];
      await newRole('dagl', firm, leader);
      const id = await ask(firm, to, rightTo(await newConsentResource(['dagl'])));
      assert.equal((await approve(id, leader)).status, 200);
      await endRole('dagl', firm, leader);
      const { context, page, faults } = await openPage(browser, 'nb');
      await page.goto(`${world.url}/consents/${id}`);
      await logIn(page, leader.number);
      await page.click(`text=${WORDS.nb.link}`);
      await page.waitForSelector('text=Du kan ikke se hva som har skjedd etter');
      await check(page, 'receipt-own-answer');
      assert.deepEqual(faults, []);
      await context.close();
    });
  });
