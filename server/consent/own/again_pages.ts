// After a no: why the same is not asked again for a while, and the way to let it be.
import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import { sessionOf } from '../../caller/pages.ts';
import type { Wired } from '../../platform/act.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { formatDate, languageOf, t } from '../../platform/locale.ts';
import { letAskAgain, quietOf } from '../ask/refusal.ts';
import { interactionIn, strongerToRead, type ConsentPages } from '../page.ts';
import { displayName } from '../text.ts';
import { seenOnPage, whoReads } from './pages.ts';

export const askAgainPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(pages, [
    {
      id: 'consent_again_page',
      path: '/consents/:id/again',
      show: showAgain,
      notShown: strongerToRead,
    },
    { id: 'consent_again', path: '/consents/:id/again', post: postAgain, refused: strongerToRead },
  ]);

async function showAgain(ctx: Context, pages: ConsentPages): Promise<void> {
  const { consent, isWhole } = await seenOnPage(ctx, pages);
  const { now } = pages.act;
  const until = quietOf(consent, pages.quietDays, now);
  const interaction = interactionIn(queryParameter(ctx, 'interaction'));
  const home = `/consents/${consent.id}`;
  if (!isWhole || !until) return ctx.redirect(interaction ? `/interaction/${interaction}` : home);
  const language = languageOf(ctx);
  const to = displayName(consent.to);
  const no = formatDate(language, consent.rejectedAt!);
  pages.render(ctx, {
    view: 'consent/again',
    title: t(language, 'consent.again.title', { date: no }),
    who: whoReads(ctx, consent, language),
    data: {
      id: consent.id,
      csrf: sessionOf(ctx).csrf,
      interaction,
      body: t(language, 'consent.again.body', { to, until: formatDate(language, until) }),
      way: t(language, 'consent.again.way', { to }),
      leave: interaction ? `/interaction/${interaction}?leave` : home,
      leaveLabel: t(language, interaction ? 'consent.again.leave' : 'consent.again.keep', { to }),
    },
  });
}

async function postAgain({ ctx, pages, session, form }: Posted<ConsentPages>) {
  const { consent } = await seenOnPage(ctx, pages);
  await letAskAgain(pages.act, consent.id, session);
  const interaction = interactionIn(form.get('interaction'));
  return interaction ? `/interaction/${interaction}` : `/consents/${consent.id}`;
}
