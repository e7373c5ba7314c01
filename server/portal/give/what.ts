// The things that a power of attorney may be about, as pages: packages by area, and services by a
// word of theirs; each only where the person may give it for the party.
import type { Deciding } from '../../decision/act.ts';
import type { Context } from 'koa';
import { LOGIN_LEVEL } from '../../caller/pages.ts';
import { checkPackages, checkResource, checkResources } from '../../delegation/give/check.ts';
import { withheldWords } from '../../delegation/give/age_model.ts';
import type { PackageCheck } from '../../delegation/model.ts';
import { displayName } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { formatList, languageOf, pick, t, type Language } from '../../platform/locale.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import { instanceName, isInstanceName, packageCode } from '../../resource/policy/model.ts';
import {
  searchRegistered,
  type FoundRow,
  type RegistryRow,
} from '../../resource/registry/store.ts';
import { findResources } from '../../resource/store.ts';
import { catalogueFor, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { closeness, wordsIn } from './search_model.ts';
import { asText } from '../../platform/as_text.ts';

const MOST_FOUND = 20;
/** Searches of one person at once. */
const MOST_SEARCHES = 4;
/** Services with the word that are looked at. */
const MOST_CHECKED = 200;

export const partyInAddress = (ctx: Context) => ctx.URL.searchParams.get('party');

/** The things that may be given: packages by area, and services by a word of theirs. */
export async function showWhat(ctx: Context, pages: PortalPages): Promise<void> {
  const { act } = pages;
  const acting = await actingFor(ctx, act, partyInAddress(ctx));
  const language = languageOf(ctx);
  const search = (ctx.URL.searchParams.get('q') ?? '').trim().slice(0, 100);
  // Checking brings the catalogue with the facts.
  const able = await checkPackages(act, acting.session, acting.party.id, null);
  const catalogue = await catalogueFor(ctx, act);
  const packages = able
    .filter(({ result }) => result)
    .map(({ code }) => catalogue.packages.get(code)!);
  const { found, services } = await searched(pages, acting, search, language);
  const href = (what: Record<string, string>) =>
    `/give/terms?${new URLSearchParams({ party: acting.party.id, ...what })}`;
  const areas = areasOf({ packages, catalogue, search, found, language }, href);
  pages.render(ctx, {
    view: 'mandate/what',
    title: t(language, 'give.title'),
    who: whoOf(ctx, acting),
    data: {
      path: '/give',
      searchLabel: t(language, 'give.search'),
      nothing: [
        t(language, search ? 'give.nothing_found' : 'give.nothing'),
        ...(search && acting.isSelf ? [t(language, 'give.nothing_self')] : []),
      ].join(' '),
      party: acting.party.id,
      lead: acting.isSelf
        ? t(language, 'give.lead')
        : t(language, 'give.lead_other', { name: displayName(acting.party) }),
      withheld: withheldFrom(able, acting, language),
      search,
      areas,
      services: services.map((one) => ({
        name: titleOf(one, language),
        href: href({ resource: one.id }),
      })),
      none: !areas.length && !services.length,
    },
  });
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

/** Services that are shown as what a package opens; the rest is said by its own words. */
const MOST_OPENED = 3;

/** Packages with the word, or with a service that has it, by area. */
export function areasOf(
  {
    packages,
    catalogue: { areas },
    search,
    found,
    language,
  }: {
    packages: Package[];
    catalogue: Catalogue;
    search: string;
    found: FoundRow[];
    language: Language;
  },
  href: (what: { package: string }) => string,
) {
  const words = wordsIn(search, language);
  const textsOf = (texts: object | undefined) => Object.values(texts ?? {}).map(asText);
  const opened = new Map<string, FoundRow[]>();
  for (const one of found)
    for (const code of one.packages)
      opened.set(code, [...(opened.get(code) ?? []), one].slice(0, MOST_OPENED));
  // By its own name, by what it says or opens, and by what is within another word.
  const rankOf = ({ name, description, area, services }: Package & { services: FoundRow[] }) => {
    if (search === '' || closeness(words, textsOf(name)) === 0) return 0;
    const all = [name, description, areas.get(area)?.name].flatMap(textsOf);
    const found = closeness(words, all);
    return found === 0 || services.length ? 1 : found === 1 ? 2 : undefined;
  };
  const shown = packages.flatMap((entry) => {
    const one = { ...entry, services: opened.get(entry.code) ?? [] };
    const rank = rankOf(one);
    return rank === undefined ? [] : [{ ...one, rank }];
  });
  const nearest = (a: Ranked, b: Ranked) =>
    a.rank - b.rank || a.name.localeCompare(b.name, language);
  const groups = [...new Set(shown.map(({ area }) => area))].map((area) => {
    const inside = shown.filter((one) => one.area === area);
    return {
      name: pick(areas.get(area)?.name, language)?.text ?? area,
      rank: Math.min(...inside.map(({ rank }) => rank)),
      forKind: areas.get(area)?.forKind,
      open: search !== '',
      packages: inside
        .map(({ code, name, description, services, rank }) => ({
          rank,
          name: pick(name, language)?.text ?? code,
          about: pick(description, language)?.text,
          opens: services.length
            ? t(language, 'give.opens', {
                services: formatList(
                  language,
                  services.map((service) => titleOf(service, language)),
                ),
              })
            : undefined,
          href: href({ package: code }),
        }))
        .sort(nearest),
    };
  });
  return groups.sort(nearest);
}

interface Ranked {
  rank: number;
  name: string;
}

/** A service's name. */
export const titleOf = ({ id, content }: RegistryRow, language: Language) =>
  pick(content.title, language)?.text ?? id;

/** Services with these words in their name that anybody may see, the nearest first. */
export async function visibleWith(
  act: Deciding,
  search: string,
  language: Language,
): Promise<FoundRow[]> {
  const words = wordsIn(search, language);
  // A text that has the word contains the beginning of its forms.
  const pieces = words.map(({ stem }) => stem);
  const found = words.length ? await searchRegistered(act.db, search, pieces) : [];
  const rankOf = ({ id, content: { title } }: FoundRow) =>
    id === search.toLowerCase() ? 0 : closeness(words, Object.values(title).map(asText));
  return found
    .filter(({ content }) => content.visible !== false)
    .flatMap((one) => {
      const rank = rankOf(one);
      return rank === undefined ? [] : [{ one, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

/** Services that may be given by themselves at all. */
export const isDelegable = ({ type, content }: RegistryRow) =>
  content.delegable !== false && type !== 'Consent' && type !== 'Systemresource';

/** A search is work: a person has a few at once. */
export async function asSearch<Found>(
  { limits }: PortalPages,
  person: string,
  search: () => Promise<Found>,
): Promise<Found> {
  const end = limits.begin('search', person, MOST_SEARCHES);
  try {
    return await search();
  } finally {
    end();
  }
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
export interface GiftSubject {
  package: string | null;
  resource: string | null;
  /** One case of the service, by its name; null for all. */
  instance: string | null;
  name: string;
  about: string | undefined;
  /** Actions that may be given; none of a package. */
  actions: string[];
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
  ctx: Context,
  { act }: PortalPages,
  acting: Acting,
  named: Pick<GiftSubject, 'package' | 'resource' | 'instance'>,
): Promise<GiftSubject> {
  const language = languageOf(ctx);
  const [code, resource] = [named.package, named.resource?.toLowerCase()];
  if (code) {
    const known = packageCode(code);
    const [check] = await checkPackages(act, acting.session, acting.party.id, [known]);
    const entry = (await catalogueFor(ctx, act)).packages.get(known);
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
