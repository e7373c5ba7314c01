// Why a decision fell as it did, for the owner of the resource: each rule, what of it held and what
// did not, and what carried it. The same rules, read by the same functions. Pure.
import { conditionsHold } from '../../resource/policy/condition_model.ts';
import {
  covers,
  type Category,
  type Condition,
  type Effect,
  type Rule,
  type SubjectMatch,
} from '../../resource/policy/model.ts';
import { subjectAttribute } from '../../resource/policy/xacml_print_model.ts';
import { isSecretMandate } from '../rules/disclosure_model.ts';
import type { Decided } from '../rules/question_model.ts';
import type { Reason } from '../rules/reason_model.ts';
import {
  aliveOf,
  carryingOf,
  freeOf,
  holderOf,
  isMatched,
  ruled,
  scopeOf,
  STRANGER,
  type Holder,
  type Scope,
} from '../rules/rule_model.ts';

export interface ExplainedRule {
  id: string;
  effect: Rule['effect'];
  /** Whether it is about the action at all. */
  covers: boolean;
  /** The rule's answer, when it has one. */
  says: Effect | null;
  /** Its alternatives, of which all names must hold; none: everybody. */
  subjects: { type: string; value: string; holds: boolean }[][];
  conditions: {
    category: Category;
    name: string;
    values: string[];
    /** Attributes that the asker sent or that are stored. */
    given: string[];
    /** Null when it cannot be decided. */
    holds: boolean | null;
  }[];
  /** By which mandates the alternative that matched is held. */
  mandates: string[];
}

/** Reasons that are found before any rule is asked. */
const BEFORE: Reason[] = [
  'unknown_subject',
  'unknown_from',
  'unknown_resource',
  'several_instances',
  'instance_of_another',
];

/**
 * Each rule of the policy, held against what was asked. What a secret source says counts as not
 * there: it is for its two parties alone.
 */
export function explainRules({ question, decision, facts, resource, policy, catalogue }: Decided) {
  const { from } = facts;
  const subject = facts.subject ?? (question.isUnnamed ? STRANGER : null);
  // A decision that the rules did not make is not explained by them.
  if (!resource || !policy || !subject || BEFORE.includes(decision.reason)) return [];
  const open = {
    ...facts,
    mandates: facts.mandates.filter((one) => !isSecretMandate(one, catalogue)),
  };
  const named = { ...question, named: question.from !== null };
  const scope = scopeOf({ question: named, resource, policy, catalogue, subject, from });
  const alive = freeOf(scope, aliveOf(open, catalogue));
  const holder = holderOf(scope, open, alive, carryingOf(scope, alive));
  return policy.rules.map((rule) => explain(scope, rule, holder));
}

function explain(scope: Scope, rule: Rule, holder: Holder): ExplainedRule {
  const isAbout = covers(rule, scope.question.action);
  const { effect, matched = [] } = ruled(scope, rule, holder);
  const held = rule.effect === 'deny' ? holder.had : holder.tags;
  const mandates = isAbout
    ? matched.flatMap(({ kind, value }) => held.get(`${kind} ${value}`) ?? [])
    : [];
  return {
    id: rule.id,
    effect: rule.effect,
    covers: isAbout,
    says: isAbout ? effect : null,
    subjects: rule.subjects.map((all) =>
      all.map((one: SubjectMatch) => ({
        ...subjectAttribute(one),
        holds: isMatched(one, held, holder.told) ?? false,
      })),
    ),
    conditions: rule.when.map((condition) => conditionOf(scope, condition)),
    mandates: [...new Set(mandates.flatMap((mandate) => mandate?.id ?? []))],
  };
}

function conditionOf({ given, effort }: Scope, condition: Condition) {
  const { category, name, values } = condition;
  const told = given[category];
  return {
    category,
    name,
    values,
    given: (told && Object.hasOwn(told, name) ? told[name]! : []).map((one) =>
      typeof one === 'string' ? one : one.value,
    ),
    holds: conditionsHold([condition], given, effort) ?? null,
  };
}
