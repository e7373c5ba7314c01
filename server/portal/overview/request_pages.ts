// Requests for a right, as pages: one that somebody asks for is answered here, in whole, in part or
// with a no; who asked sees how it goes. Every act is one that the API has.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  approveRight,
  explainNo,
  rejectRight,
  takeRightYesBack,
} from '../../access_request/approve.ts';
import {
  freshYeses,
  mayAskAgain,
  NO_REASONS,
  type RequestRow,
} from '../../access_request/model.ts';
import { findDoers } from '../../access_request/store.ts';
import { maySay } from '../../access_request/yeses.ts';
import { askAgainForRight, confirm, withdrawRequest } from '../../access_request/commands.ts';
import { markOf } from '../../access_request/fall.ts';
import { standsFor } from '../../access_request/standing.ts';
import { tellStepUp } from '../../caller/pages.ts';
import { doubtOf } from '../../consent/page.ts';
import { displayName } from '../../consent/text.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { givenAlready } from '../../mandate/given_store.ts';
import { silencePath, silencingOf } from '../../notice/silence.ts';
import type { PartyRow } from '../../party/store.ts';
import { Fault } from '../../platform/errors.ts';
import { formatDate, languageOf, t, type Language, type Values } from '../../platform/locale.ts';
import { latestGivable } from '../give/terms_model.ts';
import { whyNot } from '../mandate/pages.ts';
import { placesText } from '../mandate/places_text.ts';
import { mandateName, type MandateWords } from '../mandate/text.ts';
import { having, mandatePath, type PortalPages } from '../page.ts';
import { whoOf, type Acting } from '../party.ts';
import { passPath } from './pass_pages.ts';
import { asAsked, STATE_COLOR } from './request_cards.ts';
import { lookAtRequest, type LookedRequest } from './request_looked.ts';
import {
  answering,
  endIn,
  isAsShown,
  isOwnNo,
  reasonsIn,
  answerIn,
  type AnswerTyped,
} from './request_forms.ts';
import { DONE, STEPS, toldOf, type Side, type PageStep } from './request_steps.ts';
import { givenUntil, requestFacts, rightOf, waitsText } from './request_text.ts';
import { tellingOf } from '../mandate/telling.ts';

export const requestPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'asked', path: '/requests/:id', show: (ctx, own) => showRequest(ctx, own) },
    ...(Object.keys(STEPS) as PageStep[]).flatMap((step): PageRow<PortalPages>[] => [
      {
        id: `asked_${step.replace('-', '_')}`,
        path: `/requests/:id/${step}`,
        several: ['action'],
        post: (posted) => take(posted, step),
      },
      // Where a form was, after a login in between.
      {
        id: `asked_${step.replace('-', '_')}_page`,
        path: `/requests/:id/${step}`,
        show: (ctx) => ctx.redirect(`/requests/${(ctx.params as { id: string }).id}${ctx.search}`),
      },
    ]),
  ]);

/** A request that is shown once more: what is wrong, and what was filled in. */
interface Again {
  why?: string;
  dateError?: string | undefined;
  typed: AnswerTyped;
  sides: Side[];
}

