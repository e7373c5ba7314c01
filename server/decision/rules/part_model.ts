// The part of one person in what a policy lets several do together: which places of which rule the
// person may fill, and by which office or power of attorney. Pure.
import {
  covers,
  type RulePlace,
  type Rule,
  type SubjectMatch,
} from '../../resource/policy/model.ts';
import type { MandateFacts } from './facts_model.ts';
import type { Decided } from './question_model.ts';
import {
  aliveOf,
  carryingOf,
  freeOf,
  holderOf,
  ruled,
  scopeOf,
  type Holder,
  type Scope,
} from './rule_model.ts';

/** A mandate by which a person fills a place; none for what is the person's own. */
export interface Filling {
  mandate: string | null;
  /** The person, or the organisation through which the person has it. */
  holder: string;
  /** The role that a register says; null for what a party gave. */
  office: string | null;
}

/** A place of a rule, and by what the person fills it: by nothing where the person may not. */
export interface PlacePart extends RulePlace {
  by: Filling[];
}

/** The rules that several may meet, by their places. */
export type RuleParts = PlacePart[][];

/** Undefined for somebody who needs no others, or has no part. */
export function partOf(decided: Decided): RuleParts | undefined {
  const { decision, question, facts, resource, policy, catalogue } = decided;
  const { subject, from } = facts;
  if (!decision.permit || !decision.isPart || !subject || !resource || !policy) return undefined;
  const named = { ...question, named: question.from !== null };
  const scope = scopeOf({ question: named, resource, policy, catalogue, subject, from });
  const free = freeOf(scope, aliveOf(facts, catalogue));
  const holder = holderOf(scope, facts, free, carryingOf(scope, free));
  return policy.rules
    .filter((rule) => rule.together && covers(rule, question.action))
    .map((rule) => filledPlaces(scope, rule, holder));
}

/** The places of a rule, and by what the subject fills each. */
export const filledPlaces = (scope: Scope, rule: Rule, holder: Holder): PlacePart[] =>
  rule.together!.map((place) => {
    const subjects = place.subjects.map((one) => [one]);
    const { effect } = ruled(scope, { ...rule, subjects }, holder);
    const held = ({ kind, value }: SubjectMatch) => holder.tags.get(`${kind} ${value}`) ?? [];
    const by = effect === 'permit' ? fillings(place.subjects.flatMap(held), scope.subject.id) : [];
    const isOwn = ({ holder: party }: Filling) => (place.holder ?? party) === party;
    return { ...place, by: by.filter(isOwn) };
  });

function fillings(mandates: (MandateFacts | null)[], person: string): Filling[] {
  const each = new Map(mandates.map((one) => [one?.id, one]));
  return [...each.values()].map((one) => ({
    mandate: one?.id ?? null,
    holder: one?.via ?? person,
    office: one?.basis === 'register' ? one.role : null,
  }));
}
