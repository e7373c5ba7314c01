// States of pages that no link leads to: what is wrong in a form, what was just done, what is
// refused, and where somebody comes from outside; each reached as a person reaches it. And the acts
// by which the demo world comes to have something on every page.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const PEOPLE = {
  kari: '14838412026',
  daniel: '17877912736',
  turid: '08847612690',
  solveig: '12925112583',
  lise: '13887413740',
} as const;
const SUBMIT = 'main form[method=post] button[type=submit]';

export interface Stage {
  /** Where the demo runs, and where its bank does. */
  url: string;
  bank: string;
}

const press = (page: Page, button: string) =>
  Promise.all([page.waitForNavigation(), page.click(button)]);

export async function logIn(page: Page, number: string): Promise<void> {
  await page.fill('#number', number);
  await press(page, 'button:not([name])');
}

/** Another logs in, at a page that they want. */
async function as(page: Page, { url }: Stage, number: string, path: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}${path}`);
  await logIn(page, number);
}

/** The form for a power of attorney, filled in for somebody. */
async function terms(page: Page, { url }: Stage, path: string, to: [string, string]) {
  await page.goto(`${url}${path}`);
  await page.fill('#number', to[0]);
  await page.fill('#lastName', to[1]);
  await page.check('#long-year');
}
const DANIEL: [string, string] = [PEOPLE.daniel, 'Eksempelsen'];
const GIVING = '/give/terms?package=innbygger-bank-finans';

/** Something of everything to look at: given, paused, used, asked for, and let to programs. */
export async function live(page: Page, stage: Stage): Promise<void> {
  const { url, bank } = stage;
  token(stage, PEOPLE.kari);
  await page.goto(bank);
  await press(page, 'form[action="/ask"] button');
  await logIn(page, PEOPLE.kari);
  await press(page, 'button[value=yes]');
  await press(page, 'a[href^="/interaction"], a[href^="/consent/continue"]');
  await terms(page, stage, GIVING, DANIEL);
  await press(page, SUBMIT);
  await press(page, SUBMIT);
  const given = new URL(page.url()).pathname;
  await as(page, stage, PEOPLE.daniel, given);
  await press(page, 'main form[action*="/accept"] button');
  await as(page, stage, PEOPLE.kari, given);
  await press(page, 'main form[action*="/suspend"] button');
  await terms(page, stage, '/give/terms?package=innbygger-pensjon', DANIEL);
  await press(page, SUBMIT);
  await press(page, SUBMIT);
  await press(page, 'main a[href*="/end"]');
  await press(page, SUBMIT);
  await page.goto(`${url}/logout`);
  await press(page, SUBMIT);
  await page.context().clearCookies();
  const query =
    'party=5a7e0000-0000-4000-8000-000000000120&to=5a7e0000-0000-4000-8000-000000000210&package=toll';
  const asked = await fetch(`${url}/accessmanagement/api/v1/enduser/request/package?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token(stage, '16918313935')}` },
  });
  if (!asked.ok) throw new Error(`no request to answer: ${asked.status} ${await asked.text()}`);
}

/** A token of one of the demo's people, which leaves a program that acts with that one's login. */
const token = ({ url }: Stage, number: string): string =>
  execFileSync(process.execPath, ['clients/token.ts', number], {
    cwd: root,
    env: { ...process.env, TILLIT_URL: url },
    encoding: 'utf8',
  }).trim();

export interface State {
  who: keyof typeof PEOPLE | 'nobody';
  kind: string;
  /** Brings a page of somebody who is logged in to it. */
  reach: (page: Page, stage: Stage) => Promise<unknown>;
}

const CHOICE = { authorization_details: JSON.stringify([{ type: 'urn:tillit:parties' }]) };
const OFFLINE = { scope: 'openid offline_access' };

/** A program of the demo asks whom to act for, or something else. */
function toChoice(page: Page, { url }: Stage, asked: Record<string, string> = CHOICE) {
  const query = new URLSearchParams({
    client_id: 'terminal',
    redirect_uri: 'http://127.0.0.1:3005/callback',
    response_type: 'code',
    scope: 'openid',
    state: 'x'.repeat(16),
    // RFC 7636, appendix B.
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...asked,
  });
  return page.goto(`${url}/authorize?${query}`);
}

const goes = (who: State['who'], kind: string, path: string): State => ({
  who,
  kind,
  reach: (page, { url }) => page.goto(`${url}${path}`),
});

export const STATES: State[] = [
  goes('nobody', 'front', '/'),
  goes('nobody', 'a login that was lost', '/login/callback?state=x'),
  goes('kari', 'a page that is not there', '/finnes-ikke'),
  goes('kari', 'a party of others', '/overview?party=5a7e0000-0000-4000-8000-000000000999'),
  goes('kari', 'logging out', '/logout'),
  goes('kari', 'overview, nothing found', '/overview?q=zzz'),
  goes('kari', 'consents, nothing found', '/consents?q=zzz'),
  goes('kari', 'give, nothing found', '/give?q=zzz'),
  goes('kari', 'give, found', '/give?q=pensjon'),
  goes('kari', 'ask, found', '/ask?q=pensjon'),
  goes('kari', 'ask, of nobody listed', '/ask?others=yes'),
  {
    who: 'kari',
    kind: 'give terms, with faults',
    async reach(page, { url }) {
      await page.goto(`${url}${GIVING}`);
      await press(page, SUBMIT);
    },
  },
  {
    who: 'kari',
    kind: 'give terms, a day to choose',
    async reach(page, stage) {
      await terms(page, stage, GIVING, DANIEL);
      await page.check('#long-date');
    },
  },
  {
    who: 'kari',
    kind: 'give check, given already',
    async reach(page, stage) {
      await terms(page, stage, GIVING, DANIEL);
      await press(page, SUBMIT);
    },
  },
  {
    who: 'kari',
    kind: 'give check',
    async reach(page, stage) {
      await terms(page, stage, '/give/terms?package=innbygger-samliv', DANIEL);
      await press(page, SUBMIT);
    },
  },
  {
    who: 'kari',
    kind: 'ask terms, with faults',
    async reach(page, { url }) {
      await page.goto(`${url}/ask/terms?package=innbygger-pensjon`);
      await press(page, SUBMIT);
    },
  },
  {
    who: 'kari',
    kind: 'change, with a fault',
    async reach(page, { url }) {
      await page.goto(`${url}/overview`);
      await press(page, 'main .cards a');
      await press(page, 'main a[href*="/change"]');
      await page.fill('#date', '31.02.2037');
      await press(page, SUBMIT);
    },
  },
  {
    who: 'kari',
    kind: 'a form without a session',
    async reach(page, stage) {
      await terms(page, stage, GIVING, DANIEL);
      const kept = await page.context().cookies();
      await page.context().clearCookies({ name: 'session' });
      await press(page, SUBMIT);
      // For the states that follow.
      await page.context().addCookies(kept.filter(({ name }) => name === 'session'));
    },
  },
  { who: 'daniel', kind: 'whom to act for', reach: toChoice },
  {
    who: 'daniel',
    kind: 'whom to act for, nobody chosen',
    async reach(page, stage) {
      await toChoice(page, stage);
      await press(page, 'button[name=answer][value=yes]');
    },
  },
  {
    who: 'kari',
    kind: 'whom to act for, and after the login too',
    reach: (page, stage) => toChoice(page, stage, { ...CHOICE, ...OFFLINE }),
  },
  {
    who: 'kari',
    kind: 'going on after the login',
    reach: (page, stage) => toChoice(page, stage, OFFLINE),
  },
  {
    who: 'daniel',
    kind: 'an act that takes a stronger login',
    async reach(page, stage) {
      const firm = '5a7e0000-0000-4000-8000-000000000210';
      const path = `/give/terms?party=${firm}&package=hovedadministrator`;
      await terms(page, stage, path, [PEOPLE.kari, 'Testdal']);
      await press(page, SUBMIT);
      await press(page, SUBMIT);
    },
  },
];
