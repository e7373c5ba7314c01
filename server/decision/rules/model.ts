// May X do A on R for P? A pure, exhaustive answer from gathered facts, a policy and the catalogue:
// deny by default, with a reason for each end and the mandates that carried it. It knows no SQL and
// no request.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import {
  combine,
  covers,
  type Effect,
  type Policy,
  type SubjectMatch,
} from '../../resource/policy/model.ts';
import type { Facts, MandateFacts, PartyFacts, Question, ResourceFacts } from './facts_model.ts';
import { admits, isListed } from './admission_model.ts';
import type { Carriers } from './tags_model.ts';
import { filledPlaces } from './part_model.ts';
import { type Reason, type Decision, ends, REASONS } from './reason_model.ts';
import {
  aliveOf,
  carryingOf,
  freeOf,
  holderOf,
  isPartOnly,
  isRight,
  ruled,
  scopeOf,
  STRANGER,
  type Scope,
} from './rule_model.ts';
import { wantedOf } from './wanted_model.ts';

export type {
  Facts,
  MandateFacts,
  PartyFacts,
  Question,
  ResourceFacts,
} from './facts_model.ts';

/** One resource, one action. Whatever is not permitted is refused; the outcome says how. */
export function decide(
  question: Question,
  facts: Facts,
  resource: ResourceFacts | undefined,
  policy: Policy | undefined,
  catalogue: Catalogue,
): Decision {
  const { from } = facts;
  const isTold = question.isUnnamed === true && hasAny(question.attributes?.subject);
  const subject = facts.subject ?? (isTold ? STRANGER : null);
  if (!subject) return ends('indeterminate', 'unknown_subject');
  if (!from && question.named) return ends('indeterminate', 'unknown_from');
  if (!resource || !policy || resource.ended) return ends('indeterminate', 'unknown_resource');
  const alive = aliveOf(facts, catalogue);
  if (subject.ended || (from?.ended && alive.length === 0)) return ends('not_applicable', 'ended');
  if (subject.suspended) return ends('not_applicable', 'suspended');
  if (policy.rules.length === 0) return ends('not_applicable', 'no_rule');
  const scope = scopeOf({ question, resource, policy, catalogue, subject, from });
  const free = freeOf(scope, alive);
  const carrying = carryingOf(scope, free);
  const found = byPolicy(scope, facts, free, carrying) ?? byRight(scope, carrying);
  if (!found && subject === STRANGER) return ends('indeterminate', 'unknown_subject');
  const person = subject.kind === 'person' || subject.kind === 'self_identified';
  const level = person ? policy.minimumLevel.person : policy.minimumLevel.organization;
  if (found && !found.permit) return { ...found, level };
  if (!found && facts.live?.away) return ends('indeterminate', 'register_away', [], level);
  if (!found)
    return ends('not_applicable', whyNot(scope, from), wantedOf(policy, question.action), level);
  if (resource.accessListMode && !isListed(resource, from, question.action))
    return ends('deny', 'not_on_list', [], level);
  if (question.level !== undefined && question.level < level)
    return ends('deny', 'level', [], level);
  return { ...found, level };
}

const hasAny = (told: object | undefined) => Object.keys(told ?? {}).length > 0;

/** The reason for a refusal when no rule opens: the question itself may lack something. */
function whyNot({ policy, question }: Scope, from: PartyFacts | null): Reason {
  if (!policy.rules.some((rule) => covers(rule, question.action))) return 'unknown_action';
  return from ? 'not_named' : 'no_from';
}

/** The answer of the rules, or undefined when none applies. */
function byPolicy(
  scope: Scope,
  facts: Facts,
  alive: MandateFacts[],
  carrying: MandateFacts[],
): Decision | undefined {
  const { policy, question } = scope;
  const holder = holderOf(scope, facts, alive, carrying);
  const effects: Effect[] = [];
  let permit: Decision | undefined;
  let part: Decision | undefined;
  for (const rule of policy.rules) {
    if (!covers(rule, question.action) || isPartOnly(rule, question)) continue;
    const { effect: result, matched } = ruled(scope, rule, holder);
    // A place may be one party's alone, whatever office others hold.
    const hasNone = rule.together && !filledPlaces(scope, rule, holder).some(({ by }) => by.length);
    const effect = result === 'permit' && hasNone ? 'not_applicable' : result;
    effects.push(effect);
    if (effect !== 'permit') continue;
    if (rule.together) part ??= { ...carried(matched!, holder.tags), isPart: true };
    else permit ??= carried(matched!, holder.tags);
  }
  // Somebody who is let in alone needs no others.
  permit ??= part;
  const outcome = combine(policy.combining, effects);
  switch (outcome) {
    case 'permit':
      // The absence of a denial opens to everybody who is let in at all, but not to nobody.
      if (permit) return permit;
      if (scope.subject === STRANGER || !admits(scope, [])) return undefined;
      return { ...ends('permit', 'anyone'), permit: true };
    case 'deny':
      return ends('deny', 'denied_by_rule', wantedOf(policy, question.action));
    case 'indeterminate':
      return ends('indeterminate', 'missing_attribute');
    case 'not_applicable':
      return undefined;
  }
}

function carried(matched: SubjectMatch[], tags: Carriers): Decision {
  const mandates = matched.flatMap(({ kind, value }) =>
    (tags.get(`${kind} ${value}`) ?? []).filter((mandate) => mandate !== null),
  );
  const [first] = matched;
  const nearest = [...mandates].sort(
    (a, b) =>
      Number(a.via !== null) - Number(b.via !== null) ||
      Number(a.held !== 'direct') - Number(b.held !== 'direct'),
  )[0];
  return {
    permit: true,
    outcome: 'permit',
    reason: REASONS[first!.kind],
    mandates: [...new Set(mandates.map((mandate) => mandate.id))],
    wanted: [],
    level: 0,
    ...(nearest?.role ? { role: nearest.role } : {}),
    ...(nearest?.via ? { via: nearest.via } : {}),
    ...(nearest ? { held: nearest.held } : {}),
    ...(first!.kind === 'package' ? { package: first!.value } : {}),
  };
}

/**
 * A right that was given singly; an instance is never had through a main unit or a proprietorship.
 */
function byRight(scope: Scope, mandates: MandateFacts[]): Decision | undefined {
  if (!admits(scope, [])) return undefined;
  const found = mandates.filter(
    (mandate) =>
      isRight(scope, mandate) && (mandate.instance === null || mandate.held === 'direct'),
  );
  if (!found.length) return undefined;
  const nearest = found.find((mandate) => mandate.via === null) ?? found[0]!;
  return {
    permit: true,
    outcome: 'permit',
    reason: 'right',
    mandates: found.map((mandate) => mandate.id),
    wanted: [],
    level: 0,
    held: nearest.held,
    ...(nearest.via ? { via: nearest.via } : {}),
  };
}
