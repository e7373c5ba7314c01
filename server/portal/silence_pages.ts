// The senders that a party wants nothing more from: chosen beside what each has sent, listed here,
// and let go again. A sender learns nothing of it.
import { type PageRow, type Posted, pageRouter } from '../caller/declared_pages.ts';
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { findRequest } from '../access_request/store.ts';
import type { Session } from '../caller/session.ts';
import type { Deciding } from '../decision/act.ts';
import { readable } from '../consent/basis/among.ts';
import { findConsents } from '../consent/find.ts';
import { displayName } from '../consent/text.ts';
import { mayManageReceived } from '../delegation/authority.ts';
import { findParties } from '../party/store.ts';
import { mandateSeenBy } from '../delegation/end/end.ts';
import { silencesPath } from '../notice/silence.ts';
import { beginSilence, endSilence, listSilenced, type Silence } from '../notice/silence_store.ts';
import { listSenders } from '../notice_due/senders_store.ts';
import { findSystemRequest } from '../supplier/system/request_store.ts';
import { fault } from '../platform/errors.ts';
import { queryParameter } from '../platform/http/body.ts';
import { isUuid } from '../platform/ids.ts';
import { formatDate, languageOf, t } from '../platform/locale.ts';
import { notTheirs } from './no_access.ts';
import { having, offsetOf, turns, type PortalPages } from './page.ts';
import { actingFor, whoOf } from './party.ts';

const PAGE_SIZE = 20;
const MOST_SENDERS = 20;

/** Finds who sent a thing to whom, as the person who got it sees it; undefined for others. */
type Find = (
  act: Deciding,
  id: string,
  { session, party }: { session: Session; party: string | undefined },
) => Promise<Silence | undefined>;

/** The things by which one has sent something, by where their pages stand. */
const SENT: Record<string, Find> = {
  requests: async ({ db }, id) => {
    const found = await findRequest(db, id);
    const isSent = found && !found.offered && found.state !== 'draft';
    return isSent ? { party: found.from, sender: found.to } : undefined;
  },
  'systems/requests': async (act, id) => {
    const found = await findSystemRequest(act, id);
    return found && { party: found.customer, sender: found.system.vendor };
  },
  overview: async (act, id, { session, party }) => {
    const { mandate } = await mandateSeenBy(act, id, session, party);
    const { basis, to, from } = mandate;
    return basis === 'register' ? undefined : { party: to, sender: from };
  },
  consents: async (act, id, { session }) => {
    const [found] = await readable(act, await findConsents(act, [id]), session);
    const isRead = found && found.veiled !== 'whole';
    return isRead ? { party: found.from.id, sender: found.to.id } : undefined;
  },
};

/** The kind as the name of a page has it. */
const idOf = (kind: string) => kind.replace('/', '_');

export const silencePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'silences', path: '/silences', show: showSilences },
    { id: 'silence', path: '/silences', post: postSender },
    { id: 'silence_end', path: '/silences/end', post: postEnd },
    // Where a form was, after a login in between.
    {
      id: 'silence_end_page',
      path: '/silences/end',
      show: (ctx) => ctx.redirect(`/silences${ctx.search}`),
    },
    ...Object.entries(SENT).flatMap(([kind, find]): PageRow<PortalPages>[] => [
      {
        id: `silence_${idOf(kind)}`,
        path: `/${kind}/:id/silence`,
        post: (posted) => postSilence(posted, find),
      },
      {
        id: `silence_${idOf(kind)}_page`,
        path: `/${kind}/:id/silence`,
        show: (ctx) => ctx.redirect(`${ctx.path.replace(/\/silence$/, '')}${ctx.search}`),
      },
    ]),
  ]);

/**
 * The party whose silences are seen to: the person, or an organisation. Who administers for another
 * person does not see what that one was sent.
 */
async function actingIn(ctx: Context, pages: PortalPages) {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  if (!acting.received) throw notTheirs(acting.party);
  return { ...acting, consents: acting.isSelf || acting.basis?.consents === true };
}

async function showSilences(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingIn(ctx, pages);
  const { party, isSelf, session, consents } = acting;
  const language = languageOf(ctx);
  const offset = offsetOf(ctx);
  const found = await listSilenced(pages.act, party.id, {
    ...{ limit: PAGE_SIZE + 1, offset, consents },
  });
  const senders = await listSenders(pages.act, {
    ...{ party: party.id, consents, limit: MOST_SENDERS },
  });
  const words = { name: displayName(party), self: isSelf ? 'yes' : 'no' };
  const link = (at: number) => having(silencesPath(party.id), `offset=${at}`);
  pages.render(ctx, {
    view: 'portal/silences',
    title: t(language, 'silence.title', words),
    who: whoOf(ctx, acting),
    data: {
      csrf: session.csrf,
      party: party.id,
      told: ctx.URL.searchParams.has('saved') && t(language, 'silence.saved'),
      lead: t(language, 'silence.lead', words),
      none: t(language, 'silence.none'),
      silenced: found.slice(0, PAGE_SIZE).map((one) => ({
        id: one.id,
        name: displayName(one),
        since: t(language, 'silence.since', { date: formatDate(language, one.at) }),
        undo: t(language, 'silence.undo', { name: displayName(one) }),
      })),
      sendersTitle: t(language, 'silence.senders', words),
      senders: senders.map((one) => ({
        id: one.id,
        name: displayName(one),
        since: t(language, 'silence.sent', { date: formatDate(language, one.at) }),
        choose: t(language, 'silence.button', { name: displayName(one), self: words.self }),
      })),
      ...turns({ offset, size: PAGE_SIZE, of: offset + found.length }, link),
      back: isSelf ? '/profile' : `/overview?party=${party.id}`,
    },
  });
}

async function postSender({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { party, consents } = await actingIn(ctx, pages);
  const wanted = { party: party.id, consents, limit: MOST_SENDERS };
  const sender = (await listSenders(pages.act, wanted)).find(({ id }) => id === form.get('sender'));
  // Nobody learns by an id who has sent what.
  if (!sender) throw fault('TIL-00009');
  const { id, ofConsent } = sender;
  await beginSilence(pages.act, { party: party.id, sender: id }, { by: session.party, ofConsent });
  return having(silencesPath(party.id), 'saved');
}

async function postSilence({ ctx, pages, session }: Posted<PortalPages>, find: Find) {
  const { id } = ctx.params as { id: string };
  const party = queryParameter(ctx, 'party');
  if (party !== undefined && !isUuid(party)) throw fault('TIL-00009');
  const pair = isUuid(id) ? await find(pages.act, id, { session, party }) : undefined;
  // A thing that is not there and another's get the same answer.
  if (!pair || !(await seesTo(pages, session, pair.party))) throw fault('TIL-00009');
  const ofConsent = find === SENT.consents;
  await beginSilence(pages.act, pair, { by: session.party, ofConsent });
  return having(silencesPath(pair.party), 'saved');
}

async function postEnd({ ctx, pages, form }: Posted<PortalPages>) {
  const sender = form.get('sender');
  if (!isUuid(sender)) throw fault('TIL-00014');
  const { party, consents } = await actingIn(ctx, pages);
  await endSilence(pages.act, { party: party.id, sender: sender! }, consents);
  return having(silencesPath(party.id), 'saved');
}

async function seesTo({ act }: PortalPages, session: Session, id: string): Promise<boolean> {
  const [party] = await findParties(act, [id]);
  return party !== undefined && mayManageReceived(act, session, party);
}
