// Browsers of people of the test's world: without a screen, so that a page test walks as a person
// does.
import { Browser as AnyBrowser, type Page } from '../../../clients/browser.ts';
import { world, type TestParty } from '../world.ts';

export type { Page } from '../../../clients/browser.ts';

export class Browser extends AnyBrowser {
  constructor() {
    super(world.url);
  }

  /** Logs in at the eID when that is where we are. */
  async logIn(person: { number: string }, until?: (url: URL) => boolean): Promise<Page> {
    if (!this.page.url.href.startsWith(world.env.eid.issuer))
      throw new Error(`not at the eID but ${this.page.url}`);
    return this.submit({ number: person.number }, until);
  }
}

export const unescapeHtml = (text: string) =>
  text.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=').replaceAll('&quot;', '"');
/** The words of a page, without its frame. */
export const mainText = (html: string) =>
  unescapeHtml(/<main[\s\S]*<\/main>/.exec(html)![0])
    .replaceAll(/<[^>]*>|\s+/g, ' ')
    .replaceAll(/ +/g, ' ');
export const heading = (page: Page) =>
  unescapeHtml(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page.html)?.[1] ?? '');

/** A browser in which the person is logged in, at the address. */
export async function loggedIn(
  person: TestParty | { number: string },
  path: string,
): Promise<Browser> {
  const browser = new Browser();
  await browser.open(path);
  await browser.logIn(person);
  return browser;
}

/** Submits the form of the page that goes to an address. */
export const press = (
  browser: Browser,
  to: RegExp,
  fields: Record<string, string> = {},
  until?: (url: URL) => boolean,
): Promise<Page> => browser.submit(fields, until, { to });

/** Minutes from now to the time of day, in Oslo, that a page names with «kl.». */
export function minutesUntil(html: string): number {
  const [, hours, minutes] = /kl\.\s(\d\d)[.:](\d\d)/.exec(html) ?? [];
  const now = new Date(new Date().toLocaleString('sv', { timeZone: 'Europe/Oslo' }));
  const apart = Number(hours) * 60 + Number(minutes) - now.getHours() * 60 - now.getMinutes();
  return (apart + 24 * 60) % (24 * 60);
}
