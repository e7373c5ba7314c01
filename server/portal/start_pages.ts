// Where one comes in: what this is, for whoever is not logged in; what waits and what is new, for
// whoever is. And the way to a stronger login, where an act takes one.
import { pageRouter } from '../caller/declared_pages.ts';
import type { Wired } from '../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { countReadable } from '../consent/basis/counting.ts';
import { displayName } from '../consent/text.ts';
import * as decision from '../decision/commands.ts';
import { administered, isReceivedSeen } from '../delegation/authority.ts';
import { findNews } from '../notice_due/list_store.ts';
import { findStart } from '../mandate/start_store.ts';
import { queryParameter } from '../platform/http/body.ts';
import { fault } from '../platform/errors.ts';
import { languageOf, t } from '../platform/locale.ts';
import { isLooking, type PortalPages } from './page.ts';
import {
  customerLines,
  estateLines,
  ownerLines,
  standingLines,
  trusteeLines,
  wardLines,
} from './own_standing.ts';
import { sinceLast } from './since_last.ts';

/** The most parties with news that the start page lists; the rest are in `/parties`. */
const MOST_TOLD = 5;
type Whose = { id: string; kind: string; name: string };
/** So many are asked about. */
const MOST_ASKED = 50;

export const startPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'front', path: '/', answer: showFront },
    { id: 'start', path: '/start', show: showStart },
    { id: 'step_up', path: '/step-up', answer: stepUp },
  ]);

async function showFront(ctx: Context, pages: PortalPages): Promise<void> {
  if (await pages.sessions.find(ctx)) return ctx.redirect('/start');
  const language = languageOf(ctx);
  pages.render(ctx, { view: 'portal/front', title: t(language, 'start.front') });
}

async function showStart(ctx: Context, pages: PortalPages): Promise<void> {
  const session = sessionOf(ctx);
  const { party, name } = session;
  const language = languageOf(ctx);
  const others = await decision.representedBy(pages.act, party);
  // Children and wards before companies, of which one may have any number.
  const wards = others.filter((one) => !isReceivedSeen(one));
  const firms = others.filter(isReceivedSeen);
  const answeredFor = [...wards, ...firms].slice(0, MOST_ASKED);
  const whose = [party, ...answeredFor.map(({ id }) => id)];
  const countsOf = await countReadable(pages.act, whose, party);
  const consents = countsOf(party);
  const led = firms.slice(0, MOST_ASKED).map(({ id }) => id);
  const mandates = await findStart(pages.act, { party, received: true, viewer: party }, led);
  const everywhere = [party, ...firms.map(({ id }) => id)];
  const read = { reader: party, until: session.begunAt };
  const { unread: news, own } = await findNews(pages.act, everywhere, read);
  const unread = news.get(party) ?? 0;
  const { waitingOf, newsOf } = await linesOfOthers(ctx, pages, {
    ...{ answeredFor, countsOf, news, askedOf: mandates.askedOf },
    told: firms.filter(({ id }) => news.has(id) || mandates.askedOf[id]).slice(0, MOST_ASKED),
  });
  const line = (key: string, n: number, href: string) =>
    n > 0
      ? [{ text: t(language, `start.${key}`, { n }), link: t(language, `start.${key}_link`), href }]
      : [];
  const received = line('received', mandates.received, '/overview?show=received');
  const standing = await standingLines(ctx, pages, mandates);
  // A browser that fetches ahead does not use up what is shown once.
  const since = isLooking(ctx) ? await sinceLast(ctx, pages, own) : [];
  pages.render(ctx, {
    view: 'portal/start',
    title: t(language, 'start.title', { name }),
    who: { label: t(language, 'common.acting_self'), user: name, canSwitch: true, party },
    data: {
      since,
      mayGive: standing.mayGive,
      quiet:
        consents.waiting + mandates.asked + mandates.sent + unread === 0 &&
        waitingOf.length + newsOf.length === 0,
      lines: [
        ...line('waiting', consents.waiting, '/consents?show=waiting'),
        ...line('asked', mandates.asked, '/overview?show=waiting'),
        ...line('sent', mandates.sent, '/inbox'),
        ...waitingOf,
        ...line('unread', unread, '/inbox'),
        ...newsOf,
        // A person who acts for others comes for their sake.
        ...[...wardLines(ctx, wards), ...trusteeLines(ctx, firms)],
        ...customerLines(ctx, mandates.customers),
        ...ownerLines(ctx, mandates.owned),
        ...(mandates.isLawyer ? received : []),
        ...line('soon', mandates.endsSoon, '/overview?only=soon'),
        ...line('received_soon', mandates.receivedSoon, '/overview?show=received&only=soon'),
        ...line('consents_soon', consents.soon, '/consents?only=soon'),
        ...line('consents', consents.active, '/consents'),
        ...estateLines(ctx, mandates.estates),
        ...standing.lines,
        ...line('given', mandates.given, '/overview'),
        ...(mandates.isLawyer ? [] : received),
        ...line('others', others.length, '/parties'),
      ],
    },
  });
}

/** Lines of what waits for others whom the person answers for, and of companies' news. */
async function linesOfOthers(
  ctx: Context,
  { act }: PortalPages,
  {
    answeredFor,
    countsOf,
    told,
    news,
    askedOf,
  }: {
    answeredFor: Whose[];
    countsOf: Awaited<ReturnType<typeof countReadable>>;
    told: Whose[];
    news: Map<string, number>;
    askedOf: Record<string, number>;
  },
) {
  const language = languageOf(ctx);
  const ids = told.map(({ id }) => id);
  const open = await administered(act, sessionOf(ctx), ids, 'access');
  const lineOf = (key: string, { id, name, kind }: Whose, n: number, href: string) => ({
    text: t(language, `start.${key}_of`, { n, name: displayName({ kind, name }) }),
    link: t(language, `start.${key}_link`),
    href: `${href}party=${id}`,
  });
  const asked = told.filter(({ id }) => open.includes(id) && askedOf[id]);
  return {
    waitingOf: [
      ...answeredFor
        .filter(({ id }) => countsOf(id).waiting > 0)
        .slice(0, MOST_TOLD)
        .map((one) => lineOf('waiting', one, countsOf(one.id).waiting, '/consents?show=waiting&')),
      ...asked
        .slice(0, MOST_TOLD)
        .map((one) => lineOf('asked', one, askedOf[one.id]!, '/overview?show=waiting&')),
    ],
    newsOf: told
      .filter(({ id }) => open.includes(id) && news.has(id))
      .slice(0, MOST_TOLD)
      .map((one) => lineOf('unread', one, news.get(one.id)!, '/inbox?')),
  };
}

/** Logs in on the level that something takes, and goes on there; within this site alone. */
async function stepUp(ctx: Context, pages: PortalPages): Promise<void> {
  const to = queryParameter(ctx, 'to') ?? '';
  const level = Number(queryParameter(ctx, 'level'));
  const { issuer } = pages;
  const isOurs = /^\/[^/\\]/.test(to) && new URL(to, issuer).origin === new URL(issuer).origin;
  if (!isOurs || ![3, 4].includes(level)) throw fault('TIL-00009');
  // A person who has the level already loses nothing to a stranger's link.
  const session = await pages.sessions.find(ctx);
  if (session && session.level >= level) return ctx.redirect(to);
  await pages.login.begin(ctx, to, { level });
}
