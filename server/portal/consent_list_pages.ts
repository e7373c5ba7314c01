// A party's consents: what waits, what is given and what has ended, as lists that can be searched,
// and what happened, event by event. It decides nothing.
import Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { happenedTo } from '../consent/history_text.ts';
import { listEvents } from '../consent/list_store.ts';
import type { Consent } from '../consent/model.ts';
import { waysTo, type ConsentPages } from '../consent/page.ts';
import { countAndRead, type Counts } from '../consent/standing.ts';
import { findConsents } from '../consent/store.ts';
import { displayName, named as told } from '../consent/text.ts';
import { timeline } from '../consent/timeline.ts';
import { isReceivedSeen } from '../delegation/authority.ts';
import { named, page } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { pick, t } from '../platform/locale.ts';
import {
  consentCard,
  consentViewOf,
  listOf,
  TABS,
  type ConsentView,
  type Tab,
} from './consent_list.ts';
import { filterForm, filterQuery, isFiltering, pathByReference } from './filter.ts';
import { catalogueFor, offsetOf } from './page.ts';

const PAGE_SIZE = 20;
const HIGHEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export function consentListPages(pages: ConsentPages): Router {
  const router = new Router();
  const row = (route: string) => [named(route), page, pages.signedIn()] as const;
  router.get('/consents', ...row('consents'), (ctx) => showConsents(ctx, pages));
  return router;
}

type Link = (changes: Record<string, string>, path?: string) => string;

async function showConsents(ctx: Context, pages: ConsentPages): Promise<void> {
  const view = await consentViewOf(ctx, pages);
  const { party, basis, person, tab, filter, language } = view;
  const received = basis.self || isReceivedSeen(party);
  const sought = await pathByReference(pages.point, filter, { parties: [party.id], received });
  if (sought) return ctx.redirect(sought);
  const query = filterQuery(filter);
  const link: Link = (changes, path = '/consents') =>
    `${path}?${new URLSearchParams({ party: party.id, show: tab, ...query, ...changes })}`;
  const { counts, ...shown } =
    tab === 'events'
      ? await eventsOf(ctx, pages, view, link)
      : await cardsOf(ctx, pages, view, link);
  const role = basis.self
    ? undefined
    : pick((await catalogueFor(ctx, pages.point)).roles.get(basis.role)?.name, language)?.text;
  const name = displayName(party);
  const hidden = { party: party.id, show: tab };
  pages.render(ctx, {
    view: 'portal/consents',
    title: t(language, 'portal.title', { name }),
    wide: true,
    who: {
      label: basis.self
        ? t(language, 'common.acting_self')
        : t(language, 'common.acting_for', { name }),
      user: sessionOf(ctx).name,
      canSwitch: true,
      ...waysTo(party, person),
      ...(role ? { why: t(language, 'common.acting_why', { why: role }) } : {}),
    },
    data: {
      lead: t(language, 'portal.lead', counts),
      tabs: TABS.map((id) => ({
        label: t(language, `portal.tab.${id}`),
        current: id === tab,
        href: link({ show: id }),
        n: tabCount(id, counts),
        counted: tabCount(id, counts) !== undefined,
      })),
      filter:
        tab === 'events'
          ? undefined
          : filterForm(filter, { action: '/consents', hidden }, language),
      isFiltered: isFiltering(filter),
      everything: `/consents?${new URLSearchParams(hidden)}`,
      none: t(language, isFiltering(filter) ? 'portal.none_found' : `portal.empty.${tab}`),
      ...shown,
    },
  });
}

const tabCount = (tab: Tab, counts: Counts) =>
  tab === 'active' ? counts.active : tab === 'waiting' ? counts.waiting : undefined;

/** A page of the list. */
async function cardsOf(ctx: Context, pages: ConsentPages, view: ConsentView, link: Link) {
  const { party, person, tab, language, now } = view;
  const { csrf } = sessionOf(ctx);
  const offset = offsetOf(ctx);
  const found = await listOf(pages, view, { limit: PAGE_SIZE + 1, offset });
  const wanted = { party: party.id, person, shown: found.slice(0, PAGE_SIZE) };
  const { counts, mine } = await countAndRead(pages.point, wanted, now);
  const consents = mine.map((consent) => told(consent, language));
  return {
    counts,
    cards: consents.map((consent) => consentCard(consent, language, now, csrf)),
    // When each was used, of those that may be told.
    timeline:
      tab === 'active'
        ? timeline(
            consents.filter(({ veiled }) => !veiled),
            language,
            now,
          )
        : undefined,
    files: found.length
      ? { csv: link({}, '/consents.csv'), json: link({}, '/consents.json') }
      : undefined,
    next: found.length > PAGE_SIZE ? link({ offset: String(offset + PAGE_SIZE) }) : undefined,
    previous: offset > 0 ? link({ offset: String(Math.max(0, offset - PAGE_SIZE)) }) : undefined,
  };
}

/** A page of what happened, newest first, of consents that the person may read. */
async function eventsOf(ctx: Context, { point }: ConsentPages, view: ConsentView, link: Link) {
  const { party, person, language, now } = view;
  const last = ctx.URL.searchParams.get('before') ?? '';
  const before = isUuid(last) ? last : HIGHEST;
  const found = await listEvents(point.db, { party: party.id, before, limit: PAGE_SIZE + 1 });
  const listed = found.slice(0, PAGE_SIZE);
  const ids = [...new Set(listed.map(({ consentId }) => consentId))];
  const consents = ids.length ? await findConsents(point.db, ids, now) : [];
  // Each with its own of these events, of which a reader may see a part.
  const whole = consents.map((consent): Consent => {
    const events = listed.filter(({ consentId }) => consentId === consent.id);
    return { ...consent, events };
  });
  const wanted = { party: party.id, person, shown: whole };
  const { counts, mine } = await countAndRead(point, wanted, now);
  const events = mine.flatMap((consent) =>
    consent.events.map((event) => ({
      ...happenedTo(told(consent, language), event, language),
      href: `/consents/${consent.id}`,
    })),
  );
  return {
    counts,
    events: events.sort((a, b) => (a.id < b.id ? 1 : -1)),
    next: found.length > PAGE_SIZE ? link({ before: listed.at(-1)!.id }) : undefined,
    previous: before === HIGHEST ? undefined : link({}),
  };
}
