// Freezing a consent and thawing it, as buttons on its page: what they say, and what they do.
import Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { readForm } from '../../platform/http/body.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { named, page } from '../../platform/http/http.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { clock } from '../../platform/clock.ts';
import { freeze } from './freeze.ts';
import type { Consent, EffectiveStatus } from '../model.ts';
import { mayAnswer } from '../basis/standing.ts';
import { redirect, type ConsentPages } from '../page.ts';

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

/** The button that freezes it, or the one that lets it go on. */
export async function freezingOf(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  status: EffectiveStatus,
) {
  const language = languageOf(ctx);
  const poa = consent.template.isPoa ? '_poa' : '';
  const path = `/consents/${consent.id}`;
  if (status === 'Accepted')
    return {
      suspend: {
        action: `${path}/suspend`,
        why: t(language, `consent.freeze.why${poa}`),
        label: t(language, 'consent.freeze.suspend'),
      },
    };
  const mayResume =
    status === 'Suspended' && consent.frozen && (await mayThaw(pages, consent, ctx, clock.now()));
  return mayResume
    ? { resume: { action: `${path}/resume`, label: t(language, `consent.freeze.resume${poa}`) } }
    : {};
}

/** Whether the button for thawing leads somewhere, perhaps by way of a stronger login. */
async function mayThaw(
  { point }: ConsentPages,
  consent: Consent,
  ctx: Context,
  now: Date,
): Promise<boolean> {
  const session = sessionOf(ctx);
  if (consent.from.id === session.party) return true;
  const answer = await mayAnswer(point, consent, session, now);
  return answer.permit || answer.reason === 'level';
}

/** The act that was just done, as long as it is so. */
export function toldFreezing(
  ctx: Context,
  status: EffectiveStatus,
  isPoa: boolean,
): string | undefined {
  const { searchParams } = ctx.URL;
  const done =
    status === 'Suspended' && searchParams.has('suspended')
      ? 'suspended'
      : status === 'Accepted' && searchParams.has('resumed')
        ? 'resumed'
        : undefined;
  return done && t(languageOf(ctx), `consent.freeze.${done}${isPoa ? '_poa' : ''}`);
}
