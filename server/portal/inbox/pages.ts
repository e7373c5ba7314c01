// A party's notices: rights and consents given, asked for, answered, suspended and fallen, newest
// first, each with where to look and what to do.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { listNotices, type NoticeRow } from '../../notice_due/list_store.ts';
import { markNoticesRead, markNoticesSeen } from '../../notice/store.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid, LAST_ID } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { displayName } from '../../consent/text.ts';
import { isLooking, type PortalPages } from '../page.ts';
import { actingFor, whoOf } from '../party.ts';
import { tellingOf } from '../mandate/telling.ts';
import { noticeOf, readConsents } from './notice.ts';

const PAGE_SIZE = 20;

export const inboxPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'inbox', path: '/inbox', show: showInbox },
    { id: 'inbox_read', path: '/inbox', post: postRead },
  ]);

async function showInbox(ctx: Context, pages: PortalPages): Promise<void> {
  const { searchParams } = ctx.URL;
  const acting = await actingFor(ctx, pages, searchParams.get('party'));
  // A person's received rights are nobody else's to read.
  if (!acting.received) throw fault('TIL-00008', { because: 'not the receiver' });
  const language = languageOf(ctx);
  const wanted = searchParams.get('before');
  const before = isUuid(wanted ?? undefined) ? wanted! : LAST_ID;
  const party = acting.party.id;
  const found = await listNotices(pages.act.db, party, before, false, PAGE_SIZE + 1);
  const shown = found.slice(0, PAGE_SIZE);
  const telling = await tellingOf(ctx, pages, shown);
  const about = await readConsents(pages, shown, acting.session);
  const next = new URLSearchParams({ party, before: shown.at(-1)?.id ?? '' });
  const isNew = shown.some(({ readAt }) => readAt === null);
  pages.render(ctx, {
    view: 'portal/inbox',
    title: t(language, 'inbox.title', { name: displayName(acting.party) }),
    who: whoOf(ctx, acting),
    data: {
      csrf: acting.session.csrf,
      action: `/inbox?party=${party}`,
      notices: shown.map((notice) => noticeOf(notice, acting, { telling, ...about })),
      newest: shown[0]?.id,
      unread: isNew && !acting.isSelf,
      next: found.length > PAGE_SIZE ? `/inbox?${next}` : undefined,
    },
  });
  // One's own are read when seen; those of a company, whom several see to, when one says so.
  if (isNew && acting.isSelf && isLooking(ctx)) await seen(pages, party, shown);
}

const seen = ({ act }: PortalPages, party: string, shown: NoticeRow[]) =>
  markNoticesSeen(
    act,
    party,
    shown.map(({ id }) => id),
  );

async function postRead({ ctx, pages, form }: Posted<PortalPages>) {
  const acting = await actingFor(ctx, pages, ctx.URL.searchParams.get('party'));
  if (!acting.received) throw fault('TIL-00008', { because: 'not the receiver' });
  const newest = form.get('newest') ?? '';
  if (!isUuid(newest)) throw fault('TIL-00014');
  await markNoticesRead(pages.act, acting.party.id, newest);
  return `/inbox?party=${acting.party.id}`;
}
