// The people and companies that can use one service for a party, and why, as the decision point
// says it.
import { pageRouter } from '../caller/declared_pages.ts';
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import {
  carriersOf,
  listWhoCan,
  ownWhoCan,
  seesWhoCan,
  type WhoCan,
} from '../connection/who_can.ts';
import { displayName } from '../consent/text.ts';
import { findMandates, type MandateRow } from '../mandate/delegation_store.ts';
import { findParty } from '../party/store.ts';
import { queryParameter } from '../platform/http/body.ts';
import { fault } from '../platform/errors.ts';
import { isUuid, NO_ID } from '../platform/ids.ts';
import { languageOf, pick, t } from '../platform/locale.ts';
import { findResources } from '../resource/store.ts';
import { noAccess } from './no_access.ts';
import { serviceToAsk, thingToGive } from './give/ask_what.ts';
import { asSearch, titleOf, visibleWith } from './give/search.ts';
import { tellingOf } from './mandate/telling.ts';
import { sendFile } from './file.ts';
import type { PortalPages } from './page.ts';
import { onBehalfBy, whoOf, type Acting } from './party.ts';
import { originLines } from './systems/text.ts';
import { WHO_CAN_COLUMNS, whoCanCells, whoCanLine, type Whose } from './who_can_text.ts';

const PAGE_SIZE = 20;
const MOST_FOUND = 20;
/** Rows of a file that are read at once. */
const LOT = 200;

export const whoCanPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'who_can_page', path: '/who-can', show: showWhoCan },
    { id: 'who_can_file', path: '/who-can.csv', show: sendWhoCan },
  ]);

/** The party that is asked about, and whether the person sees others there than themselves. */
interface Asked {
  acting: Acting;
  seesAll: boolean;
}

/** TIL-00008 for a party of which the person sees nothing, as for one that there is not. */
async function askedIn(ctx: Context, { act }: PortalPages): Promise<Asked> {
  const session = sessionOf(ctx);
  const named = queryParameter(ctx, 'party') ?? session.party;
  const party = isUuid(named) ? await findParty(act, { by: 'uuid', value: named }) : undefined;
  if (!party) throw fault('TIL-00008');
  const seesAll = await seesWhoCan(act, session, party.id);
  return { acting: await onBehalfBy(ctx, act, party), seesAll };
}

async function showWhoCan(ctx: Context, pages: PortalPages): Promise<void> {
  const asked = await askedIn(ctx, pages);
  const id = queryParameter(ctx, 'resource')?.toLowerCase();
  return id === undefined ? showSearch(ctx, pages, asked) : showService(ctx, pages, asked, id);
}

/** Services that a word finds, for one who sees who can. */
async function showSearch(
  ctx: Context,
  pages: PortalPages,
  { acting, seesAll }: Asked,
): Promise<void> {
  const { party, session } = acting;
  if (!seesAll) throw fault('TIL-00008', await noAccess(pages.act, session, party));
  const language = languageOf(ctx);
  const search = (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100);
  const found = search
    ? await asSearch(pages, session.party, () => visibleWith(pages.act, search, language))
    : [];
  pages.render(ctx, {
    view: 'portal/who_can',
    title: t(language, 'who_can.search_title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      path: '/who-can',
      party: party.id,
      search,
      searchLabel: t(language, 'who_can.search'),
      isSearch: true,
      nothing: search && !found.length ? t(language, 'who_can.nothing') : undefined,
      services: found.slice(0, MOST_FOUND).map((one) => ({
        name: titleOf(one, language),
        href: whoCanPath(party.id, one.id),
      })),
      back: `/overview/people?party=${party.id}`,
    },
  });
}

/** The page of those who can use a service for a party. */
export const whoCanPath = (party: string, resource: string, more: object = {}) =>
  `/who-can?${new URLSearchParams({ party, resource, ...more })}`;