async function showRequest(ctx: Context, pages: PortalPages, again?: Again): Promise<void> {
  const { request, side, from, to, acting } = await lookAtRequest(ctx, pages, again?.sides);
  const kept = again ? undefined : await pages.forms.take(ctx, acting.session, ['action']);
  const typed = again?.typed ?? (kept && answerIn(kept));
  const mayExplain = isOwnNo(request, acting.session);
  const home = side === 'from' ? asAsked(request) : `/requests/${request.id}`;
  const pathOf = (step: PageStep) => home.replace(request.id, `${request.id}/${step}`);
  const telling = await tellingOf(ctx, pages, [request]);
  const { language } = telling;
  const isParty = await standsFor(pages.act, acting.session, request[side], side);
  // As it is now it is shown to those alone whose it is.
  const given = isParty ? await givenBy(pages, request) : undefined;
  const isPending = side === 'from' && request.state === 'pending';
  const yeses = freshYeses(request, pages.act.now);
  const hasSaid = yeses.some(({ party }) => party === acting.session.party);
  const isAsked = isPending && !hasSaid && (await maySay(pages.act, request, acting.session));
  const names = { from: displayName(from), to: displayName(to) };
  const mark = await markOf(pages.act, request);
  const givers = giversOf(from, request, telling);
  pages.render(ctx, {
    view: 'portal/overview/request',
    title: titleOf({ request, side, acting }, names, telling),
    who: whoOf(ctx, acting),
    errors: again?.dateError ? [{ field: 'date', text: again.dateError }] : [],
    keeps: isAsked
      ? { form: 'answer', action: pathOf('approve') }
      : mayExplain
        ? { form: 'why', action: pathOf('explain') }
        : undefined,
    data: {
      paths: Object.fromEntries(
        (Object.keys(STEPS) as PageStep[]).map((one) => [one, pathOf(one)]),
      ),
      takeBack: pathOf('take-back'),
      form: pages.forms.mark(acting.session, home),
      isKept: kept !== undefined,
      why: again?.why,
      told: toldOf(ctx, request, { names, hasSaid }),
      csrf: acting.session.csrf,
      status: t(language, `asked.state.${request.state}`),
      color: STATE_COLOR[request.state],
      lead: isAsked ? leadText(request, { ...names, ...givers }, language) : undefined,
      together: isPending ? waitsText(yeses, { hasSaid, language, givers }) : undefined,
      mayTakeBack: isPending && hasSaid,
      facts: [
        ...requestFacts(request, { from, to, mark, side }, telling),
        ...(isParty && side === 'from' ? await doersOf(pages, request, language) : []),
        ...(given
          ? [{ label: t(language, 'mandate.fact.until'), text: givenUntil(given, language) }]
          : []),
      ],
      given: given && mandatePath(given.id, request[side]),
      mayAnswer: isAsked,
      passOn: isAsked && isParty && !request.offered ? passPath(request) : undefined,
      doubt: isAsked ? doubtOf(to, language, isParty ? from.id : undefined) : undefined,
      ...(isAsked
        ? await answering(pages, acting.session, request, typed, { language, from })
        : {}),
      dateError: again?.dateError,
      errorHeading: t(language, 'give.error.heading', { n: 1 }),
      reasons: mayExplain ? reasonsIn(language, typed) : undefined,
      ...(side === 'to' ? actsOfAsker(request, names, { now: pages.act.now, language }) : {}),
      silence: isParty
        ? await silenceOf(pages, { request, side, to, acting }, language)
        : undefined,
      back: isParty ? `/overview?party=${acting.party.id}&show=waiting` : '/inbox',
    },
  });
}

/** To whom it was passed on and who answered, for those of the party that is asked. */
const doersOf = async ({ act }: PortalPages, { id }: RequestRow, language: Language) =>
  (await findDoers(act, id)).map((one) => ({
    label: t(language, `asked.fact.${one.what === 'passed' ? 'passed' : 'by'}`),
    text: t(language, 'asked.fact.who', {
      name: displayName(one),
      date: formatDate(language, one.at),
    }),
  }));

/** The button by which the party asked lets the one who asks send it nothing more. */
const silenceOf = async (
  { act }: PortalPages,
  { request, side, to, acting }: Pick<LookedRequest, 'request' | 'side' | 'to' | 'acting'>,
  language: Language,
) =>
  side === 'from' && !request.offered && acting.received
    ? silencingOf(
        act,
        { party: request.from, sender: to.id },
        { action: silencePath(asAsked(request)), name: displayName(to), isSelf: acting.isSelf },
        language,
      )
    : undefined;

/** The acts that are open to the one who asks. */
const actsOfAsker = (
  request: RequestRow,
  names: Values,
  { now, language }: { now: Date; language: Language },
) => ({
  mayWithdraw: ['draft', 'pending'].includes(request.state),
  mayConfirm: request.state === 'draft',
  remind: mayAskAgain(request, now) ? t(language, 'asked.remind', names) : undefined,
});

