// The button by which a person asks a receiver to delete, and what the page says once it was asked.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import { formatDate, languageOf, t } from '../../platform/locale.ts';
import type { Seen } from '../basis/standing.ts';
import { strongerToRead, type ConsentPages } from '../page.ts';
import { displayName } from '../text.ts';
import { askDeletion, drawsNoMore, mayAskDeletion } from './deletion.ts';
import { consentNamed } from './suspend_pages.ts';

const PATH = '/consents/:id/deletion';

export const deletionPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(pages, [
    // Where a form was, after a login in between.
    {
      id: 'consent_deletion_page',
      path: PATH,
      show: (ctx) => ctx.redirect(ctx.path.replace(/\/deletion$/, '')),
    },
    {
      id: 'consent_deletion',
      path: PATH,
      async post({ ctx, pages, session }) {
        const { id } = await askDeletion(pages.act, consentNamed(ctx), session);
        return `/consents/${id}#deletion`;
      },
      refused: strongerToRead,
    },
  ]);

/** The button, or when it was asked; nothing of one that holds, or that the reader sees in part. */
export function deletionOf(
  ctx: Context,
  { act }: ConsentPages,
  seen: Pick<Seen, 'consent' | 'isWhole'>,
) {
  const { consent } = seen;
  if (!drawsNoMore(consent, act.now) || consent.veiled === 'whole') return {};
  const language = languageOf(ctx);
  const to = displayName(consent.to);
  const { deletionAskedAt: at } = consent;
  if (at)
    return {
      deletionAsked: t(language, 'consent.deletion.asked', { to, date: formatDate(language, at) }),
    };
  if (!mayAskDeletion(seen)) return {};
  return {
    deletion: {
      action: `/consents/${consent.id}/deletion`,
      why: t(language, 'consent.deletion.why', { to }),
      label: t(language, 'consent.deletion.label', { to }),
    },
  };
}
