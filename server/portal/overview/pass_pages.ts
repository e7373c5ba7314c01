// The page on which a request for a right is passed on: another who may answer it, chosen by name.
import { type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { passableTo, passRight } from '../../access_request/pass.ts';
import { displayName } from '../../consent/text.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { having, type PortalPages } from '../page.ts';
import { whoOf } from '../party.ts';
import { asAsked } from './request_cards.ts';
import { lookAtRequest } from './request_looked.ts';

const PATH = '/requests/:id/pass-on';

export const passPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'asked_pass_on_page', path: PATH, show: (ctx, own) => showPass(ctx, own) },
    {
      id: 'asked_pass_on',
      path: PATH,
      post: postPass,
      refused(error, { ctx, pages: own }) {
        if (error.status !== 400) throw error;
        ctx.status = error.status;
        return showPass(ctx, own, t(languageOf(ctx), 'asked.pass.unable'));
      },
    },
  ]);

/** Where a request is passed on. */
export const passPath = (request: { id: string; from: string }): string =>
  asAsked(request).replace(request.id, `${request.id}/pass-on`);

async function showPass(ctx: Context, pages: PortalPages, why?: string): Promise<void> {
  const { request, from, to, acting } = await lookAtRequest(ctx, pages, ['from']);
  if (request.state !== 'pending') return ctx.redirect(asAsked(request));
  const language = languageOf(ctx);
  const kept = why === undefined ? await pages.forms.take(ctx, acting.session) : undefined;
  const able = await passableTo(pages.act, request, acting.session);
  pages.render(ctx, {
    view: 'portal/overview/pass_on',
    title: t(language, 'asked.pass.title'),
    who: whoOf(ctx, acting),
    errors: why && able[0] ? [{ field: `to-${able[0].id}`, text: why }] : [],
    data: {
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      missing: why,
      lead: t(language, 'asked.pass.lead', { to: displayName(to) }),
      none: t(language, 'asked.pass.none', { from: displayName(from) }),
      action: passPath(request),
      csrf: acting.session.csrf,
      form: pages.forms.mark(acting.session, passPath(request)),
      isKept: kept !== undefined,
      options: able.map((one) => ({
        value: one.id,
        label: displayName(one),
        checked: one.id === kept?.get('to'),
      })),
      back: asAsked(request),
    },
  });
}

async function postPass({ ctx, pages, session, form }: Posted<PortalPages>) {
  const { request } = await lookAtRequest(ctx, pages, ['from']);
  const to = form.get('to');
  if (!isUuid(to)) {
    ctx.status = 400;
    return void (await showPass(ctx, pages, t(languageOf(ctx), 'asked.pass.choose')));
  }
  await passRight(pages.act, request, session, to!);
  return having(asAsked(request), 'passed');
}