const titleOf = (
  { request, side, acting }: Pick<LookedRequest, 'request' | 'side' | 'acting'>,
  names: Values,
  telling: MandateWords,
): string =>
  t(telling.language, titleKey(request, side, acting), {
    ...names,
    what: mandateName(rightOf(request), telling),
  });

function titleKey({ offered, state }: RequestRow, side: Side, { isSelf }: Acting): string {
  if (side === 'to') return isSelf ? 'asked.title_own' : 'asked.title_other';
  if (offered) return 'asked.title_offered';
  return state === 'pending' ? 'asked.title' : 'asked.title_past';
}

/** Words for the ones who say yes to it together, where several do. */
const giversOf = (from: PartyRow, request: RequestRow, telling: MandateWords) => ({
  of: isCompany(from) ? 'company' : 'parents',
  places: placesText(request, telling),
});

const leadText = ({ offered }: RequestRow, words: Values, language: Language) =>
  t(language, offered ? 'asked.lead_offered' : 'asked.lead', words);

/** The mandate that a yes has given, as long as it is there. */
const givenBy = async ({ act }: PortalPages, request: RequestRow) =>
  ['approved', 'partly'].includes(request.state)
    ? givenAlready(act, { ...request, instance: null })
    : undefined;

async function take({ ctx, pages, session, form }: Posted<PortalPages>, step: PageStep) {
  const { request, from } = await lookAtRequest(ctx, pages, [STEPS[step]]);
  const { act } = pages;
  const home = STEPS[step] === 'from' ? asAsked(request) : `/requests/${request.id}`;
  const language = languageOf(ctx);
  const typed = answerIn(form);
  const again: Again = { typed, sides: [STEPS[step]] };
  // Another language, with what was ticked.
  if (form.has('switch')) return void (await showRequest(ctx, pages, again));
  const shown = async (more: Partial<Again>) => {
    ctx.status = 400;
    return void (await showRequest(ctx, pages, { ...again, ...more }));
  };
  const isYes = step === 'approve';
  if (isYes && request.resource !== null && !typed.actions.length)
    return shown({ why: t(language, 'give.error.actions') });
  if (isYes && !isAsShown(typed, request, act.now))
    return shown({ why: t(language, 'asked.error.changed') });
  const { end, wrong } = isYes ? endIn(typed, request, from, act.now) : {};
  if (wrong) return shown({ dateError: t(language, wrong) });
  const reason = NO_REASONS.find((one) => one === typed.reason);
  if (step === 'explain' && !reason) return shown({ why: t(language, 'asked.error.reason') });
  try {
    if (step === 'approve') {
      const { state } = await approveRight(
        act,
        request,
        session,
        request.resource === null ? null : typed.actions,
        { sooner: end ?? null, latest: latestGivable(from.kind, act.now) },
      );
      if (state === 'pending') return having(home, 'said');
    } else if (step === 'take-back') await takeRightYesBack(act, request, session);
    else if (step === 'reject') await rejectRight(act, request, session);
    else if (step === 'explain') await explainNo(act, request, session, reason!);
    else if (step === 'remind') await askAgainForRight(act, request, session.party);
    else if (step === 'withdraw') await withdrawRequest(act, request, session.party);
    else await confirm(act, request, session.party);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (error.code === 'TIL-00007') return void tellStepUp(ctx, pages.render, home, error, home);
    const why = wordsOf(error, language);
    if (!why) throw error;
    ctx.status = error.status;
    return void (await showRequest(ctx, pages, { ...again, why }));
  }
  return having(home, DONE[step]);
}

/** Faults with words of their own: somebody else was first, or others must say yes too. */
const OWN_WORDS: Record<string, string> = {
  'AM.VLD-00036': 'asked.answered',
  'AM.VLD-00022': 'asked.error.whole',
};

/** Why it could not be done, in words. */
function wordsOf(error: Fault, language: Language): string | undefined {
  const errors = error.members.validationErrors as { code: string }[] | undefined;
  const key = errors?.map(({ code }) => OWN_WORDS[code]).find(Boolean);
  return key ? t(language, key) : whyNot(error, language);
}
