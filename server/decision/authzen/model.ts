// AuthZEN Authorization API 1.0: its entities, of the shape that their operation says, become
// questions. It knows no store.
import { anyPartyName, type PartyName } from '../../party/model.ts';
import { INCOMPARABLE } from '../../resource/policy/value_model.ts';
import { instanceName } from '../../resource/policy/model.ts';
import type { Facts } from '../rules/facts_model.ts';
import type { Decision } from '../rules/reason_model.ts';
import { DERIVED, type NamedQuestion } from '../rules/question_model.ts';
import { asText } from '../../platform/as_text.ts';

/** An entity's name, and the properties that the asker sends with it. */
interface Entity {
  type?: string;
  id?: string;
  name?: string;
  properties?: Properties;
}
type Properties = Record<string, unknown>;
/** A request as its operation's shape has it. */
export interface AskedEvaluation {
  subject?: Entity;
  action?: Entity;
  resource?: Entity;
  context?: Properties;
}
const NOTHING: Properties = {};

/**
 * Remembers what was worked out of an object for as long as one request: many questions of a batch
 * share their entities.
 */
function remembered<Value>(work: (of: object) => Value): (of: object) => Value {
  const known = new Map<object, Value>();
  return (of) => {
    const value = known.get(of) ?? work(of);
    known.set(of, value);
    return value;
  };
}

/** The settings with which one request is read. */
export interface Reading {
  subject: Told;
  resource: Told;
  other: Told;
}
type Told = (properties: object) => Record<string, string[]>;

export const createReading = (): Reading => ({
  subject: remembered((properties) => scalars(properties, ['acr'])),
  resource: remembered((properties) => scalars(properties, [...PARTY, 'instance'])),
  other: remembered((properties) => scalars(properties, [])),
});

const ENTITIES = ['subject', 'action', 'resource'] as const;

/**
 * An evaluation of many: what it leaves out is what all share; of an entity that it names in part,
 * type and id.
 */
export function withDefaults(shared: AskedEvaluation, own: AskedEvaluation): AskedEvaluation {
  const merged: AskedEvaluation = { ...own };
  for (const name of ENTITIES) {
    const { properties: _shared, ...named } = shared[name] ?? NOTHING_NAMED;
    if (own[name]) merged[name] = { ...named, ...own[name] };
    else if (shared[name]) merged[name] = shared[name];
  }
  merged.context ??= shared.context ?? NOTHING;
  return merged;
}

const NOTHING_NAMED: Entity = {};

/** The path of what a whole evaluation must have and this one lacks. */
export function lackOf({ subject, action, resource }: AskedEvaluation): string | undefined {
  if (!subject) return '/subject';
  if (subject.type === undefined) return '/subject/type';
  if (subject.id === undefined) return '/subject/id';
  if (action?.name === undefined) return action ? '/action/name' : '/action';
  if (!resource) return '/resource';
  if (resource.type === undefined) return '/resource/type';
  return resource.id === undefined ? '/resource/id' : undefined;
}

/**
 * Kinds of party that a subject type stands for; undefined for a type that is not known, null for
 * any.
 */
export function kindsOf(type: string): string[] | null | undefined {
  switch (type.toLowerCase()) {
    case 'user':
      return ['person', 'self_identified'];
    case 'person':
      return ['person'];
    case 'organization':
    case 'organisation':
      return ['organization', 'subunit'];
    case 'system_user':
    case 'systemuser':
      return ['system_user'];
    case 'self_identified':
      return ['self_identified'];
    case 'party':
    case 'identity':
      return null;
    default:
      return undefined;
  }
}

/**
 * A subject or a party by its id: a URN, a UUID, a number, or the name of a self-identified user.
 */
export function nameOf(id: string): PartyName | undefined {
  return (
    anyPartyName(id) ?? (/^[^\s:]{1,200}$/.test(id) ? { by: 'username', value: id } : undefined)
  );
}

/** The name that an answer gives a party: what it can be asked with again. */
export const entityId = (party: { id: string; username: string | null }) =>
  party.username ?? party.id;

/**
 * The mandates that a decision rests on, with the groups by which their receivers have them: by id,
 * as what a company calls a group is its own.
 */
export function groundsOf(
  { mandates }: Pick<Decision, 'mandates'>,
  facts: Pick<Facts, 'mandates'>,
): { mandates: string[]; groups?: string[] } {
  const carrying = facts.mandates.filter(({ id }) => mandates.includes(id));
  const groups = [...new Set(carrying.flatMap(({ group }) => group ?? []))];
  return { mandates, ...(groups.length ? { groups } : {}) };
}

const scalars = (properties: object, but: string[]): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !but.includes(name) && !DERIVED.test(name))
      .map(([name, value]): [string, string[]] => [
        name,
        [value]
          .flat()
          // A value that is not one cannot be compared: a Deny that asks for it must not lead to a
          // Permit.
          .map((one) =>
            ['string', 'number', 'boolean'].includes(typeof one) ? asText(one) : INCOMPARABLE,
          ),
      ])
      .filter(([, values]) => values.length),
  );

/** Types of a resource that is named by one instance of it alone. */
const INSTANCES = ['instance', 'urn:altinn:instance-id', 'urn:altinn:resource:instance-id'];
/** Names of properties of the resource that say for whom, and on which instance. */
const PARTY = ['party', 'from', 'on_behalf_of'];

/** The question, or the path of what cannot be understood. */
export function questionOf(
  asked: AskedEvaluation,
  reading: Reading,
): NamedQuestion | { path: string } {
  const { subject = {}, action = {}, resource = {}, context = NOTHING } = asked;
  const properties = resource.properties ?? NOTHING;
  const [named] = PARTY.flatMap((name) => {
    const value = properties[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const from = named && typeof named.value === 'string' ? nameOf(named.value) : undefined;
  if (named && !from) return { path: `/resource/properties/${named.name}` };
  const { instance: part } = properties;
  if (part !== undefined && typeof part !== 'string')
    return { path: '/resource/properties/instance' };
  const isInstance = INSTANCES.includes(resource.type?.toLowerCase() ?? '');
  const instance = isInstance ? resource.id : part;
  return {
    subject: subject.id === undefined ? null : (nameOf(subject.id) ?? null),
    // A type that is no party's: whatever it is called, it is none that we know.
    isUnnamed: kindsOf(subject.type ?? '') === undefined,
    from: from ?? null,
    action: action.name ?? '',
    resource: isInstance
      ? ''
      : (resource.id?.toLowerCase().replace(/^urn:altinn:resource:/, '') ?? ''),
    instance: instance === undefined ? null : instanceName(instance),
    attributes: {
      subject: reading.subject(subject.properties ?? NOTHING),
      action: reading.other(action.properties ?? NOTHING),
      resource: reading.resource(properties),
      environment: reading.other(context),
    },
  };
}

/** Whether a resource type names this resource: its own type, or what we call every resource. */
export const isType = (type: string, resourceType: string) =>
  [...INSTANCES, 'resource', 'urn:altinn:resource', resourceType.toLowerCase()].includes(
    type.toLowerCase(),
  );
