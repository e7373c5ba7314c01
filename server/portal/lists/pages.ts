// The access lists of a company that owns services: which organisations are on each, what it opens
// for them, and who is put on and taken off.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { mustAdminister } from '../../delegation/authority.ts';
import { isOrganizationNumber } from '../../party/model.ts';
import { findParties } from '../../party/store.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { queryParameter, uuidsIn } from '../../platform/http/body.ts';
import {
  formatList,
  formatOrganizationNumber,
  languageOf,
  pick,
  t,
  type Language,
} from '../../platform/locale.ts';
import {
  changeList,
  changeMembers,
  listChange,
  membersNamed,
} from '../../resource/access_list/access_lists.ts';
import {
  findAccessLists,
  findListMembers,
  listIdentifier,
  type ListRow,
} from '../../resource/access_list/store.ts';
import { findResources } from '../../resource/store.ts';
import { actionName } from '../mandate/text.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingAs, whoOf, type Acting } from '../party.ts';
import { listPath, listsPath } from './path.ts';

const PAGE_SIZE = 50;
const SEVERAL = ['member'];

export const listPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'lists_page', path: '/lists', show: showLists },
    { id: 'list_page', path: '/lists/:id', show: (ctx, own) => showList(ctx, own) },
    { id: 'list_add', path: '/lists/:id/add', post: postAdd, refused: toStronger },
    { id: 'list_add_page', path: '/lists/:id/add', show: backToList },
    {
      id: 'list_out',
      path: '/lists/:id/out',
      several: SEVERAL,
      post: postOut,
      refused: toStronger,
    },
    { id: 'list_out_page', path: '/lists/:id/out', show: backToList },
  ]);

/** Where a form was, after a login in between. */
const backToList = (ctx: Context) =>
  ctx.redirect(`${ctx.path.replace(/\/(add|out)$/, '')}${ctx.search}`);

interface Owning {
  acting: Acting;
  /** The owner's organisation number. */
  number: string;
}

/** TIL-00008 for one who does not administer for the company. */
async function owningIn(ctx: Context, pages: PortalPages): Promise<Owning> {
  const acting = await actingAs(ctx, pages, 'access');
  const [owner] = await findParties(pages.act, [acting.party.id]);
  return { acting, number: owner?.organizationNo ?? '' };
}

async function showLists(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const { acting, number } = await owningIn(ctx, pages);
  const { party } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const all = await findAccessLists(pages.act.db, number, null);
  pages.render(ctx, {
    view: 'portal/lists/lists',
    title: t(language, 'lists.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      lists: all.slice(offset, offset + PAGE_SIZE).map((one) => ({
        name: one.name,
        about: one.description,
        has: t(language, 'lists.has', { n: one.members, services: one.resources.length }),
        href: listPath(party.id, listIdentifier(one.id)),
      })),
      ...turns({ offset, size: PAGE_SIZE, of: all.length }, (at) =>
        having(listsPath(party.id), `offset=${at}`),
      ),
      back: `/systems?party=${party.id}`,
    },
  });
}

/** The list that the address names; TIL-00009 for one that the company does not have. */
async function listIn(ctx: Context, pages: PortalPages): Promise<Owning & { list: ListRow }> {
  const owning = await owningIn(ctx, pages);
  const { id } = ctx.params as { id: string };
  const [list] = await findAccessLists(pages.act.db, owning.number, id);
  if (!list) throw fault('TIL-00009');
  return { ...owning, list };
}

/** The address of the list as the reader sees it: by the same words, from the same place. */
function addressOf(
  ctx: Context,
  { acting, list }: Owning & { list: ListRow },
  { act = '', offset = offsetOf(ctx) }: { act?: string; offset?: number } = {},
): string {
  const path = listPath(acting.party.id, listIdentifier(list.id), act);
  return having(path, `${new URLSearchParams({ q: searchIn(ctx), offset: `${offset}` })}`);
}

const searchIn = (ctx: Context) => (queryParameter(ctx, 'q') ?? '').trim().slice(0, 100);

