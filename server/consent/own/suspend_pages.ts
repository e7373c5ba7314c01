// Suspending a consent and resuming it, as buttons on its page: what they say, and what they do.
import { type Wired, visit } from '../../platform/act.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { readForm } from '../../platform/http/body.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { named, page } from '../../platform/http/http.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { setSuspended } from './suspend.ts';
import type { Consent, EffectiveStatus } from '../model.ts';
import { mayAnswer } from '../basis/standing.ts';
import { redirect, type ConsentPages } from '../page.ts';

const DONE = { suspend: 'suspended', resume: 'resumed' } as const;

export function suspendPages(pages: Wired<ConsentPages>): Router {
  const router = new Router({ prefix: '/consents/:id' });
  for (const name of ['suspend', 'resume'] as const) {
    // Where a form was, after a login in between.
    router.get(`/${name}`, named(`consent_${name}_page`), page, pages.signedIn(), (ctx) =>
      ctx.redirect(`/consents/${idOf(ctx)}`),
    );
    router.post(`/${name}`, named(`consent_${name}`), page, pages.signedIn(), (ctx) =>
      postSuspend(ctx, visit(pages), name),
    );
  }
  return router;
}

const idOf = (ctx: Context): string => {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
};

async function postSuspend(
  ctx: Context,
  { act, sessions, render }: ConsentPages,
  name: keyof typeof DONE,
): Promise<void> {
  const form = await readForm(ctx);
  const session = sessionOf(ctx);
  sessions.checkForm(ctx, form);
  try {
    const { id } = await setSuspended(act, idOf(ctx), session, DONE[name]);
    redirect(ctx, `/consents/${id}?${DONE[name]}`);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TIL-00007') throw error;
    tellStepUp(ctx, render, `/consents/${idOf(ctx)}`, error, `/consents/${idOf(ctx)}`);
  }
}

/** The button that suspends it, or the one that lets it go on. */
export async function suspensionOf(
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
        why: t(language, `consent.suspend.why${poa}`),
        label: t(language, 'consent.suspend.suspend'),
      },
    };
  const mayResume =
    status === 'Suspended' && consent.isPaused && (await mayBeResumed(pages, consent, ctx));
  return mayResume
    ? { resume: { action: `${path}/resume`, label: t(language, `consent.suspend.resume${poa}`) } }
    : {};
}

/** Whether the button for resuming leads somewhere, perhaps by way of a stronger login. */
async function mayBeResumed(
  { act }: ConsentPages,
  consent: Consent,
  ctx: Context,
): Promise<boolean> {
  const session = sessionOf(ctx);
  if (consent.from.id === session.party) return true;
  const answer = await mayAnswer(act, consent, session);
  return answer.permit || answer.reason === 'level';
}

/** The act that was just done, as long as it is so. */
export function toldSuspending(
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
  return done && t(languageOf(ctx), `consent.suspend.${done}${isPoa ? '_poa' : ''}`);
}
