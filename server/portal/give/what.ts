// The things that a power of attorney may be about, as pages: packages by area, and services by a
// word of theirs; each only where the person may give it for the party.
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { checkPackages, checkResources } from '../../delegation/give/check.ts';
import { isToGive, withheldWords, type ByParent } from '../../delegation/give/age_model.ts';
import { findMinorities } from '../../mandate/minority_store.ts';
import type { Deciding } from '../../decision/act.ts';
import type { PackageCheck } from '../../delegation/model.ts';
import { namesOf } from '../../consent/names.ts';
import { displayName } from '../../consent/text.ts';
import { t, type Language } from '../../platform/locale.ts';
import type { FoundRow } from '../../resource/registry/store.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import type { Actor } from '../../delegation/authority.ts';
import { asSearch, isDelegable, visibleWith } from './search.ts';
import type { Visited } from './wizard.ts';

const MOST_FOUND = 20;
/** Services with the word that are looked at. */
const MOST_CHECKED = 200;

/** Finds all packages that the person may give of the party's, or more by a word. */
export async function toGive({ pages, acting, language }: Visited, search: string) {
  const { act } = pages;
  // Checking brings the catalogue with the facts.
  const able = await checkPackages(act, acting.session, acting.party.id, null);
  const catalogue = await currentCatalogue(act);
  const packages = able.filter(isToGive).map(({ code }) => catalogue.packages.get(code)!);
  return {
    packages,
    catalogue,
    ...(await searched(pages, acting, search, language)),
    title: t(language, 'give.title'),
    texts: {
      searchLabel: t(language, 'give.search'),
      nothing: [
        t(language, search ? 'give.nothing_found' : 'give.nothing'),
        ...(search && acting.isSelf ? [t(language, 'give.nothing_self')] : []),
      ].join(' '),
      lead: leadOf(able, acting, language),
      withheld: await withheldFrom(act, able, acting, language),
      mayNone: able.length > 0 && able.every(isTaken),
      codeHref: packages.some(({ byCode }) => byCode)
        ? `/give/code?party=${acting.party.id}`
        : undefined,
    },
  };
}

/**
 * Why a person may give no power of attorney alone: the age from which that is so, or that a court
 * has decided so; undefined for one who may give some.
 */
export async function cannotGiveAny(
  act: Deciding,
  actor: Actor,
): Promise<{ why: 'under_age'; age: number } | { why: 'no_capacity' } | undefined> {
  const able = await checkPackages(act, actor, actor.party, null);
  if (able.some(({ result }) => result)) return undefined;
  const withheld = able.flatMap((one) => one.withheld ?? []);
  if (withheld.some(({ why }) => why === 'no_capacity')) return { why: 'no_capacity' };
  const ages = withheld.flatMap(({ why, age }) => (why === 'under_age' ? [age] : []));
  return ages.length ? { why: 'under_age', age: Math.min(...ages) } : undefined;
}

/** Whether a court has taken it; of services nothing is left either where it took every package. */
const isTaken = ({ withheld }: PackageCheck) => withheld?.why === 'no_capacity';

/** The lead, which promises nobody that they can do it all themselves who cannot. */
function leadOf(able: PackageCheck[], { isSelf, party }: Acting, language: Language) {
  if (!isSelf) return t(language, 'give.lead_other', { name: displayName(party) });
  if (!able.some(({ withheld }) => withheld)) return t(language, 'give.lead');
  return able.some(({ result }) => result) ? t(language, 'give.lead_few') : undefined;
}

/**
 * Why nothing may be given by one who otherwise could, in the words of the first that is; and where
 * those stand who decide in the person's stead, or have to decide too.
 */
async function withheldFrom(
  act: Deciding,
  able: PackageCheck[],
  { isSelf, party }: Acting,
  language: Language,
) {
  const first = able.find(({ withheld }) => withheld && withheld.why !== 'unsaid');
  if (!first?.withheld || able.some(isToGive)) return undefined;
  const { why, age } = first.withheld;
  const text =
    why === 'no_capacity' && isSelf
      ? t(language, 'give.none_court', { guardian: await guardianOf(act, party.id, first.code) })
      : withheldWords(why, age, isSelf ? await givenByParent(act, party.id, able) : 'unasked');
  return {
    text: typeof text === 'string' ? text : text[language],
    href: `/overview?party=${party.id}&show=statutory`,
    who: t(language, 'give.responsible', { self: isSelf ? 'yes' : 'no', name: displayName(party) }),
  };
}

/** Whether a parent of the child can give any of it, as giving it would be asked. */
async function givenByParent(
  act: Deciding,
  child: string,
  able: PackageCheck[],
): Promise<ByParent> {
  const codes = able
    .filter(({ withheld }) => withheld?.why === 'under_age')
    .map(({ code }) => code);
  const { minority, guardians } = (await findMinorities(act, [child], [])).get(child)!;
  for (const parent of minority?.parents ?? []) {
    const checks = await checkPackages(act, { party: parent, level: 4 }, child, codes);
    if (checks.some(({ result }) => result)) return 'yes';
  }
  // A guardian is no parent, and may be able to.
  return guardians.length ? 'unasked' : 'no';
}

/** A guardian of the matter by name; none where the address of one is protected. */
async function guardianOf(act: Deciding, ward: string, code: string): Promise<string> {
  const matter = { package: code, resource: null };
  const { incapable } = (await findMinorities(act, [ward], [matter])).get(ward)!;
  const [named = 'none'] = await namesOf(act, incapable[0] ?? []);
  return named;
}

/** The services that a word finds, and those among them that may be given by themselves. */
async function searched(pages: PortalPages, acting: Acting, search: string, language: Language) {
  if (!search) return { found: [], services: [] };
  const { act } = pages;
  return asSearch(pages, acting.session.party, async () => {
    const found = await visibleWith(act, search, language);
    const some = found.filter(isDelegable).slice(0, MOST_CHECKED);
    const about = { from: acting.party.id, resources: some.map(({ id }) => id), instance: null };
    const checks = some.length
      ? await checkResources(act, acting.session, about)
      : new Map<string, never>();
    const mayGive = ({ id }: FoundRow) => checks.get(id)?.rights.some(isToGive);
    return { found, services: some.filter(mayGive).slice(0, MOST_FOUND) };
  });
}
