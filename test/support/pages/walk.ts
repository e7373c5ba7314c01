// Walks through pages in a real browser, by links and buttons alone: each page looked at, the
// presses, loads and ticks counted (test/pages.txt). SCREENSHOTS=folder keeps each page in three
// languages at 320 and 1280 px.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { world, type TestParty } from '../world.ts';
import { knownLines } from './golden.ts';
import { check, logIn } from './looks.ts';

const LANGUAGES = process.env.SCREENSHOTS ? (['en', 'nn', 'nb'] as const) : (['nb'] as const);
const WIDTHS = process.env.SCREENSHOTS ? [1280, 320] : [320];

/** A person on the way, who presses and looks. */
export class Walk {
  readonly page: Page;
  readonly name: string;
  presses = 0;
  ticks = 0;
  pages = 0;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  /** Logs in where an address leads. */
  async enter(person: TestParty, path = '/start'): Promise<void> {
    await this.page.goto(`${world.url}${path}`);
    await logIn(this.page, person.number);
    await this.look();
  }

  async press(selector: string): Promise<void> {
    const loadedAt = () => this.page.evaluate(() => performance.timeOrigin);
    const before = await loadedAt();
    await this.page.locator(selector).first().click();
    await this.page.waitForLoadState('load');
    this.presses += 1;
    // No press leads to another login than the first.
    assert.ok(this.page.url().startsWith(world.url), this.page.url());
    // A menu that is opened and a choice are of the page that was looked at.
    if ((await loadedAt()) !== before) await this.look();
  }

  /** Ticks a box, or makes a choice. */
  async tick(selector: string): Promise<void> {
    const box = this.page.locator(selector).first();
    await box.click();
    // A busy machine may be slow to mark it, or miss the press while the page moves under it.
    const marked = box.and(this.page.locator(':checked'));
    await marked.waitFor({ state: 'attached', timeout: 10_000 }).catch(() => box.check());
    this.ticks += 1;
  }

  /** The presses, the pages that were loaded, and the ticks. */
  count = () =>
    `${this.presses} presses, ${this.pages} loads${this.ticks ? `, ${this.ticks} ticks` : ''}`;

  text = async () => (await this.page.textContent('main'))!.replaceAll(/\s+/g, ' ');
  has = (selector: string) => this.page.locator(selector).count();

  private async look(): Promise<void> {
    this.pages += 1;
    const here = new URL(this.page.url());
    for (const language of LANGUAGES) {
      // The page after a form is there to be read again, too.
      if (LANGUAGES.length > 1) {
        here.searchParams.set('lang', language);
        await this.page.goto(here.href);
      }
      for (const width of WIDTHS) {
        await this.page.setViewportSize({ width, height: 640 });
        await check(this.page, `walk-${this.name}-${this.pages}-${language}-${width}`);
      }
    }
  }
}

/** Walks as somebody; the presses, loads and ticks that it takes are those of test/pages.txt. */
export async function walkAs(
  browser: Browser,
  name: string,
  walk: (one: Walk) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    locale: 'nb-NO',
    viewport: { width: 320, height: 640 },
  });
  const one = new Walk(await context.newPage(), name.replaceAll(' ', '_'));
  await walk(one);
  await context.close();
  const line = `walk of ${name}: ${one.count()}`;
  assert.deepEqual(
    [line],
    knownLines((known) => known.startsWith(`walk of ${name}:`), [line]),
  );
}
