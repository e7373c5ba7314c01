// Targets of XACML as our rules: what must match is brought to alternatives, each alternative to
// subjects, actions and conditions, and those that differ in one of them only are joined again.
// Pure.
import type { Pace } from '../../platform/pace.ts';
import { patternFault } from './pattern_model.ts';
import { canonical, VALUE_TYPES, type ValueType } from './value_model.ts';
import {
  ACTION_ID,
  RESOURCE_ID,
  type Category,
  type Condition,
  type Rule,
  type SubjectMatch,
} from './model.ts';

/** One Match as it is written. */
export interface Match {
  function: string;
  category: string;
  attribute: string;
  value: string;
  /** The value as it is written, white space and all. */
  written: string;
  /** XML Schema's name of its type. */
  dataType: string;
  mustBePresent: boolean;
}
/** Matches that must all hold. */
export type Conjunction = Match[];

/**
 * How many matches (A or B) and (C or D) come to once they are spelt out as AC, AD, BC, BD; counted
 * without spelling them out.
 */
export function sizeOf(anyOfs: Conjunction[][]): number {
  const alternatives = anyOfs.reduce((product, anyOf) => product * anyOf.length, 1);
  return (
    alternatives *
    anyOfs.reduce(
      (sum, anyOf) => sum + anyOf.reduce((most, all) => Math.max(most, all.length), 0),
      1,
    )
  );
}

/** (A or B) and (C or D) as the alternatives AC, AD, BC, BD, one at a time. */
function* conjunctions(anyOfs: Conjunction[][]): Generator<Conjunction> {
  const at = anyOfs.map(() => 0);
  for (let turned = 0; turned >= 0; ) {
    yield anyOfs.flatMap((anyOf, index) => anyOf[at[index]!]!);
    // The last wheel turns; one that comes around turns the wheel before it.
    for (turned = at.length - 1; turned >= 0; turned -= 1) {
      at[turned]! += 1;
      if (at[turned]! < anyOfs[turned]!.length) break;
      at[turned] = 0;
    }
  }
}

const CATEGORIES: Record<string, Category> = {
  'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject': 'subject',
  'urn:oasis:names:tc:xacml:3.0:attribute-category:action': 'action',
  'urn:oasis:names:tc:xacml:3.0:attribute-category:resource': 'resource',
  'urn:oasis:names:tc:xacml:3.0:attribute-category:environment': 'environment',
};
const FUNCTIONS: Record<string, { how: Condition['match']; type: ValueType }> = {
  ...Object.fromEntries(
    VALUE_TYPES.map((type) => [
      `urn:oasis:names:tc:xacml:1.0:function:${type}-equal`,
      { how: 'equal' as const, type },
    ]),
  ),
  'urn:oasis:names:tc:xacml:1.0:function:string-equal-ignore-case': {
    how: 'equal_ignore_case',
    type: 'string',
  },
  'urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case': {
    how: 'equal_ignore_case',
    type: 'string',
  },
  'urn:oasis:names:tc:xacml:1.0:function:string-regexp-match': { how: 'regexp', type: 'string' },
};

/** Own members only: `toString` is the name of no function of XACML's. */
const own = <Value>(table: Record<string, Value>, name: string) =>
  Object.hasOwn(table, name) ? table[name] : undefined;

interface About {
  id: string;
  effect: 'permit' | 'deny';
  resource: string;
  ordered: boolean;
}
interface Parts {
  subjects: SubjectMatch[];
  actions: string[];
  when: Condition[];
}
type Refuse = (why: string) => never;

/** The rules that together say what the alternatives say. */
export async function toRules(
  anyOfs: Conjunction[][],
  about: About,
  refuse: Refuse,
  pace: Pace,
): Promise<Rule[]> {
  const parts: Parts[] = [];
  for (const all of conjunctions(anyOfs)) {
    const one = partsOf(all, about, refuse);
    if (one) parts.push(one);
    await pace();
  }
  if (about.ordered && parts.some((one) => one.when.some((condition) => condition.mustBePresent))) {
    refuse('MustBePresent with first-applicable is not supported');
  }
  // First those that differ in subjects only, then those that differ in actions only.
  const bySubjects = (
    await group(parts, (one) => JSON.stringify([one.actions, one.when]), pace)
  ).map((alike) => ({ ...alike[0]!, alternatives: alike.map((one) => one.subjects) }));
  const byActions = await group(
    bySubjects,
    (one) => JSON.stringify([one.alternatives, one.when]),
    pace,
  );
  return byActions.map((alike, index): Rule => {
    const [first] = alike;
    const open = first!.alternatives.some((all) => all.length === 0);
    return {
      id: byActions.length === 1 ? about.id : `${about.id}#${index + 1}`,
      effect: about.effect,
      when: first!.when,
      actions: alike.some((one) => one.actions.length === 0)
        ? []
        : [...new Set(alike.flatMap((one) => one.actions))],
      subjects: open ? [] : first!.alternatives,
    };
  });
}

async function group<Item>(
  items: Item[],
  keyOf: (item: Item) => string,
  pace: Pace,
): Promise<Item[][]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const known = groups.get(key);
    if (known) known.push(item);
    else groups.set(key, [item]);
    await pace();
  }
  return [...groups.values()];
}

