// Freezing a consent and thawing it, as buttons on its page.
import Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, tellStepUp } from '../caller/pages.ts';
import { readForm } from '../platform/body.ts';
import { Fault, fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { freeze } from './freeze.ts';
import { redirect, type ConsentPages } from './page.ts';

const ACTS = { suspend: 'suspended', resume: 'resumed' } as const;

export function freezePages(pages: ConsentPages): Router {
  const router = new Router({ prefix: '/consents/:id' });
  for (const act of ['suspend', 'resume'] as const) {
    // Where a form was, after a login in between.
    router.get(`/${act}`, named(`consent_${act}_page`), page, pages.signedIn(), (ctx) =>
      ctx.redirect(`/consents/${idOf(ctx)}`),
    );
    router.post(`/${act}`, named(`consent_${act}`), page, pages.signedIn(), (ctx) =>
      postFreeze(ctx, pages, act),
    );
  }
  return router;
}

const idOf = (ctx: Context): string => {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
};

async function postFreeze(
  ctx: Context,
  { point, sessions, render }: ConsentPages,
  act: keyof typeof ACTS,
): Promise<void> {
  const form = await readForm(ctx);
  const session = sessionOf(ctx);
  sessions.checkForm(ctx, form);
  try {
    const { id } = await freeze(point, idOf(ctx), session, ACTS[act]);
    redirect(ctx, `/consents/${id}?${ACTS[act]}`);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00007') throw error;
    tellStepUp(ctx, render, `/consents/${idOf(ctx)}`, error, `/consents/${idOf(ctx)}`);
  }
}
