// Three on the support staff, and the cases that they open.
import { type Browser, loggedIn, mainText, press } from '../pages/browser.ts';
import { given } from './rights.ts';
import {
  approve,
  ask,
  newOrganization,
  newPerson,
  putParty,
  staffNumbers,
  type TestParty,
  world,
} from '../world.ts';

let made: Promise<TestParty[]> | undefined;
const NAMES = ['Stina Støtte', 'Arne Annen', 'Trine Tredje'];

/** The three, made once a run; the third is for those who use up what one may look up. */
export const supportStaff = async (): Promise<[TestParty, TestParty, TestParty]> => {
  made ??= Promise.all(staffNumbers.map((number, n) => newPerson(NAMES[n], number)));
  return (await made) as [TestParty, TestParty, TestParty];
};

/** One of them, logged in where cases are opened. */
export const atSupport = async (n = 0): Promise<Browser> =>
  loggedIn((await supportStaff())[n]!, '/support');

let cases = 0;

/** A case number that no other test has. */
export const newCaseNo = (): string => {
  cases += 1;
  return `S-${process.pid}/${cases}`;
};

/** Opens a case about somebody, as one of the staff; the page that it led to. */
export async function lookedUp(
  browser: Browser,
  number: string,
  fields: Record<string, string> = {},
) {
  await browser.open('/support');
  return press(browser, /\/support$/, { number, case: newCaseNo(), reason: 'asked', ...fields });
}

/** Posts a form that no page of the browser has. */
export async function posted(
  browser: Browser,
  path: string,
  fields: Record<string, string> = {},
): Promise<Response> {
  const { html } = await browser.open('/profile');
  const csrf = /name="csrf" value="([^"]*)"/.exec(html)![1]!;
  return fetch(world.url + path, {
    ...{ method: 'POST', body: new URLSearchParams({ csrf, ...fields }), redirect: 'manual' },
    headers: { origin: world.url, cookie: await browser.cookies('') },
  });
}

/** The things that a case's page has a box for. */
export const heldIn = (html: string): string[] =>
  [...html.matchAll(/name="held" id="[^"]*" value="([^"]*)"/g)].map(([, id]) => id!);

/** A log as somebody reads it. */
export const logOf = async (person: TestParty, path = '/log'): Promise<string> =>
  mainText((await loggedIn(person, path)).page.html);

/** What support staff did about a party, as events. */
export const supportEvents = async (
  party: string,
): Promise<{ type: string; by_party: string | null }[]> =>
  (
    await world.database.db.raw(
      "select type, by_party from event where from_party = ? and type like 'support%' order by id",
      [party],
    )
  ).rows;

export const PENSION = { package: 'innbygger-pensjon' };

/** A person with a power of attorney that somebody has of them, and a consent. */
export async function newGiver() {
  const [giver, helper, to] = [
    await newPerson('Gerd Giver'),
    await newPerson('Hans Hjelper'),
    await newOrganization('Banken AS'),
  ];
  const mandate = await given(giver, giver, helper, PENSION);
  const consent = await ask(giver, to);
  await approve(consent, giver);
  return { giver, helper, mandate, consent };
}

/** A case of one of the staff, and the form that suspends or resumes what the giver gave. */
export async function openedCase(
  n: number,
  how: 'suspend' | 'resume',
  isDone = false,
  given?: Awaited<ReturnType<typeof newGiver>>,
) {
  const giver = given ?? (await newGiver());
  const person = (await supportStaff())[n]!;
  const browser = await atSupport(n);
  const { pathname: page } = (await lookedUp(browser, giver.giver.number)).url;
  const chosen = { held: giver.mandate, recognised: 'met' };
  if (isDone) await posted(browser, `${page}/${how}`, chosen);
  return { giver, person, page, action: `${page}/${how}`, chosen };
}

/** A case that waits, and the form with which another of the staff lets it. */
export async function waitingCase() {
  const [person, hidden] = [(await supportStaff())[1], await newPerson()];
  await putParty(hidden, { protectedAddress: true });
  const { pathname } = (await lookedUp(await atSupport(), hidden.number)).url;
  return { person, page: '/support', action: `${pathname}/approve` };
}
