// The form of giving a power of attorney on pages.
import { press, type Browser, type Page } from './browser.ts';
import { inDays, lastName, type TestParty } from '../world.ts';

/** Fills in the form of asking, looks it over and sends it; stops at the form that has a fault. */
export async function sendAsk(browser: Browser, fields: Record<string, string>): Promise<Page> {
  const page = await press(browser, /ask\/terms/, fields);
  return page.url.pathname === '/ask/check' ? press(browser, /ask\/check/) : page;
}

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
