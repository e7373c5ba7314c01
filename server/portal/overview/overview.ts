// The question to the overview and the frame around its answer: for its pages and its files alike.
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { silencesPath } from '../../notice/silence.ts';
import { type Deciding, decidingThen } from '../../decision/act.ts';
import type { Context } from 'koa';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { closedText } from '../../consent/own/closed.ts';
import { displayName } from '../../consent/text.ts';
import {
  SHELVES,
  type ShelfCounts,
  type Sought,
  type Viewed,
} from '../../mandate/overview_store.ts';
import { momentBefore } from '../../mandate/estate_store.ts';
import type { Party } from '../../party/model.ts';
import { languageOf, pick, t, type Language, type Translated } from '../../platform/locale.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { filterForm, filterIn, filterQuery, isFiltering, type Filter } from '../filter.ts';
import { closeness, soughtText, wordsIn } from '../give/search_model.ts';
import { actingForAll, whoOf, type Acting } from '../party.ts';
import { systemsPath } from '../systems/path.ts';
import type { PortalPages } from '../page.ts';

export interface View {
  acting: Acting;
  /** Sub-units that are seen with it, and which one alone, where one was chosen. */
  units: Party[];
  unit: string | undefined;
  /** The party's national number, where it has one. */
  number: string | null;
  viewed: Viewed;
  sought: Sought;
  /** By which the page is read: of the moment before, where what was is read. */
  act: Deciding;
  catalogue: Catalogue;
  filter: Filter;
  /** Whether not everything of the shelf is shown. */
  isFiltered: boolean;
}

/** Whose, which shelf and what is looked for: of the page and of the file alike. */
export async function viewOf(ctx: Context, pages: PortalPages): Promise<View> {
  const { act } = pages;
  const { searchParams } = ctx.URL;
  const { acting, number, units } = await actingForAll(ctx, pages, searchParams.get('party'));
  const ids = [acting.party.id, ...units.map(({ id }) => id)];
  const unit = ids.find((id) => id === searchParams.get('unit'));
  const language = languageOf(ctx);
  const filter = { ...filterIn(ctx), ...(acting.closed ? { only: null } : {}) };
  const words = wordsIn(filter.search, language);
  const text = soughtText(filter.search, words);
  const catalogue = await currentCatalogue(act);
  const { packages, roles } = catalogue;
  const isNamed = ([, { name, description }]: [
    string,
    { name: Translated; description?: Translated },
  ]) =>
    closeness(
      words,
      [name, description].flatMap((one) => pick(one, language)?.text ?? []),
    ) !== undefined;
  const codes = text ? [...packages, ...roles].filter(isNamed).map(([code]) => code) : [];
  return {
    acting,
    units,
    unit,
    number,
    catalogue,
    filter,
    isFiltered: isFiltering(filter) || unit !== undefined,
    act: acting.closed ? decidingThen(act, momentBefore(acting.closed)) : act,
    viewed: {
      party: unit ?? acting.party.id,
      units: unit ? [] : ids.slice(1),
      received: acting.received,
      viewer: acting.session.party,
    },
    sought: {
      // A person's received rights are nobody else's to see, nor whether there are any.
      shelf:
        SHELVES.filter((one) => one !== 'received' || acting.received).find(
          (one) => one === searchParams.get('show'),
        ) ?? 'given',
      text,
      codes,
      language,
      only: filter.only,
    },
  };
}

/** Requests that wait stand among the shelves, though nothing of them has been given. */
const TABS = [...SHELVES.slice(0, -1), 'waiting', ...SHELVES.slice(-1)] as const;
type Tab = (typeof TABS)[number];

/** An address of the overview for what is shown, with some of it otherwise. */
export const linkOf =
  ({ acting, filter, unit, sought }: View, tab: Tab = sought.shelf) =>
  (changes: Record<string, string> = {}, path = '/overview') =>
    `${path}?${new URLSearchParams({
      party: acting.party.id,
      show: tab,
      ...filterQuery(filter),
      ...(unit ? { unit } : {}),
      ...changes,
    })}`;

const tabsOf = (view: View, current: Tab, counts: ShelfCounts, language: Language) =>
  TABS.filter(
    (one) =>
      (one !== 'received' || view.acting.received) && (one !== 'waiting' || !view.acting.closed),
  ).map((id) => ({
    label: t(language, `mandate.shelf.${id}`),
    current: id === current,
    href: linkOf(view, id)(),
    // Consents wait there too, and how many of those the person may read is said where they are.
    ...(id === 'waiting' ? {} : { counted: true, n: counts[id] }),
  }));

/** The frame of an overview page, whatever it shows. */
export function frame(ctx: Context, view: View, counts: ShelfCounts, tab: Tab) {
  const { acting, units, unit, filter } = view;
  const language = languageOf(ctx);
  const shown = [acting.party, ...units].find(({ id }) => id === unit) ?? acting.party;
  const isUnit = !acting.isSelf && shown.kind === 'subunit';
  const hidden = { party: acting.party.id, show: tab };
  return {
    view: 'portal/overview/overview',
    title: t(language, 'mandate.title', { name: displayName(shown) }),
    wide: true,
    who: whoOf(ctx, acting),
    data: {
      ...(acting.closed
        ? { closed: closedText(acting.closed, shown, language) }
        : {
            lead: t(language, isUnit ? 'mandate.lead_unit' : 'mandate.lead', counts),
            giveHref: `/give?party=${shown.id}`,
            askHref: acting.received ? `/ask?party=${shown.id}` : undefined,
            codeHref: acting.isSelf && tab === 'received' ? '/code' : undefined,
            silencesHref:
              acting.received && !acting.isSelf ? silencesPath(acting.party.id) : undefined,
            silencesText: t(language, 'silence.title', {
              self: 'no',
              name: displayName(acting.party),
            }),
            peopleHref: `/overview/people?party=${shown.id}`,
            logHref: `/log?party=${acting.party.id}`,
            systemsHref:
              acting.party.kind === 'organization' ? systemsPath(acting.party.id) : undefined,
          }),
      tabs: tabsOf(view, tab, counts, language),
      hint: t(language, `mandate.hint.${tab}`),
      inherits: shown.kind === 'subunit' && ['given', 'statutory'].includes(tab),
      filter:
        tab === 'waiting'
          ? undefined
          : {
              ...filterForm(filter, { action: '/overview', hidden }, language),
              units: units.length > 0 ? unitChoices(view, language) : undefined,
            },
      isFiltered: view.isFiltered,
    },
  };
}

/** All units, the main one alone, or one of the others. */
const unitChoices = ({ acting, units, unit }: View, language: Language) => [
  { id: '', label: t(language, 'mandate.unit.all'), selected: unit === undefined },
  ...[acting.party, ...units].map((one) => ({
    id: one.id,
    label: displayName(one),
    selected: one.id === unit,
  })),
];

/** One's own side of a mandate: of two units that are seen together, the one that gives. */
export const ownOf = (mandate: MandateRow, { party, units = [] }: Viewed) =>
  [party, ...units].includes(mandate.from) ? mandate.from : mandate.to;
