// Evaluates one rule of a policy against a question: its subjects against what somebody is and
// holds, its conditions against attributes sent and stored. Pure.
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { conditionsHold, isTold } from '../../resource/policy/condition_model.ts';
import { createEffort, type Effort } from '../../resource/policy/pattern_model.ts';
import {
  covers,
  type Attributes,
  type Effect,
  type Policy,
  type Rule,
  type SubjectMatch,
  type GivenValue,
} from '../../resource/policy/model.ts';
import { admits } from './admission_model.ts';
import type {
  Facts,
  Grain,
  MandateFacts,
  PartyFacts,
  Question,
  ResourceFacts,
} from './facts_model.ts';
import { held, tagsOf, type Carriers } from './tags_model.ts';

/** A subject of whom we know nothing, and the asker says something. */
export const STRANGER: PartyFacts = {
  id: '',
  kind: 'unknown',
  ended: false,
  name: '',
  no: null,
  username: null,
  unitType: null,
  parent: null,
  lists: [],
};

/** A question with everything that its rules are held against. */
export interface Scope {
  question: Question;
  resource: ResourceFacts;
  policy: Policy;
  catalogue: Catalogue;
  given: Attributes;
  subject: PartyFacts;
  from: PartyFacts | null;
  effort: Effort;
}

export const scopeOf = (asked: Omit<Scope, 'given' | 'effort'>): Scope => ({
  ...asked,
  given: withStored(asked.question, asked.resource),
  effort: createEffort(),
});

/**
 * For somebody who has died or been dissolved, only mandates marked for after death still count.
 */
export const aliveOf = ({ from, mandates }: Facts, catalogue: Catalogue): MandateFacts[] =>
  from?.ended
    ? mandates.filter(({ role }) => catalogue.roles.get(role ?? '')?.afterDeath)
    : mandates;

/**
 * Mandates that carry the service asked about, less what a court has taken of whoever gave them and
 * what the giver's bankruptcy has stopped.
 */
export const freeOf = (
  { policy, catalogue, question }: Scope,
  alive: MandateFacts[],
): MandateFacts[] => {
  if (alive.every(({ withheld, estate }) => !withheld && !estate)) return alive;
  const isEstates = isOfEstate(policy, question.action, catalogue);
  return alive.filter(
    ({ withheld, estate }) =>
      !(estate && isEstates) &&
      !withheld?.some((matter) => matter === null || isOfMatter(matter, policy, catalogue)),
  );
};

/** Every act is the estate's matter but what the rules open by a package that is not. */
const isOfEstate = (policy: Policy, action: string, catalogue: Catalogue): boolean =>
  !permitted({ ...policy, rules: policy.rules.filter((rule) => covers(rule, action)) }).some(
    ({ kind, value }) => kind === 'package' && catalogue.packages.get(value)?.ofEstate === false,
  );

const permitted = ({ rules }: Policy): SubjectMatch[] =>
  rules.filter(({ effect }) => effect === 'permit').flatMap(({ subjects }) => subjects.flat());

/** Whether the rules name a guardian's task, or a package that it carries. */
const isOfMatter = (task: string, policy: Policy, catalogue: Catalogue): boolean => {
  const carried = catalogue.accessOf(task, null);
  return permitted(policy).some(({ kind, value }) =>
    kind === 'role' ? value === task : kind === 'package' && carried.includes(value),
  );
};

/** Mandates each of whose links would permit by itself. */
export const carryingOf = (scope: Scope, alive: MandateFacts[]): MandateFacts[] =>
  alive.filter((mandate) => mandate.chain.every((link) => carries(scope, link, mandate)));

/** The subject as it is and what it holds, in the terms that rules use. */
export interface Holder {
  /** Mandates that may carry a permit. */
  tags: Carriers;
  /** A Deny is about what somebody has, whether or not each link of its chain would permit. */
  had: Carriers;
  told: Record<string, GivenValue[]>;
}

export function holderOf(
  { catalogue, subject, question }: Scope,
  facts: Facts,
  alive: MandateFacts[],
  carrying: MandateFacts[],
): Holder {
  const tagsFrom = (mandates: MandateFacts[]) => tagsOf(catalogue, { ...facts, subject }, mandates);
  const tags = tagsFrom(carrying);
  return {
    tags,
    had: carrying.length === alive.length ? tags : tagsFrom(alive),
    told: question.attributes?.subject ?? {},
  };
}

export interface Ruled {
  effect: Effect;
  /** The alternative of its subjects that holds. */
  matched: SubjectMatch[] | undefined;
}

