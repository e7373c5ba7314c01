// What every page must look like in a real browser, whatever it is about.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { axeViolations } from './chromium.ts';
import { world, type TestParty } from '../world.ts';

export const WIDTHS = { nb: 320, nn: 1280, en: 360 } as const;
const LOCALES = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' } as const;
export type Language = keyof typeof WIDTHS;

/** SCREENSHOTS=folder keeps a picture of every page. */
const folder = process.env.SCREENSHOTS;
if (folder) mkdirSync(folder, { recursive: true });

/** A page at the language's width, and what went wrong on it. */
export async function openPage(
  browser: Browser,
  language: Language,
): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await browser.newContext({
    viewport: { width: WIDTHS[language], height: 800 },
    locale: LOCALES[language],
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/i.test(message.text())) faults.push(message.text());
  });
  page.on('requestfailed', (request) => {
    // Aborted is what a browser calls a load that it left behind when it went on to the next page.
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') faults.push(`${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    if (!/^http:\/\/127\.0\.0\.1:/.test(request.url())) faults.push(`request to ${request.url()}`);
  });
  return { context, page, faults };
}

/** A browser of one's own on a phone, unless said otherwise, logged in, at the path. */
export async function openAs(
  browser: Browser,
  person: TestParty,
  path: string,
  options: NonNullable<Parameters<Browser['newContext']>[0]> = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    locale: 'nb-NO',
    viewport: { width: 360, height: 640 },
    ...options,
  });
  const page = await context.newPage();
  await page.goto(`${world.url}${path}`);
  await logIn(page, person.number);
  await page.waitForLoadState('load');
  return { context, page };
}

/** So that looking stays affordable: of every page, light or dark as its name falls. */
const MOST_LOOKS = 460;
let looks = 0;
const isDark = (name: string) =>
  [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1009, 0) % 2 === 0;

/** One heading, one main, no sideways scroll, no script, nothing too small to hit, axe content. */
export async function check(page: Page, name: string): Promise<void> {
  await page.waitForLoadState('load');
  looks += 1;
  assert.ok(folder || looks <= MOST_LOOKS, 'too many pages are looked at');
  await page.emulateMedia({ colorScheme: isDark(name) ? 'dark' : 'light' });
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  assert.deepEqual(await axeViolations(page), [], name);
  const facts = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    h1: document.querySelectorAll('h1').length,
    main: document.querySelectorAll('main').length,
    lang: document.documentElement.lang,
    scripts: document.querySelectorAll('script').length,
    small: [...document.querySelectorAll('a, button, summary')]
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        const inText = element.matches('p a, td a, li a') && !element.matches('.langs a');
        return width > 0 && height < 24 && !inText && !element.matches('.skip');
      })
      .map((element) => element.textContent),
  }));
  assert.deepEqual(
    { ...facts, lang: '' },
    { overflow: 0, h1: 1, main: 1, lang: '', scripts: 0, small: [] },
    name,
  );
}

/** At the stand-in eID. */
export const logIn = async (page: Page, number: string) => {
  await page.fill('#number', number);
  await page.click('button:not([name])');
};
