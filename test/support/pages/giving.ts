// The form of giving a power of attorney on pages.
import { loggedIn, press, type Browser, type Page } from './browser.ts';
import { inDays, lastName, type TestParty } from '../world.ts';

/** Fills in the form of asking, looks it over and sends it; stops at the form that has a fault. */
export async function sendAsk(browser: Browser, fields: Record<string, string>): Promise<Page> {
  const page = await press(browser, /ask\/terms/, fields);
  return page.url.pathname === '/ask/check' ? press(browser, /ask\/check/) : page;
}

/** A browser in which the person shows a code to one who gives, and the code. */
export async function showingCode(person: TestParty): Promise<{ browser: Browser; code: string }> {
  const browser = await loggedIn(person, '/code');
  await press(browser, /code/);
  return { browser, code: codeIn(browser) };
}
export const codeIn = ({ page }: Browser): string =>
  /class="shown">([2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4})</.exec(page.html)![1]!;

export const PACKAGE = 'innbygger-pensjon';
/** A day that comes, as people write it. */
export const dayIn = (days: number): string =>
  new Date(inDays(days)).toISOString().slice(0, 10).split('-').reverse().join('.');
export const terms = (to: TestParty, more: object = {}) => ({
  number: to.number,
  lastName: lastName(to),
  long: 'half',
  ...more,
});
