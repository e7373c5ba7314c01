// The forms by which a request for a right is answered: the part and the end that are given, and
// the reason for a no.
import { severalIn } from '../../platform/http/body.ts';
import {
  freshYeses,
  NO_REASONS,
  partOfRequest,
  type RequestRow,
} from '../../access_request/model.ts';
import type { Session } from '../../caller/session.ts';
import { displayName } from '../../consent/text.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { isToGive } from '../../delegation/give/age_model.ts';
import { checkResource } from '../../delegation/give/check.ts';
import { dayFault, lastDay } from '../../party/day_model.ts';
import type { PartyRow } from '../../party/store.ts';
import { t, type Language } from '../../platform/locale.ts';
import { actionBoxes } from '../mandate/text.ts';
import { isTooFar, latestGivable } from '../give/terms_model.ts';
import type { PortalPages } from '../page.ts';

/** The forms of a request as they were filled in. */
export interface AnswerTyped {
  actions: string[];
  /** The last day, of one who gives it for a shorter time than was asked for. */
  date: string;
  /** The reason for a no, of a list; empty where none was chosen. */
  reason: string;
}

export const answerIn = (form: Map<string, string>): AnswerTyped => ({
  actions: severalIn(form, 'action'),
  date: (form.get('date') ?? '').trim().slice(0, 20),
  reason: form.get('reason') ?? '',
});

/** The end that a date gives a right, or what is wrong with it; neither where none was typed. */
export function endIn(
  { date }: AnswerTyped,
  { validTo }: RequestRow,
  { kind }: { kind: string },
  now: Date,
): { end?: Date; wrong?: string } {
  if (!date) return {};
  const fault = dayFault(date, now);
  if (fault) return { wrong: `give.error.${fault}` };
  const end = lastDay(date)!;
  if (validTo && end > validTo) return { wrong: 'asked.error.later' };
  return isTooFar(kind, end, now) ? { wrong: 'give.error.date_five' } : { end };
}

/** The end of one that was asked for longer than its giver may give it. */
const cutAt = ({ validTo }: RequestRow, kind: string, now: Date): Date | null => {
  const latest = latestGivable(kind, now);
  return latest && (!validTo || validTo > latest) ? latest : null;
};

/** Whether it is taken as it is: an offer, and a request to which somebody has said yes. */
const isFixed = (request: RequestRow, now: Date): boolean =>
  request.offered || freshYeses(request, now).length > 0;

/** The actions of one that is taken as it is. */
const fixedPart = (request: RequestRow, now: Date): string[] =>
  request.resource !== null && isFixed(request, now)
    ? (partOfRequest(request, 'from', now) ?? [])
    : [];

/** Whether the answer that was shown is of the part that it is about by now. */
export const isAsShown = (typed: AnswerTyped, request: RequestRow, now: Date): boolean => {
  if (!isFixed(request, now)) return true;
  const part = fixedPart(request, now);
  return (
    !typed.date &&
    typed.actions.length === part.length &&
    typed.actions.every((one) => part.includes(one))
  );
};

/** Whether the person said no to it, and has not said why. */
export const isOwnNo = (
  { state, offered, changedBy, noBecause }: RequestRow,
  { party }: Pick<Session, 'party'>,
) => state === 'rejected' && !offered && changedBy === party && noBecause === null;

export const reasonsIn = (language: Language, typed: AnswerTyped | undefined) =>
  NO_REASONS.map((id) => ({
    id,
    label: t(language, `asked.because.${id}`),
    checked: id === typed?.reason,
  }));

/** The part that may be given, action by action, where there are several to choose among. */
async function choicesOf(
  { act }: PortalPages,
  session: Session,
  request: RequestRow,
  language: Language,
  chosen: string[] | undefined,
) {
  const { from, resource, instance, actions } = request;
  if (resource === null || isFixed(request, act.now)) return [];
  const about = { from, resource, instance };
  const check = await checkResource(act, session, about);
  const rights = check?.rights ?? [];
  const names = rights
    .filter((right) => isToGive(right) && (actions ?? [right.action]).includes(right.action))
    .map(({ action }) => action);
  return actionBoxes(language, names, chosen ?? names);
}

/** The fields of an answer, as they were filled in. */
export async function answering(
  pages: PortalPages,
  session: Session,
  request: RequestRow,
  typed: AnswerTyped | undefined,
  { language, from }: { language: Language; from: PartyRow },
) {
  const actions = await choicesOf(pages, session, request, language, typed?.actions);
  const isChosen = request.resource !== null && !isFixed(request, pages.act.now);
  const cannot = isChosen && !actions.length;
  const end = cutAt(request, from.kind, pages.act.now);
  const cut = end && t(language, 'asked.cut', { date: formatUntil(language, end) });
  return {
    actions,
    cannot: cannot && t(language, 'asked.cannot', { from: displayName(from) }),
    cut,
    dateHint: cut ?? t(language, 'asked.date_hint'),
    mayShorten: !cannot && !isFixed(request, pages.act.now),
    fixed: fixedPart(request, pages.act.now),
    date: typed?.date,
  };
}
