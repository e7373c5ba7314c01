// A party's notices: rights and consents given, asked for, answered, suspended and fallen, newest
// first, each with where to look and what to do.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { findNotice, listNotices, listTasks, type NoticeRow } from '../../notice_due/list_store.ts';
import { markMatterRead, markNoticesRead, markNoticesSeen } from '../../notice/store.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid, LAST_ID } from '../../platform/ids.ts';
import { languageOf, t, type Language } from '../../platform/locale.ts';
import { displayName } from '../../consent/text.ts';
import { notTheirs } from '../no_access.ts';
import { isLooking, type PortalPages } from '../page.ts';
import { actingFor, whoOf, type Acting } from '../party.ts';
import { tellingOf } from '../mandate/telling.ts';
import { hrefOf, noticeOf, readConsents } from './notice.ts';

const PAGE_SIZE = 20;

export const inboxPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'inbox', path: '/inbox', show: showInbox },
    { id: 'inbox_open', path: '/inbox/:id', show: openMatter },
    { id: 'inbox_read', path: '/inbox', post: postRead },
  ]);

/** TIL-00008 but for the receiver: what a person received is nobody else's to read. */
async function actingAsReceiver(ctx: Context, pages: PortalPages): Promise<Acting> {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  if (!acting.received) throw notTheirs(acting.party);
  return acting;
}

async function showInbox(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingAsReceiver(ctx, pages);
  const language = languageOf(ctx);
  const wanted = ctx.URL.searchParams.get('before');
  const before = isUuid(wanted ?? undefined) ? wanted! : LAST_ID;
  const party = acting.party.id;
  const awaited = await listTasks(pages.act, party, PAGE_SIZE + 1);
  const tasks = before === LAST_ID ? awaited.slice(0, PAGE_SIZE) : [];
  const found = await listNotices(pages.act.db, party, before, false, PAGE_SIZE + 1);
  const page = found.slice(0, PAGE_SIZE);
  const shown = [...tasks, ...page];
  const telling = await tellingOf(ctx, pages, shown);
  const about = await readConsents(pages, shown, acting.session);
  const next = new URLSearchParams({ party, before: page.at(-1)?.id ?? '' });
  const isNew = page.some(({ readAt }) => readAt === null);
  const said = (notice: NoticeRow) => noticeOf(notice, acting, { telling, ...about });
  // A task stands above, and among the messages no more.
  const waiting = new Set(awaited.map(matterOf));
  const matters = Map.groupBy(
    page.filter((notice) => !waiting.has(matterOf(notice))),
    matterOf,
  );
  pages.render(ctx, {
    view: 'portal/inbox',
    title: t(language, 'inbox.title', { name: displayName(acting.party) }),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: `/inbox?party=${party}`,
      tasks: tasks.length
        ? {
            notices: tasks.map((task) => {
              const earlier = page.filter((one) => isEarlier(one, task));
              return { ...matterShown([task, ...earlier].map(said), language), isNew: false };
            }),
            more: awaited.length > PAGE_SIZE ? waitingPath(party) : undefined,
          }
        : undefined,
      notices: [...matters.values()].map((some) => matterShown(some.map(said), language)),
      newest: page[0]?.id,
      unread: isNew && !acting.isSelf,
      next: found.length > PAGE_SIZE ? `/inbox?${next}` : undefined,
    },
  });
  // One's own are read when seen; those of a company, whom several see to, when one opens them.
  if (isNew && acting.isSelf && isLooking(ctx)) await seen(pages, party, page);
}

/** The thing that a notice is about; itself where it is about nothing of ours. */
const matterOf = ({ id, mandateId, requestId, consentId }: NoticeRow): string =>
  mandateId ?? requestId ?? consentId ?? id;

const isEarlier = (one: NoticeRow, task: NoticeRow): boolean =>
  one.id < task.id && matterOf(one) === matterOf(task);

/** Where everything is that waits for an answer. */
const waitingPath = (party: string) => `/overview?party=${party}&show=waiting`;

type Said = ReturnType<typeof noticeOf>;

/** A matter by its latest notice, with what may be done after any; the earlier ones as lines. */
function matterShown(some: Said[], language: Language) {
  const [newest, ...earlier] = some;
  return {
    ...newest,
    no: some.find(({ no }) => no)?.no,
    doubt: some.find(({ doubt }) => doubt)?.doubt,
    asker: some.find(({ asker }) => asker)?.asker,
    notMe: some.find(({ notMe }) => notMe)?.notMe,
    suspend: some.find(({ suspend }) => suspend)?.suspend,
    receipt: some.find(({ receipt }) => receipt)?.receipt,
    isNew: some.some(({ isNew }) => isNew),
    earlier: earlier.length
      ? {
          heading: t(language, 'inbox.earlier', { n: earlier.length }),
          lines: earlier.map(({ at, text, done }) => ({ at, text, done })),
        }
      : undefined,
  };
}

/** Leads to what a notice is about, and marks all about it as read where somebody looks. */
async function openMatter(ctx: Context, pages: PortalPages): Promise<void> {
  const acting = await actingAsReceiver(ctx, pages);
  const { id: notice } = ctx.params as { id: string };
  const party = acting.party.id;
  const found = isUuid(notice) ? await findNotice(pages.act, party, notice) : undefined;
  if (!found) throw fault('TIL-00009', { because: 'no such notice' });
  if (isLooking(ctx)) await markMatterRead(pages.act, party, notice);
  ctx.redirect(hrefOf(found, acting.party) ?? `/inbox?party=${party}`);
}

const seen = ({ act }: PortalPages, party: string, shown: NoticeRow[]) =>
  markNoticesSeen(
    act,
    party,
    shown.map(({ id }) => id),
  );

async function postRead({ ctx, pages, form }: Posted<PortalPages>) {
  const acting = await actingAsReceiver(ctx, pages);
  const newest = form.get('newest') ?? '';
  if (!isUuid(newest)) throw fault('TIL-00014');
  await markNoticesRead(pages.act, acting.party.id, newest);
  return `/inbox?party=${acting.party.id}`;
}
