// The parties that get a notice of an answer, or of an end. Pure.
import { isUnder } from '../../party/age_model.ts';
import { isBetween } from '../../resource/policy/age_model.ts';
import { isShownToParents, isTooYoung } from '../basis/own_model.ts';
import type { Consent } from '../model.ts';

/** The receivers of notices about an answer, and in which capacity. */
export interface AnswerTold {
  type:
    | ('consent_given' | 'consent_answered' | 'consent_refused' | 'consent_withdrawn')
    | 'consent_narrowed'
    | ('consent_taken_back' | 'consent_renounced')
    | ('consent_awaits' | 'consent_yes_fell');
  parties: string[];
}

/**
 * At an age at which the person and the parents may both answer, those who did not; and the parents
 * of a child whose own answer its services show them.
 */
function othersWhoMay(consent: Consent, person: string, now: Date): string[] {
  const { from, giverAge, giverProtected, rights, answeredBy } = consent;
  if (giverProtected) return from.id === person ? [] : [from.id];
  if (!giverAge) return [];
  // An answer by a child's own right is the child's, unless the owner says otherwise.
  const isChilds = person === from.id && (answeredBy?.id ?? person) === from.id;
  if (isChilds && isTooYoung(consent, now)) return giverAge.parents;
  if (isChilds && isUnder(18, giverAge, now))
    return isShownToParents(consent) ? giverAge.parents : [];
  const contents = rights.map(({ content }) => content);
  if (!isBetween(giverAge, contents, now)) return [];
  const parents = isChilds ? [] : giverAge.parents;
  return [...new Set([from.id, ...parents])].filter((one) => one !== person);
}

export const without = (all: string[], some: string[]) => all.filter((one) => !some.includes(one));

/** The other parties that hear of a yes: those who have said one, and those who may. */
export const othersToHear = (consent: Consent, now: Date, by: string): string[] => [
  ...othersWhoMay(consent, by, now),
  ...(consent.yeses ?? []).map(({ party }) => party),
];

/**
 * The notices of a yes; and the parties that heard of the consent that it replaces, and hear of no
 * other.
 */
export function toldOfYes(
  consent: Consent,
  by: string,
  now: Date,
  replaced: Consent | undefined,
): { tell: AnswerTold[]; toldOfEnd: string[] } {
  const giver = consent.from.id;
  const others = without(othersToHear(consent, now, by), [by]);
  return {
    tell: [
      { type: 'consent_answered', parties: others },
      // Notify the answerer as well, in case someone else used their login.
      { type: 'consent_given', parties: without([giver, by], others) },
    ],
    toldOfEnd: replaced ? without(othersWhoMay(replaced, by, now), [giver, by, ...others]) : [],
  };
}

/** The notice of an answer that everybody gets who could have given it. */
export const toldAll = (
  type: 'consent_refused' | 'consent_withdrawn' | 'consent_narrowed',
  consent: Consent,
  by: string,
  now: Date,
): AnswerTold[] => [
  {
    type,
    parties: [
      ...[consent.from.id, by, ...othersWhoMay(consent, by, now)],
      // The last of several stands apart from those before.
      ...(consent.yeses ?? []).flatMap(({ party }) => [party, consent.answeredBy?.id ?? party]),
    ],
  },
];
