// Policies as rows: who (subjects) may do which actions on a resource, under which conditions, with
// which security level; and how the rules' effects are combined (XACML 3.0 appendix C). Pure; what
// a subject holds is not known here.
import type { ValueType } from './value_model.ts';
import { createHash } from 'node:crypto';

export const COMBINING = [
  'deny-overrides',
  'permit-overrides',
  'deny-unless-permit',
  'permit-unless-deny',
  'first-applicable',
] as const;
export type Combining = (typeof COMBINING)[number];

export const SUBJECT_KINDS = [
  'self',
  'role',
  'key_role',
  'package',
  'organization',
  'party',
  'username',
  'access_list',
  'party_type',
  'attribute',
  'register',
  'passed_on',
  'any',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** One thing a subject must be or hold. `attribute` is one the asker gives, as `name=value`. */
export interface SubjectMatch {
  kind: SubjectKind;
  value: string;
  /** For an attribute: the type of its value; text by default. */
  type?: ValueType;
  /** For an attribute: the rule is indeterminate without it, as a condition is. */
  mustBePresent?: boolean;
}

export type Category = 'subject' | 'action' | 'resource' | 'environment';

/** An attribute of the request that must have one of the values. */
export interface Condition {
  category: Category;
  name: string;
  values: string[];
  match: 'equal' | 'equal_ignore_case' | 'regexp';
  /** The type of the values; text by default. */
  type?: ValueType;
  /** An absent attribute makes the rule indeterminate, not inapplicable (XACML 3.0 §7.3.5). */
  mustBePresent?: boolean;
}

export interface Rule {
  id: string;
  effect: 'permit' | 'deny';
  /** Empty: every action. */
  actions: string[];
  /** Any one alternative, of which all matches must hold. Empty: everybody. */
  subjects: SubjectMatch[][];
  when: Condition[];
  /** The places that several persons fill together; absent where one person is enough. */
  together?: RulePlace[];
  /** Whether those who sign for the giver fill its places; `together` is for a giver without. */
  asCompanySigns?: true;
}

/** A place in an act that takes several: who may fill it, and how many do. */
export interface RulePlace {
  subjects: SubjectMatch[];
  /** `all` is everybody who holds one of the offices, and at least one. */
  count: number | 'all';
  /** The party that alone fills it: a signing rule names it. */
  holder?: string;
}

export interface Policy {
  combining: Combining;
  /** The security level, 0 to 4, that a person and that an organisation or system needs. */
  minimumLevel: { person: number; organization: number };
  rules: Rule[];
}

/**
 * A value as it is given. With a data type it is found by what asks for that type alone (XACML 3.0
 * §5.29); without, it is what is asked for.
 */
export type GivenValue = string | { type: string; value: string };
export type Attributes = Partial<Record<Category, Record<string, GivenValue[]>>>;

/** A rule's result; an indeterminate one keeps the effect it might have had (XACML 3.0 §7.11). */
export type Effect =
  | 'permit'
  | 'deny'
  | 'not_applicable'
  | 'indeterminate_permit'
  | 'indeterminate_deny';
export type Outcome = 'permit' | 'deny' | 'not_applicable' | 'indeterminate';

/** Combines what the rules came to, in their order. */
export function combine(combining: Combining, effects: Effect[]): Outcome {
  const has = (effect: Effect) => effects.includes(effect);
  switch (combining) {
    case 'deny-overrides':
      if (has('deny')) return 'deny';
      if (has('indeterminate_deny')) return 'indeterminate';
      if (has('permit')) return 'permit';
      return has('indeterminate_permit') ? 'indeterminate' : 'not_applicable';
    case 'permit-overrides':
      if (has('permit')) return 'permit';
      if (has('indeterminate_permit')) return 'indeterminate';
      if (has('deny')) return 'deny';
      return has('indeterminate_deny') ? 'indeterminate' : 'not_applicable';
    case 'deny-unless-permit':
      return has('permit') ? 'permit' : 'deny';
    // Stricter than the standard: a Deny that cannot be decided is no way to a Permit.
    case 'permit-unless-deny':
      return has('deny') || has('indeterminate_deny') ? 'deny' : 'permit';
    case 'first-applicable': {
      const first = effects.find((effect) => effect !== 'not_applicable');
      if (!first) return 'not_applicable';
      return first === 'permit' || first === 'deny' ? first : 'indeterminate';
    }
  }
}

export const covers = (rule: Rule, action: string) =>
  rule.actions.length === 0 || rule.actions.includes(action);

/**
 * As many names and values as a policy may come to, each alternative with each action: 500 rules of
 * an ordinary kind.
 */
export const MOST_NODES = 20_000;

/**
 * Names and values of a policy once it is spelt out. Key roles count ten, as they are spelt out by
 * their names (xacml_print_model.ts).
 */
export function nodesOf(policy: Policy): number {
  return policy.rules.reduce((sum, rule) => {
    const subjects = rule.subjects.reduce(
      (all, one) => all + one.length * (one.some(({ kind }) => kind === 'key_role') ? 10 : 1),
      0,
    );
    return (
      sum +
      Math.max(1, subjects) * Math.max(1, rule.actions.length) +
      rule.when.reduce((all, one) => all + one.values.length, 0)
    );
  }, 0);
}

const keyOf = ({ kind, value, type, mustBePresent }: SubjectMatch) =>
  JSON.stringify([kind, value, type, mustBePresent]);

/** The same subjects once each, and in each alternative once each. */
export function distinct(subjects: SubjectMatch[][]): SubjectMatch[][] {
  const once = subjects.map((all) => [...new Map(all.map((one) => [keyOf(one), one])).values()]);
  return [...new Map(once.map((all) => [all.map(keyOf).join('\n'), all])).values()];
}

/** Actions that are named and that some rule permits; without instance or subject. */
export function actionsOf({ rules }: Policy): string[] {
  const permits = rules.filter((rule) => rule.effect === 'permit');
  const isForAll = permits.some((rule) => !rule.actions.length);
  return [...new Set((isForAll ? rules : permits).flatMap((rule) => rule.actions))].sort();
}

/** The index of a policy by subject: which kinds of subject could be permitted which action. */
export function indexOf(policy: Policy): { action: string; kind: SubjectKind; subject: string }[] {
  const rows = new Map<string, { action: string; kind: SubjectKind; subject: string }>();
  for (const rule of policy.rules.filter((candidate) => candidate.effect === 'permit')) {
    const subjects = rule.subjects.length
      ? rule.subjects.flat()
      : [{ kind: 'any' as const, value: '' }];
    for (const action of rule.actions.length ? rule.actions : ['*']) {
      for (const { kind, value } of subjects)
        rows.set(`${action} ${kind} ${value}`, { action, kind, subject: value });
    }
  }
  return [...rows.values()];
}

export const ACTION_ID = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
export const RESOURCE_ID = 'urn:altinn:resource';

/**
 * An instance by its own name: `<partyId>/<uuid>` of an app, or what its owner calls it; with or
 * without the URN (XACML 3.0).
 */
export const instanceName = (text: string) =>
  text.replace(/^urn:altinn:(?:resource:)?instance-id:/i, '');

/** The characters that an instance's name may have. */
export const isInstanceName = (text: string) => text.length <= 300 && /^[\x21-\x7e]+$/.test(text);

/**
 * The key of a right (as in Altinn 3): `01` and the SHA-256 of its resource attributes and
 * its action.
 */
export function rightKey(resource: string, action: string): string {
  const text = [
    `${RESOURCE_ID}:${resource}`.toLowerCase(),
    `${ACTION_ID}:${action}`.toLowerCase(),
  ].join(';');
  return `01${createHash('sha256').update(text).digest('hex')}`;
}

const PACKAGE = 'urn:altinn:accesspackage:';
const ACCESS_LIST = 'urn:altinn:access-list:';

/** Kinds whose value is one thing however it is written; in XACML the same. */
const CASELESS: SubjectKind[] = ['package', 'party', 'party_type'];

/**
 * A subject as a rule writes it: privatperson, keyrole, organization, organization:<number>,
 * accesslist:<id> of the resource's owner, accesslist:<number>:<id> of another, package:<code> or
 * its URN, username:<name>, partytype:<kind>, attribute:<name>=<value>,
 * register:<register>/<matter> (asked live), a party URN, or a role's code or URN.
 */
export function parseSubject(text: string): SubjectMatch {
  const lower = text.toLowerCase();
  const after = (prefix: string) =>
    lower.startsWith(prefix) ? text.slice(prefix.length) : undefined;
  if (text === 'privatperson') return { kind: 'self', value: '' };
  if (text === 'keyrole') return { kind: 'key_role', value: '' };
  if (text === 'organization') return { kind: 'organization', value: '' };
  if (text === 'anyone') return { kind: 'any', value: '' };
  const prefixes: [string, SubjectKind][] = [
    ['organization:', 'organization'],
    ['urn:altinn:organization:identifier-no:', 'organization'],
    ['urn:altinn:organizationnumber:', 'organization'],
    ['accesslist:', 'access_list'],
    [ACCESS_LIST, 'access_list'],
    ['package:', 'package'],
    [PACKAGE, 'package'],
    ['username:', 'username'],
    ['partytype:', 'party_type'],
    ['attribute:', 'attribute'],
    ['register:', 'register'],
    ['urn:altinn:party:uuid:', 'party'],
    ['urn:altinn:systemuser:uuid:', 'party'],
    ['urn:altinn:resource:delegation:', 'passed_on'],
  ];
  for (const [prefix, kind] of prefixes) {
    const value = after(prefix);
    if (value !== undefined)
      return { kind, value: CASELESS.includes(kind) ? value.toLowerCase() : value };
  }
  return { kind: 'role', value: after('role:') ?? text };
}

/** Kinds that are everything there is to say. */
const BARE: SubjectKind[] = ['self', 'key_role', 'any'];

/** Why a subject cannot be what its author means, where it is written as an object. */
export function writtenFault({ kind, value, type, mustBePresent }: SubjectMatch) {
  if (BARE.includes(kind) && value !== '') return `the subject ${kind} has no value`;
  return kind !== 'attribute' && (type !== undefined || mustBePresent !== undefined)
    ? `type and mustBePresent are of attributes, not of ${kind}`
    : undefined;
}

/** A subject that is written as an object, in the form in which it is stored. */
export const writtenSubject = ({
  kind,
  value,
  type = 'string',
  mustBePresent,
}: SubjectMatch): SubjectMatch => ({
  kind,
  value: CASELESS.includes(kind) ? value.toLowerCase() : value,
  ...(type === 'string' ? {} : { type }),
  ...(mustBePresent ? { mustBePresent } : {}),
});

/** The register of a subject `register:<register>/<matter>`, by its value. */
export const sourceOf = (value: string) => value.split('/', 1)[0]!;

/** The URN of a package, as the wire has it. */
export const packageUrn = (code: string) => PACKAGE + code;

/** A package's code from its code, `:code` or URN (as in Altinn 3). */
export const packageCode = (name: string) =>
  name.toLowerCase().replace(PACKAGE, '').replace(/^:/, '');
