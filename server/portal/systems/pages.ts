// A company's systems: who supplies each, how much it may do, what waits for an answer; and ending
// one with everything that it has.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { mustAdminister } from '../../delegation/authority.ts';
import { displayName } from '../../consent/text.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { formatDate, languageOf, t, type Language } from '../../platform/locale.ts';
import { nameOfUser } from '../../supplier/system/ask.ts';
import { answerPath, runsOutAt, type SystemRequest } from '../../supplier/system/model.ts';
import { listWaitingFor } from '../../supplier/system/request_store.ts';
import { hasAccessLists } from '../../resource/access_list/store.ts';
import { listOwnUsers, type OwnSystemUser } from '../../supplier/system/user_store.ts';
import { endSystem } from '../../supplier/system/users.ts';
import { having, offsetOf, toStronger, turns, type PortalPages } from '../page.ts';
import { actingFor, whoOf } from '../party.ts';
import { personPath } from '../person/between.ts';
import { workPath } from '../customers/agent.ts';
import { listsPath } from '../lists/path.ts';
import { scopesPath, systemsPath } from './path.ts';
import { originSentence } from './text.ts';

const PAGE_SIZE = 20;
/** The most requests that the page lists. */
const MOST_WAITING = 20;

export const systemPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'systems_page', path: '/systems', show: showSystems },
    { id: 'system_end_page', path: '/systems/:id/end', show: showEnd },
    { id: 'system_end_form', path: '/systems/:id/end', post: postEnd, refused: toStronger },
  ]);

async function showSystems(ctx: Context, pages: PortalPages): Promise<void> {
  if (!queryParameter(ctx, 'party')) return ctx.redirect('/parties');
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const { party } = acting;
  // Only an organisation lets systems in.
  if (party.kind !== 'organization') return ctx.redirect(`/overview?party=${party.id}`);
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const users = await listOwnUsers(pages.act, party.id, { limit: PAGE_SIZE, offset });
  const waiting = offset ? [] : await listWaitingFor(pages.act, party.id, MOST_WAITING);
  const n = users[0]?.of ?? 0;
  const link = (at: number) => having(systemsPath(party.id), `offset=${at}`);
  pages.render(ctx, {
    view: 'portal/systems/systems',
    title: t(language, 'systems.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      told: ctx.URL.searchParams.has('ended') && t(language, 'systems.ended'),
      waiting: waiting.map((one) => waitingLine(one, language)),
      users: users.map((one) => userLine(one, party.id, language)),
      none: t(language, 'systems.none'),
      scopes: scopesPath(party.id),
      lists: (await hasAccessLists(pages.act.db, party.id)) ? listsPath(party.id) : undefined,
      back: `/overview?party=${party.id}`,
      ...turns({ offset, size: PAGE_SIZE, of: n }, link),
    },
  });
}

const waitingLine = (request: SystemRequest, language: Language) => ({
  href: answerPath(request.id),
  name: request.userName ?? nameOfUser(request.system, request.externalRef, language),
  text: t(language, 'systems.waits', {
    vendor: request.system.vendorName,
    change: request.isChange ? 'yes' : 'no',
    date: formatDate(language, runsOutAt(request)),
  }),
});

const userLine = (user: OwnSystemUser, party: string, language: Language) => ({
  name: user.name,
  origin: originSentence(user, language),
  kind: t(language, `systems.kind.${user.kind}`),
  has: t(language, 'systems.has', { n: user.has, paused: user.paused ? 'yes' : 'no' }),
  ...wayOf(user, party, language),
  end: endPath(user.id, party),
});

/** Where one sees what the system has, or gives it something. */
function wayOf({ id, kind, has }: OwnSystemUser, party: string, language: Language) {
  if (kind === 'agent') return { href: workPath(party, id), way: t(language, 'mandate.see') };
  return has
    ? { href: personPath(id, party), way: t(language, 'mandate.see') }
    : {
        href: `/give?${new URLSearchParams({ party, to: id })}`,
        way: t(language, 'systems.give'),
      };
}

const endPath = (id: string, party: string): string => `/systems/${id}/end?party=${party}`;

/** A system that the party has; undefined for one that has ended, or is another's. */
async function ownIn(ctx: Context, pages: PortalPages) {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const found = await findParty(pages.act, { by: 'uuid', value: id });
  const isOwn = found?.kind === 'system_user' && found.owner === acting.party.id;
  return { acting, system: isOwn && !found.endedAt ? found : undefined };
}

async function showEnd(ctx: Context, pages: PortalPages): Promise<void> {
  const { acting, system } = await ownIn(ctx, pages);
  const { party, session } = acting;
  if (!system) return ctx.redirect(systemsPath(party.id));
  const language = languageOf(ctx);
  pages.render(ctx, {
    view: 'portal/systems/end',
    title: t(language, 'systems.end_title', { name: system.name }),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      action: endPath(system.id, party.id),
      body: t(language, 'systems.end_body', { name: system.name, kind: system.systemKind! }),
      yes: t(language, 'systems.end'),
      back: systemsPath(party.id),
    },
  });
}

async function postEnd({ ctx, pages, session }: Posted<PortalPages>) {
  const { acting, system } = await ownIn(ctx, pages);
  await mustAdminister(pages.act, session, acting.party.id, 'access');
  // Somebody else was first.
  if (system) await endSystem(pages.act, system, session.party);
  return having(systemsPath(acting.party.id), 'ended');
}
