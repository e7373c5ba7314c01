// Requests for a right, as pages: one that somebody asks for is answered here, in whole, in part or
// with a no; who asked sees how it goes. Every act is one that the API has.
import { type PageRow, type Posted, pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { approveRight, rejectRight, takeRightYesBack } from '../../access_request/approve.ts';
import {
  freshYeses,
  mayAskAgain,
  type RequestRow,
  type RequestState,
} from '../../access_request/model.ts';
import { maySay } from '../../access_request/yeses.ts';
import { askAgainForRight, confirm, withdrawRequest } from '../../access_request/commands.ts';
import { markOf } from '../../access_request/fall.ts';
import { standsFor, standsIn } from '../../access_request/standing.ts';
import { findRequest } from '../../access_request/store.ts';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import type { Session } from '../../caller/session.ts';
import { doubtOf } from '../../consent/page.ts';
import { displayName } from '../../consent/text.ts';
import { isToGive } from '../../delegation/give/age_model.ts';
import { checkResource } from '../../delegation/give/check.ts';
import { isCompany } from '../../delegation/give/together_model.ts';
import { givenAlready } from '../../mandate/given_store.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { Fault, fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import { languageOf, t, type Language, type Values } from '../../platform/locale.ts';
import { whyNot } from '../mandate/pages.ts';
import { placesText } from '../mandate/places_text.ts';
import { actionBoxes, type MandateWords } from '../mandate/text.ts';
import { having, mandatePath, type PortalPages } from '../page.ts';
import { onBehalf, whoOf, type Acting } from '../party.ts';
import { asAsked, STATE_COLOR } from './request_cards.ts';
import { givenUntil, requestFacts, waitsText } from './request_text.ts';
import { tellingOf } from '../mandate/telling.ts';

type Side = 'from' | 'to';
type Step = 'approve' | 'reject' | 'withdraw' | 'confirm' | 'remind' | 'take-back';
/** The side that takes the step. */
const STEPS: Record<Step, Side> = {
  approve: 'from',
  reject: 'from',
  withdraw: 'to',
  confirm: 'to',
  remind: 'to',
  'take-back': 'from',
};

export const requestPages = (pages: Wired<PortalPages>): Router =>
  pageRouter(pages, [
    { id: 'asked', path: '/requests/:id', show: (ctx, own) => showRequest(ctx, own) },
    ...(Object.keys(STEPS) as Step[]).flatMap((step): PageRow<PortalPages>[] => [
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

interface Looked {
  request: RequestRow;
  side: Side;
  from: PartyRow;
  to: PartyRow;
  acting: Acting;
}

/** The request and the side that the person stands on, of these; a stranger's is not there. */
async function lookAt(
  ctx: Context,
  { act }: PortalPages,
  wanted: Side[] = ['from', 'to'],
): Promise<Looked> {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const session = sessionOf(ctx);
  const request = await findRequest(act.db, id);
  if (!request) throw fault('TIL-00009');
  // An asker who also answers for the party follows the request here, and answers where the party
  // gets its notices.
  const isOwn = request.to === session.party && ctx.URL.searchParams.get('party') !== request.from;
  const sides = isOwn ? [...wanted].reverse() : wanted;
  // A draft is nobody's business but the asker's and its author's.
  const open = sides.filter((side) =>
    side === 'to' ? !request.offered : request.state !== 'draft',
  );
  for (const side of open) {
    if (!(await standsIn(act, session, request, side))) continue;
    const found = await findParties(act, [request.from, request.to]);
    const parties = new Map(found.map((one) => [one.id, one]));
    const [from, to] = [parties.get(request.from)!, parties.get(request.to)!];
    return { request, side, from, to, acting: onBehalf(session, side === 'from' ? from : to) };
  }
  throw fault('TIL-00009');
}

/** A request that is shown once more: what is wrong, and what was ticked. */
interface Again {
  why?: string;
  chosen: string[];
  sides: Side[];
}

async function showRequest(ctx: Context, pages: PortalPages, again?: Again): Promise<void> {
  const { request, side, from, to, acting } = await lookAt(ctx, pages, again?.sides);
  const kept = again ? undefined : await pages.forms.take(ctx, acting.session, ['action']);
  const chosen = again?.chosen ?? (kept && actionsIn(kept));
  const home = side === 'from' ? asAsked(request) : `/requests/${request.id}`;
  const pathOf = (step: Step) => home.replace(request.id, `${request.id}/${step}`);
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
    title: t(
      language,
      side === 'from'
        ? request.offered
          ? 'asked.title_offered'
          : isPending
            ? 'asked.title'
            : 'asked.title_past'
        : acting.isSelf
          ? 'asked.title_own'
          : 'asked.title_other',
      names,
    ),
    who: whoOf(ctx, acting),
    keeps: isAsked ? { form: 'answer', action: pathOf('approve') } : undefined,
    data: {
      paths: Object.fromEntries((Object.keys(STEPS) as Step[]).map((one) => [one, pathOf(one)])),
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
        ...(given
          ? [{ label: t(language, 'mandate.fact.until'), text: givenUntil(given, language) }]
          : []),
      ],
      given: given && mandatePath(given.id, request[side]),
      mayAnswer: isAsked,
      doubt: isAsked ? doubtOf(to, language, isParty ? from.id : undefined) : undefined,
      actions: isAsked ? await choicesOf(pages, acting.session, request, language, chosen) : [],
      mayWithdraw: side === 'to' && ['draft', 'pending'].includes(request.state),
      mayConfirm: side === 'to' && request.state === 'draft',
      remind:
        side === 'to' && mayAskAgain(request, pages.act.now)
          ? t(language, 'asked.remind', names)
          : undefined,
      back: isParty ? `/overview?party=${acting.party.id}&show=waiting` : '/inbox',
    },
  });
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

/** The step that was just done, as the address says it. */
const DONE: Record<Step, string> = {
  approve: 'given',
  reject: 'refused',
  withdraw: 'withdrawn',
  confirm: 'sent',
  remind: 'reminded',
  'take-back': 'yes_gone',
};
/** As long as it is so: an address alone shows nobody that something was done. */
const SO: Record<string, RequestState[]> = {
  given: ['approved', 'partly'],
  refused: ['rejected'],
  withdrawn: ['withdrawn'],
  sent: ['pending'],
  reminded: ['pending'],
  said: ['pending'],
  yes_gone: ['pending', 'withdrawn'],
};

function toldOf(
  ctx: Context,
  { state, offered, askedAgain }: RequestRow,
  { names, hasSaid }: { names: Record<string, string>; hasSaid: boolean },
) {
  const { searchParams } = ctx.URL;
  const isSo = (one: string) =>
    SO[one]!.includes(state) &&
    (one === 'said' ? hasSaid : one !== 'yes_gone' || !hasSaid) &&
    (one !== 'reminded' || askedAgain > 0);
  const done = Object.keys(SO).find((one) => searchParams.has(one) && isSo(one));
  const isRefusedOffer = offered && done === 'refused';
  return done && t(languageOf(ctx), `asked.told.${isRefusedOffer ? 'offer_refused' : done}`, names);
}

/** The part that may be given, action by action, where there are several to choose among. */
async function choicesOf(
  { act }: PortalPages,
  session: Session,
  { from, resource, instance, actions, offered, yeses }: RequestRow,
  language: Language,
  chosen: string[] | undefined,
) {
  // An offer, and a request to which somebody has said yes, are taken as they are.
  if (resource === null || offered || yeses.length) return [];
  const about = { from, resource, instance };
  const check = await checkResource(act, session, about);
  const rights = check?.rights ?? [];
  const names = rights
    .filter((right) => isToGive(right) && (actions ?? [right.action]).includes(right.action))
    .map(({ action }) => action);
  return actionBoxes(language, names, chosen ?? names);
}

const actionsIn = (form: Map<string, string>) => [
  ...new Set((form.get('action') ?? '').split(' ').filter(Boolean)),
];

async function take({ ctx, pages, session, form }: Posted<PortalPages>, step: Step) {
  const { request } = await lookAt(ctx, pages, [STEPS[step]]);
  const { act } = pages;
  const home = STEPS[step] === 'from' ? asAsked(request) : `/requests/${request.id}`;
  const language = languageOf(ctx);
  const chosen = actionsIn(form);
  const again: Again = { chosen, sides: [STEPS[step]] };
  // Another language, with what was ticked.
  if (form.has('switch')) return void (await showRequest(ctx, pages, again));
  const isFixed = request.resource === null || request.offered || request.yeses.length > 0;
  if (step === 'approve' && !isFixed && !chosen.length) {
    ctx.status = 400;
    return void (await showRequest(ctx, pages, {
      ...again,
      why: t(language, 'give.error.actions'),
    }));
  }
  try {
    if (step === 'approve') {
      const { state } = await approveRight(act, request, session, isFixed ? null : chosen);
      if (state === 'pending') return having(home, 'said');
    } else if (step === 'take-back') await takeRightYesBack(act, request, session);
    else if (step === 'reject') await rejectRight(act, request, session);
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

/** Why it could not be done, in words; that somebody else was first in those of its own. */
function wordsOf(error: Fault, language: Language): string | undefined {
  const errors = error.members.validationErrors as { code: string }[] | undefined;
  return errors?.some(({ code }) => code === 'AM.VLD-00036')
    ? t(language, 'asked.answered')
    : whyNot(error, language);
}
