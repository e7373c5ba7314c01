// May X do A on R for P? A pure, exhaustive answer from gathered facts, a policy and the catalogue:
// deny by default, with a reason for each end and the mandates that carried it. It knows no SQL and
// no request.
import type { Catalogue } from '../resource/catalogue_model.ts';
import { holds } from '../resource/condition_model.ts';
import {
  combine,
  covers,
  type Attributes,
  type Effect,
  type Policy,
  type Rule,
  type SubjectMatch,
} from '../resource/policy_model.ts';
import { createEffort, type Effort } from '../resource/pattern_model.ts';
import type {
  Facts,
  Grain,
  MandateFacts,
  PartyFacts,
  Question,
  ResourceFacts,
} from './facts_model.ts';
import { admits, isListed } from './admission_model.ts';
import { held, tagsOf, type Carriers } from './tags_model.ts';
import { type Reason, type Decision, ends, REASONS } from './reason_model.ts';
import { wantedOf } from './wanted_model.ts';

export type {
  Facts,
  Grain,
  MandateFacts,
  PartyFacts,
  Question,
  ResourceFacts,
} from './facts_model.ts';

/** A subject of whom we know nothing, and the asker tells something. */
const STRANGER: PartyFacts = {
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

/** One resource, one action. Whatever is not permitted is refused; the outcome says how. */
export function decide(
  question: Question,
  facts: Facts,
  resource: ResourceFacts | undefined,
  policy: Policy | undefined,
  catalogue: Catalogue,
): Decision {
  const { from } = facts;
  const isTold = Object.keys(question.attributes?.subject ?? {}).length > 0;
  const subject = facts.subject ?? (isTold ? STRANGER : null);
  if (!subject) return ends('indeterminate', 'unknown_subject');
  if (!from && question.named) return ends('indeterminate', 'unknown_from');
  if (!resource || !policy || resource.ended) return ends('indeterminate', 'unknown_resource');
  const alive = from?.ended
    ? facts.mandates.filter(({ role }) => catalogue.roles.get(role ?? '')?.afterDeath)
    : facts.mandates;
  if (subject.ended || (from?.ended && alive.length === 0)) return ends('not_applicable', 'ended');
  if (policy.rules.length === 0) return ends('not_applicable', 'no_rule');
  const given = withStored(question, resource);
  const scope: Scope = {
    question,
    resource,
    policy,
    catalogue,
    given,
    subject,
    from,
    effort: createEffort(),
  };
  const carrying = alive.filter((mandate) =>
    mandate.chain.every((link) => carries(scope, link, mandate.unitType)),
  );
  const found = byPolicy(scope, facts, alive, carrying) ?? byRight(scope, carrying);
  if (subject === STRANGER && (!found || (found.permit && found.reason !== 'attribute')))
    return ends('indeterminate', 'unknown_subject');
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

/** What keeps it shut, when no rule opens: the question itself may lack what it takes. */
function whyNot({ policy, question }: Scope, from: PartyFacts | null): Reason {
  if (!policy.rules.some((rule) => covers(rule, question.action))) return 'unknown_action';
  return from ? 'not_named' : 'no_from';
}

interface Scope {
  question: Question;
  resource: ResourceFacts;
  policy: Policy;
  catalogue: Catalogue;
  given: Attributes;
  subject: PartyFacts;
  from: PartyFacts | null;
  effort: Effort;
}

/**
 * What is stored of the resource and of the instance stands under what the asker tells, but for
 * what the owner knows best.
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

/**
 * Whether a link of a chain, by itself, would permit what is asked: so that nothing passed on is
 * ever wider.
 */
function carries(scope: Scope, link: Grain, unitType: string | null): boolean {
  if (link.resource !== null) return isRight(scope, link);
  const tags = new Set(
    held(scope.catalogue, link, unitType).map(({ kind, value }) => `${kind} ${value}`),
  );
  return scope.policy.rules.some(
    (rule) =>
      rule.effect === 'permit' &&
      covers(rule, scope.question.action) &&
      rule.subjects.some((all) => all.every(({ kind, value }) => tags.has(`${kind} ${value}`))),
  );
}

/** The answer of the rules, or undefined when none applies. */
function byPolicy(
  scope: Scope,
  facts: Facts,
  alive: MandateFacts[],
  carrying: MandateFacts[],
): Decision | undefined {
  const { policy, question, given } = scope;
  const tagsFrom = (mandates: MandateFacts[]) =>
    tagsOf(scope.catalogue, { ...facts, subject: scope.subject }, mandates);
  const tags = tagsFrom(carrying);
  // A Deny is about what somebody has, whether or not each link of its chain would permit.
  const had = carrying.length === alive.length ? tags : tagsFrom(alive);
  const told = question.attributes?.subject ?? {};
  const effects: Effect[] = [];
  let permit: Decision | undefined;
  for (const rule of policy.rules) {
    if (!covers(rule, question.action)) continue;
    const matched =
      rule.effect === 'deny'
        ? match(rule, had, told)
        : match(rule, tags, told, (all) => isLetIn(scope, all));
    const applies = matched && holds(rule.when, given, scope.effort);
    if (!matched || applies === false) effects.push('not_applicable');
    else if (applies === undefined)
      effects.push(rule.effect === 'permit' ? 'indeterminate_permit' : 'indeterminate_deny');
    else {
      effects.push(rule.effect);
      if (rule.effect === 'permit') permit ??= carried(matched, tags);
    }
  }
  const outcome = combine(policy.combining, effects);
  switch (outcome) {
    case 'permit':
      return permit ?? { ...ends('permit', 'anyone'), permit: true };
    case 'deny':
      return ends('deny', 'denied_by_rule', wantedOf(policy, question.action));
    case 'indeterminate':
      return ends('indeterminate', 'missing_attribute');
    case 'not_applicable':
      return undefined;
  }
}

/** Whoever is nobody we know is let in by what is told of it, and by nothing else. */
const isLetIn = (scope: Scope, all: SubjectMatch[]): boolean =>
  admits(scope, all) &&
  (scope.subject !== STRANGER || all.some(({ kind }) => kind === 'attribute'));

const ANYBODY: SubjectMatch[] = [{ kind: 'any', value: '' }];

/** The first alternative of the rule's subjects of which everything holds. */
function match(
  rule: Rule,
  tags: Carriers,
  told: Record<string, string[]>,
  may: (all: SubjectMatch[]) => boolean = () => true,
): SubjectMatch[] | undefined {
  const alternatives: SubjectMatch[][] = rule.subjects.length ? rule.subjects : [ANYBODY];
  return alternatives.find(
    (all) =>
      may(all) &&
      all.every(({ kind, value }) =>
        kind === 'attribute' ? isToldOf(value, told) : tags.has(`${kind} ${value}`),
      ),
  );
}

/** Whether the asker tells `name=value` of the subject. */
function isToldOf(wanted: string, told: Record<string, string[]>): boolean {
  const name = wanted.slice(0, wanted.indexOf('='));
  return Object.hasOwn(told, name) && told[name]!.includes(wanted.slice(name.length + 1));
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
 * What was given singly opens what some rule permits under the conditions that hold now, whomever
 * the rule names.
 */
function isRight({ question, resource, policy, given, effort }: Scope, grain: Grain): boolean {
  return (
    grain.resource === resource.id &&
    grain.actions!.includes(question.action) &&
    (grain.instance === null || grain.instance === question.instance) &&
    policy.rules.some(
      (rule) =>
        rule.effect === 'permit' &&
        covers(rule, question.action) &&
        holds(rule.when, given, effort) === true,
    )
  );
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
