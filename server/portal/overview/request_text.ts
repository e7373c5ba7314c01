// A request for a right in words: its facts, who has said yes, and until when it was given. It
// decides nothing.
import {
  partOfRequest,
  type RequestSide,
  type RequestRow,
  type RequestState,
  type RightYes,
} from '../../access_request/model.ts';
import { formatUntil } from '../../consent/until_model.ts';
import { identified } from '../../consent/identity_text.ts';
import { displayName } from '../../consent/text.ts';
import type { Already } from '../../mandate/given_store.ts';
import type { PartyRow } from '../../party/store.ts';
import { showReference } from '../../platform/reference.ts';
import { formatDateTime, formatList, t, type Language } from '../../platform/locale.ts';
import { aboutKey, aboutOf, actionNames, mandateName, type MandateWords } from '../mandate/text.ts';

export const rightOf = ({ package: code, resource }: RequestRow) => ({
  role: null,
  package: code,
  resource,
});

export const isOpen = (state: RequestState) => state === 'draft' || state === 'pending';

export const givenUntil = ({ validTo }: Already, language: Language) =>
  validTo ? formatUntil(language, validTo) : t(language, 'mandate.until_ended');

/** Names those who have said yes; undefined where nobody has. */
export function waitsText(
  yeses: RightYes[],
  {
    hasSaid,
    language,
    givers,
  }: { hasSaid: boolean; language: Language; givers: Record<string, string> },
): string | undefined {
  if (!yeses.length) return undefined;
  const names = yeses.map(({ name }) => displayName({ kind: 'person', name }));
  return t(language, 'asked.together', {
    own: hasSaid ? 'yes' : 'no',
    names: formatList(language, names),
    ...givers,
  });
}

/** The facts of a request, as its page lists them. */
export function requestFacts(
  request: RequestRow,
  {
    from,
    to,
    mark,
    side,
  }: { from: PartyRow; to: PartyRow; mark: string | null; side: RequestSide },
  telling: MandateWords,
) {
  const { language } = telling;
  const names = { from: displayName(from), to: identified(to, language) };
  const actions = partOfRequest(request, side, telling.now);
  const lines: [string, string | false | undefined | null][] = [
    [request.offered ? 'mandate.fact.to' : 'asked.fact.to', names.to],
    ['asked.fact.from', names.from],
    // One with a protected address is sent nothing in the words of others, who do not learn that.
    ['asked.fact.message', !(side === 'from' && from.protectedAddress) && request.message],
    ['asked.fact.what', mandateName(rightOf(request), telling)],
    [`mandate.fact.${aboutKey(request)}`, aboutOf(rightOf(request), telling)],
    ['mandate.fact.instance', request.instance],
    ['mandate.fact.actions', actions && actionNames(language, actions)],
    // The request, as long as nobody has answered; the right that was given has a page of its own.
    [
      request.offered ? 'mandate.fact.until' : 'asked.fact.until',
      isOpen(request.state) &&
        (request.validTo
          ? formatUntil(language, request.validTo)
          : t(language, 'mandate.until_ended')),
    ],
    ['asked.fact.verified', mark && t(language, `asked.verified.${mark}`, names)],
    [
      'mandate.fact.pass_on',
      request.offered &&
        t(language, request.mayPassOn ? 'mandate.may_pass_on' : 'mandate.may_not_pass_on'),
    ],
    [
      'mandate.fact.subunits',
      request.offered && !request.subunits && t(language, 'mandate.main_only'),
    ],
    [
      request.offered ? 'asked.fact.offered' : 'asked.fact.at',
      formatDateTime(language, request.createdAt),
    ],
    [
      request.state === 'withdrawn' ? 'asked.fact.withdrawn' : 'asked.fact.answered',
      !isOpen(request.state) && formatDateTime(language, request.changedAt),
    ],
    ['asked.fact.because', request.noBecause && t(language, `asked.because.${request.noBecause}`)],
    ['asked.fact.reference', showReference(request.reference)],
  ];
  return lines.flatMap(([key, text]) => (text ? [{ label: t(language, key), text }] : []));
}
