// A party's consents: what waits, what is given and what has ended, as lists that can be searched,
// and what happened, event by event. It decides nothing.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { closedText } from '../../consent/own/closed.ts';
import { receiptsPath, whoseOf } from '../../consent/page.ts';
import { countReadable, type ConsentCounts } from '../../consent/basis/counting.ts';
import { displayName, inWords } from '../../consent/text.ts';
import { timeline } from '../../consent/own/timeline.ts';
import { isReceivedSeen, mayAdminister } from '../../delegation/authority.ts';
import { countShelves, type Viewed } from '../../mandate/overview_store.ts';
import { isUuid, LAST_ID } from '../../platform/ids.ts';
import { pick, t, type Language } from '../../platform/locale.ts';
import {
  consentCard,
  consentViewOf,
  readableOf,
  tabsOf,
  type ConsentView,
  type Tab,
} from './list.ts';
import { happened } from './happened.ts';
import { filterForm, filterQuery, isFiltering, pathByReference } from '../filter.ts';
import type { PortalPages } from '../page.ts';
import type { Who } from '../../platform/http/render.ts';
import { asSearch } from '../give/search.ts';
import { firstOf } from '../../platform/paging.ts';

const PAGE_SIZE = 20;

export const consentListPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [{ id: 'consents', path: '/consents', show: showConsents }]);

type Link = (changes: Record<string, string>, path?: string) => string;

async function showConsents(ctx: Context, pages: PortalPages): Promise<void> {
  const view = await consentViewOf(ctx, pages);
  const { party, isSelf, tab, filter, language, closed } = view;
  const person = view.reader.party;
  const whose = { parties: [party.id], received: isSelf || isReceivedSeen(party) };
  const sought = await pathByReference(pages.act, filter, whose, view.reader);
  if (sought) return ctx.redirect(sought);
  const query = filterQuery(filter);
  const link: Link = (changes, path = '/consents') =>
    `${path}?${new URLSearchParams({ party: party.id, show: tab, ...query, ...changes })}`;
  const make = async (): Promise<
    { counts: ConsentCounts | undefined } & Record<string, unknown>
  > => (tab === 'events' ? eventsOf(ctx, view, link) : cardsOf(ctx, view, link));
  // A search is work: a person has a few at once.
  const { counts, ...shown } = isFiltering(filter)
    ? await asSearch(pages, person, make)
    : await make();
  const name = displayName(party);
  const hidden = { party: party.id, show: tab };
  pages.render(ctx, {
    view: 'portal/consents',
    title: t(language, 'portal.title', { name }),
    wide: true,
    who: whoOf(ctx, view),
    data: {
      // To somebody else an empty list may be one that is not theirs to read.
      lead:
        counts && !closed && (isSelf || counts.active || counts.waiting)
          ? t(language, 'portal.lead', { ...counts, self: isSelf ? 'yes' : 'no' })
          : undefined,
      closed: closed && closedText(closed, party, language),
      tabs: tabsOf(view).map((id) => ({
        label: t(language, `portal.tab.${id}`),
        current: id === tab,
        href: link({ show: id }),
        n: counts && tabCount(id, counts),
        counted: counts && tabCount(id, counts) !== undefined,
      })),
      filter:
        tab === 'events'
          ? undefined
          : filterForm(filter, { action: '/consents', hidden }, language),
      isFiltered: isFiltering(filter),
      everything: `/consents?${new URLSearchParams(hidden)}`,
      none: t(
        language,
        closed
          ? 'portal.none'
          : isFiltering(filter)
            ? 'portal.none_found'
            : `portal.empty.${tab}${isSelf ? '' : '_other'}`,
      ),
      see:
        tab === 'active' &&
        !closed &&
        counts?.active === 0 &&
        (isSelf || (await mayAdminister(pages.act, sessionOf(ctx), party.id, 'access')))
          ? await elsewhere(
              pages,
              { party: party.id, received: whose.received, viewer: person },
              language,
            )
          : undefined,
      ...shown,
    },
  });
}

function whoOf(ctx: Context, { party, reader, role, closed, language }: ConsentView): Who {
  const why = pick(role, language)?.text;
  return {
    ...whoseOf(party, reader.party, closed !== undefined, language),
    user: sessionOf(ctx).name,
    canSwitch: true,
    ...(why ? { why: t(language, 'common.acting_why', { why }) } : {}),
  };
}

/** The way to what there is beside consents: who may act, by what was given and by registers. */
async function elsewhere({ act }: PortalPages, viewed: Viewed, language: Language) {
  const { given, statutory } = await countShelves(act, viewed);
  return given || statutory
    ? {
        text: t(language, 'portal.empty.active_see', { mandates: given, statutory }),
        href: `/overview?party=${viewed.party}`,
      }
    : undefined;
}

const tabCount = (tab: Tab, counts: ConsentCounts) =>
  tab === 'active' ? counts.active : tab === 'waiting' ? counts.waiting : undefined;

/** How many there are now. */
async function countsOf({ act, party, reader, closed }: ConsentView) {
  if (closed) return undefined;
  return (await countReadable(act, [party.id], reader.party))(party.id);
}

/** One beyond a page first, then more at a time, of what may not be read. */
const READING = { first: PAGE_SIZE + 1, more: 200, most: 50 };

/** A page of the list. */
async function cardsOf(ctx: Context, view: ConsentView, link: Link) {
  const {
    act: { now },
    tab,
    language,
  } = view;
  const last = ctx.URL.searchParams.get('after') ?? undefined;
  const after = isUuid(last) ? last : undefined;
  const { shown, isMore } = await firstOf(readableOf(view, after, READING), PAGE_SIZE);
  const consents = shown.map((consent) => inWords(consent, language));
  return {
    counts: await countsOf(view),
    cards: consents.map((consent) => ({
      ...consentCard(consent, language, now, sessionOf(ctx)),
      receipt: view.closed ? undefined : receiptsPath(consent),
    })),
    // When each was used, of those that may be shown.
    timeline:
      tab === 'active'
        ? timeline(
            consents.filter(({ veiled }) => !veiled),
            language,
            now,
          )
        : undefined,
    files: consents.length
      ? { csv: link({}, '/consents.csv'), json: link({}, '/consents.json') }
      : undefined,
    next: isMore ? link({ after: shown.at(-1)!.id }) : undefined,
    previous: after ? link({}) : undefined,
  };
}

/** A page of what happened. It goes on after what is shown, whatever else happened then. */
async function eventsOf(ctx: Context, view: ConsentView, link: Link) {
  const last = ctx.URL.searchParams.get('before') ?? '';
  const before = isUuid(last) ? last : LAST_ID;
  const { shown, isMore } = await firstOf(happened(view, before, READING), PAGE_SIZE);
  return {
    counts: await countsOf(view),
    events: shown,
    next: isMore ? link({ before: shown.at(-1)!.id }) : undefined,
    previous: before === LAST_ID ? undefined : link({}),
  };
}
