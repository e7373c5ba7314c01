// A group of a company, in the browser of who leads the company.
import assert from 'node:assert/strict';
import { loggedIn, mainText, press, type Browser } from '../pages/browser.ts';
import { lastName, type TestParty } from '../world.ts';
import { VAT } from './office.ts';
import { newTeam } from './rights.ts';

/** The address of the group that the browser is at. */
const groupOf = ({ page }: Browser): string =>
  /\/groups\/([0-9a-f-]{36})/.exec(page.url.pathname)![1]!;

/** A new group, with what is done on its pages. */
export async function grouped(firm: TestParty, boss: TestParty, name = 'Lønn') {
  const browser = await loggedIn(boss, `/groups?party=${firm.id}`);
  const made = await press(browser, /^\/groups\?/, { name });
  assert.equal(made.status, 200, mainText(made.html));
  const id = groupOf(browser);
  /** The page of the group, or of an act on it. */
  const at = (act = '') => `/groups/${id}${act}?party=${firm.id}`;
  /** Puts somebody in, by number and last name. */
  const put = async (who: TestParty) => {
    await browser.open(at('/members'));
    return press(browser, /members/, { number: who.number, lastName: lastName(who) });
  };
  /** Gives packages to the group. */
  const open = async (...packages: string[]) => {
    await browser.open(at('/rights'));
    return press(browser, /rights/, { package: packages.join(' ') });
  };
  return { browser, id, at, put, open };
}

/** A page of a group with one member and one package, and the form there. */
export async function inGroup(act: string, to = act.slice(1) || 'close') {
  const { firm, boss: person, clerk } = await newTeam();
  const { at, open, put } = await grouped(firm, person);
  await open(VAT);
  await put(clerk);
  return { person, page: at(act), action: at(`/${to}`).split('?')[0]! };
}