async function showService(
  ctx: Context,
  pages: PortalPages,
  { acting, seesAll }: Asked,
  resource: string,
): Promise<void> {
  const { act } = pages;
  const { party, session } = acting;
  const language = languageOf(ctx);
  const after = queryParameter(ctx, 'after') ?? NO_ID;
  if (!isUuid(after)) throw fault('TIL-00014');
  const about = { party: party.id, resource };
  const page = { after, limit: PAGE_SIZE };
  const found = seesAll
    ? await asSearch(pages, session.party, () => listWhoCan(act, session, about, page))
    : await ownOnly(pages, acting, resource);
  const service = (await findResources(act.db, [resource])).get(resource);
  if (!service) throw fault('TIL-00009');
  const whose = await whoseOf(ctx, pages, acting, found);
  const origins = await originLines(act, found.people, language);
  const give = seesAll && !acting.isSelf ? await thingToGive(act, service, party) : undefined;
  pages.render(ctx, {
    view: 'portal/who_can',
    title: t(language, 'who_can.title', {
      what: pick(service.content.title, language)?.text ?? service.id,
      name: displayName(party),
    }),
    wide: true,
    who: whoOf(ctx, acting),
    data: {
      lines: found.people.map((one) => ({
        ...whoCanLine(one, whose),
        origin: origins.get(one.id),
      })),
      nobody: !found.people.length && after === NO_ID && !found.open.length && !found.next,
      open: found.open.length > 0,
      ownOnly: !seesAll,
      file:
        seesAll && found.people.length
          ? `/who-can.csv?${new URLSearchParams({ ...about })}`
          : undefined,
      next: found.next ? whoCanPath(party.id, resource, { after: found.next }) : undefined,
      previous: after === NO_ID ? undefined : whoCanPath(party.id, resource),
      give: give && `/give/terms?${new URLSearchParams({ party: party.id, ...give })}`,
      back: seesAll ? `/who-can?party=${party.id}` : '/start',
    },
  });
}

/** The person's own, where the person has something there; TIL-00008 else. */
async function ownOnly(
  { act }: PortalPages,
  { party, session }: Acting,
  resource: string,
): Promise<WhoCan> {
  const own = await ownWhoCan(act, session, { party: party.id, resource });
  if (!own) {
    const words = await noAccess(act, session, party);
    const sides = { asker: { id: session.party, kind: session.kind }, whom: party };
    const href = `/ask?${new URLSearchParams({ party: party.id, resource })}`;
    const mayAsk = words && (await serviceToAsk(act, resource, sides, 'nb'));
    const ask = mayAsk ? { ask: { party: displayName(party), href } } : {};
    throw fault('TIL-00008', {
      because: 'nothing of theirs there',
      ...(words && { members: { ...words.members, ...ask } }),
    });
  }
  return { people: [own], open: [], next: '' };
}

/** The facts that words about them are made of. */
async function whoseOf(
  ctx: Context,
  pages: PortalPages,
  { party, session, isSelf, basis }: Acting,
  { people }: WhoCan,
): Promise<Whose> {
  const ids = carriersOf(people);
  const rows: MandateRow[] = ids.length ? await findMandates(pages.act, ids) : [];
  return {
    party: party.id,
    viewer: session.party,
    seesPeople: isSelf || basis !== undefined,
    rows,
    telling: await tellingOf(ctx, pages, rows),
  };
}

async function sendWhoCan(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, seesAll } = await askedIn(ctx, pages);
  const { party, session } = acting;
  if (!seesAll) throw fault('TIL-00008', await noAccess(pages.act, session, party));
  const resource = queryParameter(ctx, 'resource')?.toLowerCase() ?? '';
  const about = { party: party.id, resource };
  const language = languageOf(ctx);
  if (!(await findResources(pages.act.db, [resource])).has(resource)) throw fault('TIL-00009');
  async function* rows() {
    let after = NO_ID;
    do {
      const page = { after, limit: LOT };
      const found = await listWhoCan(pages.act, acting.session, about, page);
      const whose = await whoseOf(ctx, pages, acting, found);
      for (const one of found.people) yield* whoCanCells(one, whose);
      after = found.next;
    } while (after);
  }
  const name = t(language, 'who_can.file');
  const file = { kind: 'csv' as const, name, columns: WHO_CAN_COLUMNS, headings: 'who_can.column' };
  sendFile(ctx, pages, file, rows());
}
