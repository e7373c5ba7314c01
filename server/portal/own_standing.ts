// Lines of the start page for a child, a ward and who answers for one, whoever led a company that
// is bankrupt, and whoever acts for customers: who decides in whose stead, what they cannot do
// themselves, what a birthday changes, and how many customers there are.
import { sessionOf } from '../caller/pages.ts';
import type { Context } from 'koa';
import { countFallingAt } from '../consent/basis/ending_store.ts';
import { namesOf } from '../consent/names.ts';
import { displayName } from '../consent/text.ts';
import type { Represented } from '../decision/store.ts';
import type { CustomerCount, StartFacts } from '../mandate/start_store.ts';
import { isUnder, reaches } from '../party/age_model.ts';
import { TRUSTEE } from '../resource/catalogue/model.ts';
import { formatDate, formatList, languageOf, pick, t } from '../platform/locale.ts';
import { cannotGiveAny } from './give/what.ts';
import { listsPath } from './lists/path.ts';
import type { PortalPages } from './page.ts';
import { customersPath } from './customers/path.ts';

/** Days before the eighteenth birthday in which the page speaks of it. */
const BEFORE_DAYS = 365;
const DAY_MILLIS = 86_400_000;
const OF_AGE = 18;

export interface StartLine {
  text: string;
  link: string;
  href: string;
}

/**
 * The line of a child or a ward: who acts for them, and what they cannot do; and whether they may
 * give a power of attorney.
 */
export async function standingLines(
  ctx: Context,
  { act }: PortalPages,
  { minority, guardians }: Pick<StartFacts, 'minority' | 'guardians'>,
): Promise<{ lines: StartLine[]; mayGive: boolean }> {
  const session = sessionOf(ctx);
  const { party } = session;
  const language = languageOf(ctx);
  const isChild = minority !== null && isUnder(OF_AGE, minority, act.now);
  const keepers = isChild ? minority.parents : guardians;
  if (!isChild && !keepers.length) return { lines: [], mayGive: true };
  const names = await namesOf(act, keepers);
  const cannot = await cannotGiveAny(act, session);
  const birthday = isChild && minority.bornOn ? reaches(minority.bornOn, OF_AGE) : undefined;
  const isNear = birthday && +birthday - +act.now <= BEFORE_DAYS * DAY_MILLIS;
  const sentences = [
    keepers.length &&
      t(language, `start.keepers_${isChild ? 'child' : 'ward'}`, {
        names: names.length ? formatList(language, names) : 'none',
      }),
    cannot?.why === 'under_age' && t(language, 'start.cannot_under_age', { age: cannot.age }),
    cannot?.why === 'no_capacity' && t(language, 'start.cannot_court'),
    isNear &&
      t(language, 'start.birthday', {
        date: formatDate(language, birthday),
        n: await countFallingAt(act, party, birthday),
      }),
  ].filter((one) => typeof one === 'string');
  const link = t(language, 'start.keepers_link');
  const line = { text: sentences.join(' '), link, href: '/overview?show=statutory' };
  return { lines: sentences.length ? [line] : [], mayGive: !cannot };
}

/** So many of those whom the person answers for have a line of their own. */
const MOST_WARDS = 5;

/** Persons whom the person answers for, by a role that a register says. */
export function wardLines(ctx: Context, wards: Represented[]): StartLine[] {
  const language = languageOf(ctx);
  return wards.slice(0, MOST_WARDS).map(({ id, kind, name, roleName }) => ({
    text: t(language, 'start.ward', {
      name: displayName({ kind, name }),
      why: pick(roleName, language)!.text,
    }),
    link: t(language, 'start.ward_link'),
    href: `/overview?party=${id}`,
  }));
}

/** The estates that the person is the trustee of. */
export function trusteeLines(ctx: Context, firms: Represented[]): StartLine[] {
  const language = languageOf(ctx);
  const estates = firms.filter(({ role }) => role === TRUSTEE);
  return estates.slice(0, MOST_WARDS).map(({ id, kind, name }) => ({
    text: t(language, 'start.trustee', { name: displayName({ kind, name }) }),
    link: t(language, 'start.ward_link'),
    href: `/overview?party=${id}`,
  }));
}

/** The companies that the person led until their bankruptcy. */
export function estateLines(ctx: Context, estates: StartFacts['estates']): StartLine[] {
  const language = languageOf(ctx);
  return estates.map(({ id, name, on }) => ({
    text: t(language, 'start.estate', {
      name: displayName({ kind: 'organization', name }),
      date: formatDate(language, new Date(on)),
    }),
    link: t(language, 'start.estate_link'),
    href: `/overview?party=${id}`,
  }));
}

/** The companies that the person leads and that own services, with the way to their lists. */
export function ownerLines(ctx: Context, owned: StartFacts['owned']): StartLine[] {
  const language = languageOf(ctx);
  return owned.map(({ id, name, n }) => ({
    text: t(language, 'start.owned', { n, name: displayName({ kind: 'organization', name }) }),
    link: t(language, 'start.owned_link'),
    href: listsPath(id),
  }));
}

/** The customers that the person was set to act for, and those of the companies it leads. */
export function customerLines(ctx: Context, customers: CustomerCount[]): StartLine[] {
  const language = languageOf(ctx);
  return customers.map(({ id, name, isOwn, n }) => ({
    text: t(language, isOwn ? 'start.customers' : 'start.customers_of', {
      n,
      name: displayName({ kind: 'organization', name }),
    }),
    link: t(language, 'start.customers_link'),
    href: isOwn ? '/overview?show=received' : customersPath(id),
  }));
}