async function showList(
  ctx: Context,
  pages: PortalPages,
  again?: { number?: string; wrong: string; field: 'number' | 'members' },
): Promise<void> {
  const looked = await listIn(ctx, pages);
  const { acting, list } = looked;
  const { party, session } = acting;
  const language = languageOf(ctx);
  const search = searchIn(ctx);
  const { found, offset } = await membersFrom(pages, list, search, offsetOf(ctx));
  const of = found[0]?.of ?? 0;
  const kept = again ? undefined : await pages.forms.take(ctx, session, SEVERAL);
  const ticked = kept ? uuidsIn(kept, 'member') : [];
  const wrongAt = (field: string) => (again?.field === field ? again.wrong : undefined);
  pages.render(ctx, {
    view: 'portal/lists/list',
    title: list.name,
    who: whoOf(ctx, acting),
    errors: again ? [{ field: again.field, text: again.wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, addressOf(ctx, looked)),
      isKept: kept !== undefined,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      told: ['added', 'out']
        .filter((one) => ctx.URL.searchParams.has(one))
        .map((one) => t(language, `lists.${one}`))[0],
      about: list.description,
      opens: await opensText(pages, list, language),
      party: party.id,
      path: `/lists/${listIdentifier(list.id)}`,
      search,
      isSearch: search !== '' || list.members > PAGE_SIZE,
      found: t(language, 'lists.found', { n: of, known: search ? 'yes' : 'no' }),
      members: found.map((one) => ({
        id: one.id,
        name: displayName(one),
        number: one.organizationNo ? formatOrganizationNumber(one.organizationNo) : undefined,
        checked: ticked.includes(one.id),
      })),
      add: addressOf(ctx, looked, { act: '/add' }),
      out: addressOf(ctx, looked, { act: '/out' }),
      number: again?.number ?? kept?.get('number'),
      numberError: wrongAt('number'),
      ...turns({ offset, size: PAGE_SIZE, of }, (at) => addressOf(ctx, looked, { offset: at })),
      back: listsPath(party.id),
    },
  });
}

/** The members from a place on; from the first where none are left there. */
async function membersFrom(
  pages: PortalPages,
  list: ListRow,
  search: string,
  offset: number,
): Promise<{ found: Awaited<ReturnType<typeof findListMembers>>; offset: number }> {
  const wanted = { text: search.toLowerCase(), limit: PAGE_SIZE, offset };
  const found = await findListMembers(pages.act.db, list.id, wanted);
  return offset && !found.length ? membersFrom(pages, list, search, 0) : { found, offset };
}

/** The services that it opens, each with the actions where it is not all. */
async function opensText(
  { act }: PortalPages,
  { resources }: ListRow,
  language: Language,
): Promise<string[]> {
  const ids = resources.map(({ resource }) => resource);
  const known = ids.length ? await findResources(act.db, ids) : new Map<string, never>();
  return resources.map(({ resource, actions }) =>
    t(language, 'lists.opens', {
      what: pick(known.get(resource)?.content.title, language)?.text ?? resource,
      part: actions ? 'yes' : 'no',
      actions: actions
        ? formatList(
            language,
            actions.map((one) => actionName(language, one)),
          )
        : '',
    }),
  );
}

/** Changes the members in a transaction of the list's, for who still administers. */
const change = async (
  pages: PortalPages,
  { acting, number, list }: Owning & { list: ListRow },
  how: 'add' | 'remove',
  membersOf: (inner: PortalPages['act']) => Promise<string[]>,
): Promise<void> => {
  const { session, party } = acting;
  const named = { owner: number, id: listIdentifier(list.id), seen: undefined };
  await changeList(pages.act, named, async (inner, now) => {
    await mustAdminister(inner, session, party.id, 'access');
    if (!now) throw fault('TIL-00009');
    const whose = listChange(now, session.party);
    await changeMembers(inner, whose, how, await membersOf(inner));
  });
};

async function postAdd({ ctx, pages, form }: Posted<PortalPages>) {
  const looked = await listIn(ctx, pages);
  const language = languageOf(ctx);
  const number = (form.get('number') ?? '').replaceAll(/\s/g, '').slice(0, 20);
  const wrong = async (key: string) => {
    ctx.status = 400;
    const again = { number, wrong: t(language, key), field: 'number' as const };
    return void (await showList(ctx, pages, again));
  };
  if (!isOrganizationNumber(number)) return wrong('lists.wrong_number');
  try {
    const urn = `urn:altinn:organization:identifier-no:${number}`;
    await change(pages, looked, 'add', (inner) => membersNamed(inner, [urn]));
  } catch (error) {
    if (!(error instanceof Fault) || error.status !== 400) throw error;
    return wrong('lists.unknown');
  }
  return having(listPath(looked.acting.party.id, listIdentifier(looked.list.id)), 'added');
}

async function postOut({ ctx, pages, form }: Posted<PortalPages>) {
  const looked = await listIn(ctx, pages);
  const members = uuidsIn(form, 'member');
  if (!members.length) {
    ctx.status = 400;
    const wrong = t(languageOf(ctx), 'lists.choose');
    return void (await showList(ctx, pages, { wrong, field: 'members' }));
  }
  await change(pages, looked, 'remove', async () => members);
  return having(addressOf(ctx, looked), 'out');
}
