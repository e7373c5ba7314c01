// The things that a power of attorney may be about, as pages: packages by area, and services by a
// word of theirs; each only where the person may give it for the party.
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { LOGIN_LEVEL } from '../../caller/pages.ts';
import { checkPackages, checkResource, checkResources } from '../../delegation/give/check.ts';
import { withheldWords } from '../../delegation/give/age_model.ts';
import type { PackageCheck } from '../../delegation/model.ts';
import { displayName } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import { instanceName, isInstanceName, packageCode } from '../../resource/policy/model.ts';
import type { FoundRow } from '../../resource/registry/store.ts';
import { findResources } from '../../resource/store.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { asSearch, isDelegable, visibleWith } from './search.ts';
import type { Thing, Visited } from './wizard.ts';

const MOST_FOUND = 20;
/** Services with the word that are looked at. */
const MOST_CHECKED = 200;

/** Finds all packages that the person may give of the party's, or more by a word. */
export async function toGive({ pages, acting, language }: Visited, search: string) {
  const { act } = pages;
  // Checking brings the catalogue with the facts.
  const able = await checkPackages(act, acting.session, acting.party.id, null);
  const catalogue = await currentCatalogue(act);
  const packages = able
    .filter(({ result }) => result)
    .map(({ code }) => catalogue.packages.get(code)!);
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
      lead: acting.isSelf
        ? t(language, 'give.lead')
        : t(language, 'give.lead_other', { name: displayName(acting.party) }),
      withheld: withheldFrom(able, acting, language),
    },
  };
}

/**
 * Why nothing may be given by one who otherwise could, in the words of the first that is; and where
 * those stand who decide in the person's stead, or have to decide too.
 */
function withheldFrom(able: PackageCheck[], { isSelf, party }: Acting, language: Language) {
  const why = able.find(({ withheld }) => withheld && withheld.why !== 'unsaid')?.withheld;
  if (!why || able.some(({ result }) => result)) return undefined;
  return {
    text: withheldWords(why.why, why.age)[language],
    href: `/overview?party=${party.id}&show=statutory`,
    who: t(language, 'give.responsible', { self: isSelf ? 'yes' : 'no', name: displayName(party) }),
  };
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
    const mayGive = ({ id }: FoundRow) => checks.get(id)?.rights.some(({ result }) => result);
    return { found, services: some.filter(mayGive).slice(0, MOST_FOUND) };
  });
}

/** The thing that is being given. */
export interface GiftSubject extends Thing {
  /** One case of the service, by its name; null for all. */
  instance: string | null;
  /** Whether it may be given on to others at all. */
  mayPassOn: boolean;
  /** Whether giving it takes a stronger login. */
  risky: boolean;
}

/**
 * A package by its code, a service by its id or a case of it by its name; TIL-00008 for what this
 * person cannot give.
 */
export async function giftSubjectOf(
  { pages: { act }, acting, language }: Visited,
  named: Pick<GiftSubject, 'package' | 'resource' | 'instance'>,
): Promise<GiftSubject> {
  const [code, resource] = [named.package, named.resource?.toLowerCase()];
  if (code) {
    const known = packageCode(code);
    const [check] = await checkPackages(act, acting.session, acting.party.id, [known]);
    const entry = (await currentCatalogue(act)).packages.get(known);
    if (!entry || !check?.result) throw fault('TIL-00008', { because: 'not to give' });
    const [name, about] = [
      pick(entry.name, language)?.text,
      pick(entry.description, language)?.text,
    ];
    const mayPassOn = entry.delegable;
    return {
      package: entry.code,
      resource: null,
      instance: null,
      name: name ?? entry.code,
      about,
      actions: [],
      mayPassOn,
      risky: entry.giveLevel > LOGIN_LEVEL,
    };
  }
  const known = resource ? (await findResources(act.db, [resource])).get(resource) : undefined;
  const instance = named.instance === null ? null : instanceName(named.instance);
  if (instance !== null && !isInstanceName(instance)) throw fault('TIL-00014');
  const about = { from: acting.party.id, resource: known?.id ?? '', instance };
  const check = known && (await checkResource(act, acting.session, about));
  const actions = check?.rights.filter(({ result }) => result).map(({ action }) => action) ?? [];
  if (!known || !actions.length) throw fault('TIL-00008', { because: 'not to give' });
  return {
    package: null,
    resource: known.id,
    instance,
    name: pick(known.content.title, language)?.text ?? known.id,
    about: pick(known.content.rightDescription, language)?.text,
    actions,
    mayPassOn: true,
    risky: false,
  };
}