/** One alternative; undefined when it can never hold, such as two different actions at once. */
function partsOf(all: Conjunction, about: About, refuse: Refuse): Parts | undefined {
  const parts: Parts = { subjects: [], actions: [], when: [] };
  const named = new Map<string, string>();
  for (const match of all) {
    const category =
      own(CATEGORIES, match.category) ?? refuse(`the category ${match.category} is not supported`);
    const { how, type } =
      own(FUNCTIONS, match.function) ?? refuse(`the function ${match.function} is not supported`);
    if (match.dataType !== type)
      refuse(`${match.attribute}: ${match.function} compares ${type}, not ${match.dataType}`);
    if (!match.value) refuse(`${match.attribute} is matched with nothing`);
    // Where it would not apply with us and be indeterminate by the standard, or match more, a
    // refusal could be lost.
    const strict = about.effect === 'deny' || about.ordered;
    if (strict && category === 'subject' && match.mustBePresent)
      refuse(
        `MustBePresent of ${match.attribute} is not supported in a Deny rule or with first-applicable`,
      );
    if (
      strict &&
      how === 'equal_ignore_case' &&
      (category === 'action' ||
        (category === 'subject' && subjectOf(match, how, refuse).kind === 'attribute'))
    ) {
      refuse(
        `matching ${match.attribute} without case is not supported in a Deny rule or with first-applicable`,
      );
    }
    if (category === 'subject')
      parts.subjects.push(typed(subjectOf(match, how, refuse), match, type));
    else if (category === 'action' && match.attribute === ACTION_ID) {
      if (how === 'regexp') refuse('an action cannot be matched by a pattern');
      parts.actions.push(match.value);
    } else if (
      category === 'resource' &&
      [RESOURCE_ID, 'urn:altinn:org', 'urn:altinn:app'].includes(match.attribute)
    ) {
      if (named.has(match.attribute) && named.get(match.attribute) !== match.value)
        return undefined;
      named.set(match.attribute, match.value);
    } else parts.when.push(conditionOf(match, category, { how, type }, refuse));
  }
  if (new Set(parts.actions).size > 1) return undefined;
  parts.actions = parts.actions.slice(0, 1);
  const resource =
    named.get(RESOURCE_ID) ??
    (named.has('urn:altinn:app')
      ? `app_${named.get('urn:altinn:org') ?? ''}_${named.get('urn:altinn:app')}`
      : about.resource);
  if (resource.toLowerCase() !== about.resource.toLowerCase())
    refuse(`it is about the resource ${resource}`);
  return parts;
}

/** An attribute that the asker sends is compared by its type, and may be required. */
const typed = (subject: SubjectMatch, match: Match, type: ValueType): SubjectMatch =>
  subject.kind === 'attribute'
    ? {
        ...subject,
        ...(type === 'string' ? {} : { type }),
        ...(match.mustBePresent ? { mustBePresent: true } : {}),
      }
    : subject;

function conditionOf(
  match: Match,
  category: Category,
  { how, type }: { how: Condition['match']; type: ValueType },
  refuse: Refuse,
): Condition {
  if (canonical(type, match.written) === undefined)
    refuse(`${match.attribute}: ${match.value} is no ${type}`);
  const why = how === 'regexp' ? patternFault(match.value) : undefined;
  if (why) refuse(`the pattern of ${match.attribute} ${why}`);
  return {
    category,
    name: match.attribute,
    values: [match.written],
    match: how,
    ...(type === 'string' ? {} : { type }),
    ...(match.mustBePresent ? { mustBePresent: true } : {}),
  };
}

/**
 * A subject attribute as what a subject is or holds. Roles keep their written name; the catalogue
 * knows them.
 */
function subjectOf(
  { attribute, value, written }: Match,
  how: Condition['match'],
  refuse: Refuse,
): SubjectMatch {
  if (how === 'regexp') refuse('a subject cannot be matched by a pattern');
  switch (attribute.toLowerCase()) {
    case 'urn:altinn:rolecode':
      return { kind: 'role', value: `${attribute}:${value}` };
    case 'urn:altinn:accesspackage':
      return { kind: 'package', value: value.toLowerCase() };
    case 'urn:altinn:organization:identifier-no':
    case 'urn:altinn:organizationnumber':
      return { kind: 'organization', value };
    case 'urn:altinn:party:uuid':
    case 'urn:altinn:systemuser:uuid':
    case 'urn:altinn:person:uuid':
    case 'urn:altinn:organization:uuid':
      return { kind: 'party', value: value.toLowerCase() };
    case 'urn:altinn:partytype':
      return { kind: 'party_type', value: value.toLowerCase() };
    case 'urn:altinn:access-list':
      return { kind: 'access_list', value: value.replace(/^urn:altinn:access-list:/i, '') };
    case 'urn:tillit:register':
      return { kind: 'register', value };
    case 'urn:tillit:keyrole':
      return { kind: 'key_role', value: '' };
    case 'urn:altinn:username':
      return { kind: 'username', value };
    case 'urn:altinn:resource:delegation':
      return { kind: 'passed_on', value };
    case 'urn:altinn:userid':
    case 'urn:altinn:partyid':
    case 'urn:altinn:person:identifier-no':
    case 'urn:altinn:sessionid':
      return refuse(`a rule for one ${attribute} is not supported; name the party's UUID`);
    default:
      return /^urn:(altinn:(role|external-role)(:|$)|digitaltdodsbo:rolecode)/i.test(attribute)
        ? { kind: 'role', value: `${attribute}:${value}` }
        : { kind: 'attribute', value: `${attribute}=${written}` };
  }
}
