// What is asked of the overview, and what is around whatever it shows: of its pages and its files
// alike.
import type { Context } from 'koa';
import { displayName } from '../consent/text.ts';
import { ONLY, SHELVES, type Counts, type Sought, type Viewed } from '../mandate/overview_store.ts';
import type { Party } from '../party/model.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { languageOf, pick, t, type Language, type Translated } from '../platform/locale.ts';
import type { Catalogue } from '../resource/catalogue_model.ts';
import { actingForAll, whoOf, type Acting } from './party.ts';
import { catalogueFor, type PortalPages } from './page.ts';

const LONGEST_SEARCH = 100;

export interface View {
  acting: Acting;
  /** Sub-units that are seen with it, and which one alone, where one was chosen. */
  units: Party[];
  unit: string | undefined;
  /** The party's national number, where it has one. */
  number: string | null;
  viewed: Viewed;
  sought: Sought;
  now: Date;
  catalogue: Catalogue;
  /** What was written in the search, as it was. */
  search: string;
}

/** Whose, which shelf and what is looked for: of the page and of the file alike. */
export async function viewOf(ctx: Context, { point }: PortalPages): Promise<View> {
  const { searchParams } = ctx.URL;
  const { acting, number, units } = await actingForAll(ctx, point, searchParams.get('party'));
  const ids = [acting.party.id, ...units.map(({ id }) => id)];
  const unit = ids.find((id) => id === searchParams.get('unit'));
  const language = languageOf(ctx);
  const search = (searchParams.get('q') ?? '').trim().slice(0, LONGEST_SEARCH);
  if (search.includes('\0')) throw fault('TIL-00014');
  const text = search.toLowerCase();
  const catalogue = await catalogueFor(ctx, point);
  const { packages, roles } = catalogue;
  const isNamed = ([, { name }]: [string, { name: Translated }]) =>
    pick(name, language)?.text.toLowerCase().includes(text);
  const codes = text ? [...packages, ...roles].filter(isNamed).map(([code]) => code) : [];
  return {
    acting,
    units,
    unit,
    number,
    catalogue,
    search,
    now: clock.now(),
    viewed: {
      party: unit ?? acting.party.id,
      units: unit ? [] : ids.slice(1),
      received: acting.received,
      viewer: acting.session.party,
    },
    sought: {
      shelf: SHELVES.find((one) => one === searchParams.get('show')) ?? 'given',
      text,
      codes,
      language,
      only: ONLY.find((one) => one === searchParams.get('only')) ?? null,
    },
  };
}

/** What waits stands among the shelves, though nothing of it has been given. */
const TABS = [...SHELVES.slice(0, -1), 'waiting', ...SHELVES.slice(-1)] as const;
type Tab = (typeof TABS)[number];

const tabsOf = ({ party, received }: Acting, current: Tab, counts: Counts, language: Language) =>
  TABS.filter((one) => one !== 'received' || received).map((id) => ({
    label: t(language, `mandate.shelf.${id}`),
    current: id === current,
    href: `/overview?${new URLSearchParams({ party: party.id, show: id })}`,
    // Consents wait there too, and how many of those the person may read is told where they are.
    ...(id === 'waiting' ? {} : { counted: true, n: counts[id] }),
  }));

/** What a page of the overview is, whatever it shows. */
export function frame(ctx: Context, acting: Acting, counts: Counts, tab: Tab) {
  const language = languageOf(ctx);
  return {
    view: 'mandate/overview',
    title: t(language, 'mandate.title', { name: displayName(acting.party) }),
    wide: true,
    who: whoOf(ctx, acting),
    data: {
      lead: t(language, 'mandate.lead', { given: counts.given, received: counts.received }),
      giveHref: `/give?party=${acting.party.id}`,
      askHref: acting.received ? `/ask?party=${acting.party.id}` : undefined,
      peopleHref: `/overview/people?party=${acting.party.id}`,
      tabs: tabsOf(acting, tab, counts, language),
      hint: t(language, `mandate.hint.${tab}`),
      party: acting.party.id,
    },
  };
}

/** All units, the main one alone, or one of the others. */
export const unitChoices = ({ acting, units, unit }: View, language: Language) => [
  { id: '', label: t(language, 'mandate.unit.all'), selected: unit === undefined },
  ...[acting.party, ...units].map((one) => ({
    id: one.id,
    label: displayName(one),
    selected: one.id === unit,
  })),
];
