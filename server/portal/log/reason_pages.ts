// The reason for which a main administrator reads a company's log by person, or takes it out: it is
// said first, and stands in the log of both.
import type { PageRow, Posted } from '../../caller/declared_pages.ts';
import type { Context } from 'koa';
import { displayName } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import type { PortalPages } from '../page.ts';
import { actingFor, whoOf } from '../party.ts';
import { findActedFor } from './store.ts';
import { logPartIn, type LogPart } from './view.ts';
import { LOG_REASONS, mustBeMain, openWithReason } from './open.ts';

/** Where a reason is said: to read what one did, or to take all of it out. */
export const reasonPath = (party: string, by: string | null, show: LogPart = 'acts'): string =>
  `/log/reason?${new URLSearchParams({ party, show, ...(by ? { by } : {}) })}`;

export const reasonRows: PageRow<PortalPages>[] = [
  { id: 'log_reason_page', path: '/log/reason', show: (ctx, pages) => showReason(ctx, pages) },
  { id: 'log_reason', path: '/log/reason', post: postReason },
];

/** The company and the one whose acts are to be read; TIL-00008 for all but main administrators. */
async function openingIn(ctx: Context, pages: PortalPages) {
  const acting = await actingFor(ctx, pages, queryParameter(ctx, 'party'));
  if (acting.party.kind === 'person') throw fault('TIL-00008', { because: 'no company' });
  await mustBeMain(pages.act, acting);
  const named = queryParameter(ctx, 'by');
  if (named !== undefined && !isUuid(named)) throw fault('TIL-00009');
  const by = named
    ? await findActedFor(pages.act, acting.party.id, named, pages.exemptSearches)
    : undefined;
  // Nobody learns by an id who that is.
  if (named && !by) throw fault('TIL-00009');
  return { acting, by };
}

async function showReason(ctx: Context, pages: PortalPages, wrong?: string): Promise<void> {
  const { acting, by } = await openingIn(ctx, pages);
  const { party, session } = acting;
  const language = languageOf(ctx);
  const action = reasonPath(party.id, by?.id ?? null, logPartIn(ctx));
  const kept = wrong ? undefined : await pages.forms.take(ctx, session);
  const words = { of: by ? 'one' : 'all', name: by ? displayName(by) : displayName(party) };
  pages.render(ctx, {
    view: 'portal/log/reason',
    title: t(language, 'log.reason.title', words),
    who: whoOf(ctx, acting),
    errors: wrong ? [{ field: `reason-${LOG_REASONS[0]}`, text: wrong }] : [],
    data: {
      csrf: session.csrf,
      form: pages.forms.mark(session, action),
      isKept: kept !== undefined,
      action,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      lead: t(language, 'log.reason.lead', words),
      reasons: LOG_REASONS.map((id) => ({
        id,
        label: t(language, `log.reason.because.${id}`),
        checked: kept?.get('reason') === id,
      })),
      back: `/log?party=${party.id}`,
    },
  });
}

async function postReason({ ctx, pages, form }: Posted<PortalPages>) {
  const { acting, by } = await openingIn(ctx, pages);
  const reason = LOG_REASONS.find((one) => one === form.get('reason'));
  if (!reason) {
    ctx.status = 400;
    return void (await showReason(ctx, pages, t(languageOf(ctx), 'log.reason.none')));
  }
  const opened = await openWithReason(pages, acting, by?.id ?? null, reason);
  const more: Record<string, string> = by ? { by: by.id } : {};
  return `/log?${new URLSearchParams({ party: acting.party.id, show: logPartIn(ctx), ...more, opened })}`;
}
