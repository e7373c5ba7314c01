// What a party has given, received, has by law and had: as a page to look through, and as a file of
// exactly what the page shows.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Router from '@koa/router';
import { stringify } from 'csv-stringify';
import type { Context } from 'koa';
import { displayName } from '../consent/text.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import {
  countSought,
  countShelves,
  listShelf,
  ONLY,
  SHELVES,
  type Sought,
  type Viewed,
} from '../mandate/overview_store.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { languageOf, pick, t, type Language, type Translated } from '../platform/locale.ts';
import { currentCatalogue } from '../resource/catalogue.ts';
import type { Catalogue } from '../resource/catalogue_model.ts';
import { cellsOf, COLUMNS, nameOf, otherSide, standingOf, type Telling } from './mandate_text.ts';
import { tellingOf } from './telling.ts';
import { actingFor, whoOf, type Acting } from './party.ts';
import { offsetOf, type PortalPages } from './page.ts';
import { toldStopped } from './stop_pages.ts';
import { countWaiting, waitingOf } from './request_pages.ts';

const PAGE_SIZE = 20;
/** Read at once into a file. */
const BATCH = 5_000;
/** Files of one person at once. */
const MOST_FILES = 2;
const LONGEST_SEARCH = 100;

export function overviewPages(pages: PortalPages): Router {
  const router = new Router();
  const row = (route: string) => [named(route), page, pages.signedIn()] as const;
  router.get('/overview', ...row('overview'), (ctx) => showOverview(ctx, pages));
  router.get('/overview.csv', ...row('overview_csv'), (ctx) => sendFile(ctx, pages, 'csv'));
  router.get('/overview.json', ...row('overview_json'), (ctx) => sendFile(ctx, pages, 'json'));
  return router;
}

interface View {
  acting: Acting;
  viewed: Viewed;
  sought: Sought;
  now: Date;
  catalogue: Catalogue;
  /** What was written in the search, as it was. */
  search: string;
}

