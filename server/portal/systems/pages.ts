// A company's systems: who supplies each, how much it may do, what waits for an answer; and
// suspending, resuming and ending one with everything that it has.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { mustAdminister } from '../../delegation/authority.ts';
import { displayName } from '../../consent/text.ts';
import type { Party } from '../../party/model.ts';
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
import { endSystem, suspendSystem } from '../../supplier/system/users.ts';
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
    ...STEPS.flatMap((step): PageRow<PortalPages>[] => [
      {
        id: `system_${step}_page`,
        path: `/systems/:id/${step}`,
        show: (ctx, own) => showStep(ctx, own, step),
      },
      {
        id: `system_${step}_form`,
        path: `/systems/:id/${step}`,
        post: (posted) => postStep(posted, step),
        refused: toStronger,
      },
    ]),
  ]);

/** The acts on a system, each with the word that its list says afterwards. */
const DONE = { suspend: 'suspended', resume: 'resumed', end: 'ended' } as const;
type Step = keyof typeof DONE;
const STEPS: Step[] = ['suspend', 'resume', 'end'];

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
  const { searchParams } = ctx.URL;
  const done = Object.values(DONE).find((one) => searchParams.has(one));
  const link = (at: number) => having(systemsPath(party.id), `offset=${at}`);
  pages.render(ctx, {
    view: 'portal/systems/systems',
    title: t(language, 'systems.title', { name: displayName(party) }),
    who: whoOf(ctx, acting),
    data: {
      told: done && t(language, `systems.${done}`),
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
  has: t(language, 'systems.has', {
    ...{ n: user.has, suspended: user.suspended ? 'yes' : 'no' },
    paused: user.paused ? 'yes' : 'no',
  }),
  ...wayOf(user, party, language),
  steps: (['suspend', 'end'] as const).map((step) => {
    const wanted = step === 'suspend' && user.suspended ? 'resume' : step;
    return { href: stepPath(user.id, party, wanted), name: t(language, `systems.${wanted}`) };
  }),
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

const stepPath = (id: string, party: string, step: Step): string =>
  `/systems/${id}/${step}?party=${party}`;

/** A system that the party has; undefined for one that has ended, or is another's. */
async function ownIn(ctx: Context, pages: PortalPages) {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const found = await findParty(pages.act, { by: 'uuid', value: id });
  const isOwn = found?.kind === 'system_user' && found.owner === acting.party.id;
  return { acting, system: isOwn && !found.endedAt ? found : undefined };
}

async function showStep(ctx: Context, pages: PortalPages, step: Step): Promise<void> {
  const { acting, system } = await ownIn(ctx, pages);
  const { party, session } = acting;
  if (!system || isSo(system, step)) return ctx.redirect(systemsPath(party.id));
  const language = languageOf(ctx);
  const { name, systemKind } = system;
  pages.render(ctx, {
    view: 'portal/systems/step',
    title: t(language, `systems.${step}_title`, { name }),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      action: stepPath(system.id, party.id, step),
      body: t(language, `systems.${step}_body`, { name, kind: systemKind! }),
      yes: t(language, `systems.${step}`),
      no: t(language, `systems.no_${step}`),
      danger: step === 'end',
      back: systemsPath(party.id),
    },
  });
}

/** Whether somebody else was first. */
const isSo = ({ suspendedAt }: Party, step: Step): boolean =>
  step !== 'end' && (step === 'suspend') === (suspendedAt !== null);

async function postStep({ ctx, pages, session }: Posted<PortalPages>, step: Step) {
  const { acting, system } = await ownIn(ctx, pages);
  await mustAdminister(pages.act, session, acting.party.id, 'access');
  const by = session.party;
  if (system && step === 'end') await endSystem(pages.act, system, by);
  else if (system) await suspendSystem(pages.act, system, { by, suspended: step === 'suspend' });
  // One that has ended meanwhile is in the list no more.
  const isDone = system !== undefined || step === 'end';
  const list = systemsPath(acting.party.id);
  return isDone ? having(list, DONE[step]) : list;
}
