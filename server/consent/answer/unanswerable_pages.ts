// Pages of a request that the person who is logged in cannot answer: its time is out, or another
// may answer it.
import type { Context } from 'koa';
import { loggedIn, sessionOf, tellStepUp } from '../../caller/pages.ts';
import type { Fault } from '../../platform/errors.ts';
import { answerersOf } from '../../decision/commands.ts';
import { fits } from '../../decision/rules/wanted_model.ts';
import { formatAny, languageOf, pick, t } from '../../platform/locale.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { questions } from '../ask/answerers.ts';
import { barredText } from '../barred_text.ts';
import type { MayAnswer } from '../basis/standing.ts';
import { veiledFor } from '../basis/veil_model.ts';
import type { Consent } from '../model.ts';
import { backTo, leavePath, roleNames, signedInFor, type ConsentPages } from '../page.ts';
import { displayName, inWords } from '../text.ts';
import { answeredByParent, familyOf } from './family.ts';
import { parentsFor } from './passing.ts';
import { passingForm, showChild } from './passing_pages.ts';
import { wayBack } from './receipt_pages.ts';

/** A request that can no longer be answered, as the lists show it (consent/basis/veil_model.ts). */
export async function showOver(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  answer: MayAnswer,
  interaction: string | undefined,
): Promise<void> {
  const language = languageOf(ctx);
  const key = consent.state === 'deleted' ? 'taken_back' : consent.fallen ? 'cannot' : 'expired';
  const seen = inWords(veiledFor(consent, sessionOf(ctx).party, pages.act.now), language);
  const to = displayName(seen.to);
  const from = displayName(seen.from);
  pages.render(ctx, {
    view: 'error',
    title: t(language, `consent.${key}.title`),
    who: signedInFor(ctx, consent, answer, await roleNames(pages, language)),
    data: {
      body:
        key === 'cannot'
          ? t(language, `consent.fallen.${consent.fallen}`, { to, from })
          : t(language, `consent.${key}.body`, { to }),
      ...(seen.veiled === 'whole' ? {} : wayBack(consent, interaction)),
    },
  });
}

/** Leads back here by a stronger login, or to the client. */
export const stepUp = (
  ctx: Context,
  { render }: ConsentPages,
  { consent, interaction }: { consent: Consent; interaction: string | undefined },
  why: Fault,
  body?: string,
): void => tellStepUp(ctx, render, backTo(consent, interaction), why, leavePath(interaction), body);

/** Shows who may answer; to a child what a parent would read. */
export async function showNotTheirs(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  answer: MayAnswer,
  interaction: string | undefined,
): Promise<void> {
  const reader = sessionOf(ctx);
  const barred = answer.permit ? undefined : answer.barred;
  const parents = barred?.why === 'under_age' ? await parentsFor(pages.act, consent, reader) : [];
  if (!barred || !parents.length) return showWhoMay(ctx, pages, consent, answer, interaction);
  await showChild(ctx, pages, consent, { barred, parents }, interaction);
}

/** Several of a company may have to answer together, of whom none is enough. */
async function bodyOf({ act }: ConsentPages, { from, rights }: Consent, count: number) {
  if (!count) return 'body_nobody';
  if (from.kind === 'person') return 'body';
  const asked = await Promise.all(
    questions(rights, from.id, from.id).map((question) => answerersOf(act, question)),
  );
  return asked.some(({ maySeveral }) => maySeveral) ? 'body_several' : 'body';
}

/**
 * Shows who could answer, by role and, but for a child's parents, never by name, and where to go
 * from here.
 */
async function showWhoMay(
  ctx: Context,
  pages: ConsentPages,
  consent: Consent,
  answer: MayAnswer,
  interaction: string | undefined,
): Promise<void> {
  const language = languageOf(ctx);
  const names = await roleNames(pages, language);
  const catalogue = await currentCatalogue(pages.act);
  const who = answer.wanted
    .filter((match) => fits(consent.from.kind, match, catalogue))
    .map((match) => {
      if (match.kind === 'self') return t(language, 'consent.who_self');
      if (match.kind === 'package')
        return pick(catalogue.packages.get(match.value)?.name, language)!.text;
      return match.kind === 'key_role'
        ? t(language, 'consent.who_key_role')
        : names.get(match.value)!;
    });
  ctx.status = 403;
  const key = answer.barred?.why ?? (consent.from.kind === 'person' ? 'not_you' : 'not_role');
  pages.render(ctx, {
    view: 'error',
    title: t(language, `consent.${key}.title`),
    who: loggedIn(ctx),
    data: {
      body: answer.barred
        ? barredText(
            answer.barred,
            language,
            await answeredByParent(pages.act, consent, answer.barred),
          )
        : t(language, `consent.${key}.${await bodyOf(pages, consent, who.length)}`, {
            org: consent.from.kind === 'person' ? '' : displayName(consent.from),
            roles: formatAny(language, [...new Set(who)]),
          }),
      family: await familyOf(
        pages.act,
        consent,
        { party: sessionOf(ctx).party, language },
        answer.barred?.why,
      ),
      passing:
        who.length && !answer.barred && consent.from.kind !== 'person'
          ? passingForm(ctx, consent, interaction)
          : undefined,
      guardians: answer.barred?.why === 'no_capacity',
      switchUser: true,
      continueUrl: leavePath(interaction),
    },
  });
}