/** One rule's answer. */
export function ruled(scope: Scope, rule: Rule, { tags, had, told }: Holder): Ruled {
  const { matched, isUnknown } =
    rule.effect === 'deny'
      ? match(rule, had, told)
      : match(rule, tags, told, (all) => isLetIn(scope, all));
  const isUnsure = matched === undefined && isUnknown;
  const applies = (matched || isUnsure) && conditionsHold(rule.when, scope.given, scope.effort);
  if ((!matched && !isUnsure) || applies === false) return { effect: 'not_applicable', matched };
  if (applies === undefined || isUnsure)
    return {
      effect: rule.effect === 'permit' ? 'indeterminate_permit' : 'indeterminate_deny',
      matched,
    };
  return { effect: rule.effect, matched };
}

/**
 * Attributes stored with the resource and the instance give way to those the asker sends, except
 * those of which the owner is the authority.
 */
function withStored(
  { attributes: told = {}, stored, action }: Question,
  resource: ResourceFacts,
): Attributes {
  const own = { ...resource.attributes, ...stored };
  const certain = Object.fromEntries(resource.authoritative.map((name) => [name, own[name] ?? []]));
  return {
    ...told,
    resource: {
      ...own,
      ...told.resource,
      ...certain,
      'urn:altinn:resource': [resource.id],
    },
    action: { ...told.action, 'urn:oasis:names:tc:xacml:1.0:action:action-id': [action] },
  };
}

/** Whether a rule is met by several together, and the question is of one alone. */
export const isPartOnly = ({ together }: Rule, { asPart }: Question): boolean =>
  together !== undefined && !asPart;

/**
 * Whether a link of a chain, by itself, would permit what is asked: so that nothing passed on is
 * ever wider.
 */
function carries(
  scope: Scope,
  link: Grain,
  { unitType, resource }: Pick<MandateFacts, 'unitType' | 'resource'>,
): boolean {
  if (link.resource !== null) return isRight(scope, link);
  const tags = new Set(
    held(scope.catalogue, link, unitType).map(({ kind, value }) => `${kind} ${value}`),
  );
  return scope.policy.rules.some(
    (rule) =>
      rule.effect === 'permit' &&
      !isPartOnly(rule, scope.question) &&
      // Nobody makes a right of one's own out of a part.
      (resource === null || !rule.together) &&
      covers(rule, scope.question.action) &&
      rule.subjects.some((all) => all.every(({ kind, value }) => tags.has(`${kind} ${value}`))),
  );
}

/** A subject that we do not know is let in by the attributes sent with it, and by nothing else. */
const isLetIn = (scope: Scope, all: SubjectMatch[]): boolean =>
  admits(scope, all) &&
  (scope.subject !== STRANGER || all.some(({ kind }) => kind === 'attribute'));

const ANYBODY: SubjectMatch[] = [{ kind: 'any', value: '' }];

/**
 * The first alternative of the rule's subjects of which everything holds; without, whether there is
 * one of which it cannot be decided (XACML 3.0 §7.7).
 */
function match(
  rule: Rule,
  tags: Carriers,
  told: Record<string, GivenValue[]>,
  may: (all: SubjectMatch[]) => boolean = () => true,
): { matched: SubjectMatch[] | undefined; isUnknown: boolean } {
  const alternatives: SubjectMatch[][] = rule.subjects.length ? rule.subjects : [ANYBODY];
  let isUnknown = false;
  for (const all of alternatives) {
    if (!may(all)) continue;
    const each = all.map((one) => isMatched(one, tags, told));
    if (each.includes(false)) continue;
    if (!each.includes(undefined)) return { matched: all, isUnknown: false };
    isUnknown = true;
  }
  return { matched: undefined, isUnknown };
}

/** Whether the subject is, holds or is said to be what a rule names; undefined when unsaid. */
export const isMatched = (
  one: SubjectMatch,
  tags: Carriers,
  told: Record<string, GivenValue[]>,
): boolean | undefined =>
  one.kind === 'attribute' ? isTold(one, told) : tags.has(`${one.kind} ${one.value}`);

/**
 * A right given by itself opens what some rule permits under the conditions that hold now, whomever
 * the rule names.
 */
export function isRight(
  { question, resource, policy, given, effort }: Scope,
  grain: Grain,
): boolean {
  return (
    grain.resource === resource.id &&
    grain.actions!.includes(question.action) &&
    (grain.instance === null || grain.instance === question.instance) &&
    policy.rules.some(
      (rule) =>
        rule.effect === 'permit' &&
        // Nobody gives to one what takes several.
        !rule.together &&
        covers(rule, question.action) &&
        conditionsHold(rule.when, given, effort) === true,
    )
  );
}
