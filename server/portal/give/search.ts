// Packages by area and services by a word of theirs: found alike for giving and for asking.
import type { Deciding } from '../../decision/act.ts';
import { formatList, pick, t, type Language } from '../../platform/locale.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import {
  searchRegistered,
  type FoundRow,
  type RegistryRow,
} from '../../resource/registry/store.ts';
import type { PortalPages } from '../page.ts';
import { closeness, wordsIn } from './search_model.ts';
import { asText } from '../../platform/as_text.ts';

/** Searches of one person at once. */
const MOST_SEARCHES = 4;

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
    ticked,
  }: {
    ticked: string[];
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
      open: search !== '' || inside.some(({ code }) => ticked.includes(code)),
      packages: inside
        .map(({ code, name, description, services, rank }) => ({
          rank,
          code,
          checked: ticked.includes(code),
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