/** Whose, which shelf and what is looked for: of the page and of the file alike. */
async function viewOf(ctx: Context, { point }: PortalPages): Promise<View> {
  const { searchParams } = ctx.URL;
  const acting = await actingFor(ctx, point, searchParams.get('party'));
  const language = languageOf(ctx);
  const search = (searchParams.get('q') ?? '').trim().slice(0, LONGEST_SEARCH);
  if (search.includes('\0')) throw fault('TIL-00014');
  const text = search.toLowerCase();
  const catalogue = await currentCatalogue(point);
  const { packages, roles } = catalogue;
  const isNamed = ([, { name }]: [string, { name: Translated }]) =>
    pick(name, language)?.text.toLowerCase().includes(text);
  const codes = text ? [...packages, ...roles].filter(isNamed).map(([code]) => code) : [];
  return {
    acting,
    catalogue,
    search,
    now: clock.now(),
    viewed: {
      party: acting.party.id,
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

const tabsOf = (
  { party, received }: Acting,
  current: Tab,
  counts: Record<Tab, number>,
  language: Language,
) =>
  TABS.filter((one) => one !== 'received' || received).map((id) => ({
    label: t(language, `mandate.shelf.${id}`),
    current: id === current,
    href: `/overview?${new URLSearchParams({ party: party.id, show: id })}`,
    n: counts[id],
  }));

/** What a page of the overview is, whatever it shows. */
function frame(ctx: Context, acting: Acting, counts: Record<Tab, number>, tab: Tab) {
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

/** Requests for a right that nobody has answered, and where those for a consent are. */
async function showWaiting(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, viewed, catalogue, now } = await viewOf(ctx, pages);
  const { point } = pages;
  const { party } = acting;
  const offset = offsetOf(ctx);
  const { n } = await countWaiting(pages, acting);
  const counts = { ...(await countShelves(point.db, viewed, now)), waiting: n };
  const link = (at: number) =>
    `/overview?${new URLSearchParams({ party: party.id, show: 'waiting', offset: String(at) })}`;
  const { data, ...rest } = frame(ctx, acting, counts, 'waiting');
  pages.render(ctx, {
    ...rest,
    data: {
      ...data,
      cards: await waitingOf(ctx, pages, { acting, offset, catalogue }),
      more: {
        text: t(languageOf(ctx), 'asked.consents'),
        href: `/consents?party=${party.id}&show=waiting`,
      },
      previous: offset > 0 ? link(Math.max(0, offset - PAGE_SIZE)) : undefined,
      next: offset + PAGE_SIZE < n ? link(offset + PAGE_SIZE) : undefined,
    },
  });
}

async function showOverview(ctx: Context, pages: PortalPages): Promise<void> {
  if (ctx.URL.searchParams.get('show') === 'waiting') return showWaiting(ctx, pages);
  const { db } = pages.point;
  const { acting, viewed, sought, search, catalogue, now } = await viewOf(ctx, pages);
  const { shelf, only, language } = sought;
  const isFiltered = search !== '' || only !== null;
  const offset = offsetOf(ctx);
  const waiting = (await countWaiting(pages, acting)).n;
  const counted = isFiltered
    ? await countSought(db, viewed, sought, now)
    : { ...(await countShelves(db, viewed, now)), found: undefined };
  const counts = { ...counted, waiting };
  const n = counted.found ?? counts[shelf];
  const found = await listShelf(db, viewed, sought, { offset, limit: PAGE_SIZE }, now);
  const telling = await tellingOf(ctx, pages, found, catalogue);
  const filters = { ...(search ? { q: search } : {}), ...(only ? { only } : {}) };
  const link = (changes: Record<string, string>, path = '/overview') =>
    `${path}?${new URLSearchParams({ party: acting.party.id, show: shelf, ...filters, ...changes })}`;
  const { data, ...rest } = frame(ctx, acting, counts, shelf);
  pages.render(ctx, {
    ...rest,
    data: {
      ...data,
      told: await toldStopped(ctx, pages, acting),
      // A search helps where there is more than one can see.
      filter: isFiltered || n > 5,
      shelf,
      search,
      only: ['', ...ONLY].map((id) => ({
        id,
        label: t(language, `mandate.only.${id || 'all'}`),
        selected: id === (only ?? ''),
      })),
      found: isFiltered ? t(language, 'mandate.found', { n }) : undefined,
      everything: isFiltered ? `/overview?party=${acting.party.id}&show=${shelf}` : undefined,
      csv: n ? link({}, '/overview.csv') : undefined,
      json: link({}, '/overview.json'),
      cards: found.map((mandate) => card(mandate, acting.party.id, telling)),
      previous: offset > 0 ? link({ offset: String(Math.max(0, offset - PAGE_SIZE)) }) : undefined,
      next: offset + PAGE_SIZE < n ? link({ offset: String(offset + PAGE_SIZE) }) : undefined,
    },
  });
}

const card = (mandate: MandateRow, party: string, telling: Telling) => ({
  href: `/overview/${mandate.id}`,
  see: t(telling.language, 'mandate.see'),
  name: otherSide(mandate, party),
  side: t(telling.language, mandate.from === party ? 'mandate.may_for' : 'mandate.for_them'),
  what: nameOf(mandate, telling),
  ...standingOf(mandate, telling),
});

/** All that is found, a batch at a time, so that a file of any length holds nobody up. */
async function* everything(ctx: Context, pages: PortalPages, view: View) {
  let after: string | undefined;
  for (;;) {
    const { viewed, sought, catalogue, now } = view;
    const page = { limit: BATCH, ...(after ? { after } : {}) };
    const found = await listShelf(pages.point.db, viewed, sought, page, now);
    const telling = await tellingOf(ctx, pages, found, catalogue);
    for (const mandate of found) yield cellsOf(mandate, telling);
    if (found.length < BATCH) return;
    after = found.at(-1)!.id;
  }
}

async function* asJson(rows: AsyncIterable<object>) {
  let before = '[';
  for await (const row of rows) {
    yield `${before}\n${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** No national number, nor anything that a spreadsheet would take for a formula. */
async function sendFile(ctx: Context, pages: PortalPages, kind: 'csv' | 'json'): Promise<void> {
  const view = await viewOf(ctx, pages);
  const end = pages.limits.begin('file', view.acting.session.party, MOST_FILES);
  ctx.res.once('close', end);
  const rows = everything(ctx, pages, view);
  ctx.attachment(`${view.sought.shelf}.${kind}`);
  ctx.set('cache-control', 'no-store');
  if (kind === 'json') {
    ctx.type = 'application/json';
    ctx.body = Readable.from(asJson(rows));
    return;
  }
  ctx.type = 'text/csv; charset=utf-8';
  const { language } = view.sought;
  const csv = stringify({
    bom: true,
    delimiter: ';',
    record_delimiter: 'windows',
    escape_formulas: true,
    header: true,
    columns: COLUMNS.map((key) => ({ key, header: t(language, `mandate.fact.${key}`) })),
  });
  ctx.body = csv;
  // A reader who leaves, or a database that fails, ends both: the file is cut off, never whole.
  void pipeline(Readable.from(rows), csv).catch((error) => csv.destroy(error));
}
