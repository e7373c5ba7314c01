// Suspending a consent and resuming it, as buttons on its page: what they say, and what they do.
import { type PageRow, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t } from '../../platform/locale.ts';
import { setSuspended } from './suspend.ts';
import type { Consent } from '../model.ts';
import type { EffectiveStatus } from '../status_model.ts';
import { isGiversOwn } from '../basis/own_model.ts';
import { mayAnswer, type Seen } from '../basis/standing.ts';
import type { ConsentPages } from '../page.ts';
import { findConsent } from '../find.ts';

const DONE = { suspend: 'suspended', resume: 'resumed' } as const;

export const suspendPages = (pages: Wired<ConsentPages>): Router =>
  pageRouter(
    pages,
    (['suspend', 'resume'] as const).flatMap((name): PageRow<ConsentPages>[] => [
      // Where a form was, after a login in between.
      {
        id: `consent_${name}_page`,
        path: `/consents/:id/${name}`,
        show: (ctx) => ctx.redirect(`/consents/${consentNamed(ctx)}`),
      },
      {
        id: `consent_${name}`,
        path: `/consents/:id/${name}`,
        async post({ ctx, pages: { act }, session }) {
          const { id } = await setSuspended(act, consentNamed(ctx), session, DONE[name]);
          return `/consents/${id}?${DONE[name]}`;
        },
        refused(error, { ctx, pages: { render } }) {
          if (error.code !== 'TIL-00007') throw error;
          const home = `/consents/${consentNamed(ctx)}`;
          tellStepUp(ctx, render, home, error, home);
        },
      },
    ]),
  );

/** The consent that an address names; TIL-00009 where it can be none. */
export const consentNamed = (ctx: Context): string => {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  return id;
};

/** The button that suspends it, or the one that lets it go on. */
export async function suspensionOf(
  ctx: Context,
  pages: ConsentPages,
  { consent, isWhole }: Pick<Seen, 'consent' | 'isWhole'>,
  status: EffectiveStatus,
) {
  const language = languageOf(ctx);
  const poa = consent.template.isPoa ? '_poa' : '';
  const path = `/consents/${consent.id}`;
  const maySuspend = isWhole || consent.from.id === sessionOf(ctx).party;
  if (status === 'Accepted' && maySuspend)
    return {
      suspend: {
        action: `${path}/suspend`,
        why: t(language, `consent.suspend.why${poa}`, {
          own: consent.answeredBy?.id === sessionOf(ctx).party ? 'yes' : 'no',
          resume: await whoResumes(pages, consent, ctx),
        }),
        label: t(language, 'consent.suspend.suspend'),
      },
    };
  const mayResume =
    status === 'Suspended' && consent.isPaused && (await mayBeResumed(pages, consent, ctx));
  return mayResume
    ? { resume: { action: `${path}/resume`, label: t(language, `consent.suspend.resume${poa}`) } }
    : {};
}

/** The reader, where they can resume it later; to a giver who cannot, those who answer. */
async function whoResumes(
  pages: ConsentPages,
  consent: Consent,
  ctx: Context,
): Promise<'reader' | 'answerers' | 'unsaid'> {
  if (await mayBeResumed(pages, consent, ctx)) return 'reader';
  return consent.from.id === sessionOf(ctx).party ? 'answerers' : 'unsaid';
}

/** Whether the button for resuming leads somewhere, perhaps by way of a stronger login. */
async function mayBeResumed(
  { act }: ConsentPages,
  consent: Consent,
  ctx: Context,
): Promise<boolean> {
  const session = sessionOf(ctx);
  if (consent.from.id === session.party && isGiversOwn(consent, act.now)) return true;
  // By the rules of its services, which the veil takes off with the rest.
  const whole = consent.veiled ? await findConsent(act, consent.id) : consent;
  const answer = await mayAnswer(act, whole!, session);
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
