// AuthZEN Authorization API 1.0: its entities become questions. Required members must be there and
// have their type; members that are not known are left unread. It knows no store.
import { anyPartyName, type PartyName } from '../party/model.ts';
import { instanceName } from '../resource/policy_model.ts';
import { LONGEST, MOST_TOLD, type NamedQuestion } from './question_model.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const NONE: Record<string, unknown> = {};
const propertiesOf = (entity: Record<string, unknown>) =>
  isObject(entity.properties) ? entity.properties : NONE;

/** Names and values within their limits. */
function isTold(properties: object): boolean {
  const values = Object.values(properties);
  return (
    values.length <= MOST_TOLD &&
    values.every((value) =>
      Array.isArray(value) ? value.length <= MOST_TOLD && value.every(isShort) : isShort(value),
    )
  );
}

const isShort = (value: unknown) => typeof value !== 'string' || value.length <= LONGEST;

/**
 * Remembers what was worked out of an object for as long as one request: many questions of a batch
 * share their entities.
 */
function remembered<Value>(work: (of: object) => Value): (of: object) => Value {
  const known = new Map<object, Value>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined || known.has(of)) return before as Value;
    const value = work(of);
    known.set(of, value);
    return value;
  };
}

/** What one request is read with. */
export interface Reading {
  isTold: (properties: object) => boolean;
  subject: Told;
  resource: Told;
  other: Told;
}
type Told = (properties: object) => Record<string, string[]>;

export const createReading = (): Reading => ({
  isTold: remembered(isTold),
  subject: remembered((properties) => scalars(properties, ['acr'])),
  resource: remembered((properties) => scalars(properties, [...PARTY, 'instance'])),
  other: remembered((properties) => scalars(properties, [])),
});

/** The first fault in what is asked, as the path of the member; undefined when it is whole. */
export function faultIn(
  request: unknown,
  required: string[],
  reading: Reading,
): string | undefined {
  if (!isObject(request)) return '/';
  for (const path of required) {
    const [entity = '', member] = path.split('.');
    if (!isObject(request[entity])) return `/${entity}`;
    const value = member && request[entity][member];
    if (member && (typeof value !== 'string' || value === '' || value.length > LONGEST))
      return `/${entity}/${member}`;
  }
  for (const name of ['subject', 'action', 'resource']) {
    const entity = request[name];
    if (entity === undefined) continue;
    if (!isObject(entity)) return `/${name}`;
    if (
      entity.properties !== undefined &&
      !(isObject(entity.properties) && reading.isTold(entity.properties))
    )
      return `/${name}/properties`;
  }
  const { context } = request;
  return context === undefined || (isObject(context) && reading.isTold(context))
    ? undefined
    : '/context';
}

export const WHOLE = ['subject.type', 'subject.id', 'action.name', 'resource.type', 'resource.id'];

/**
 * An evaluation of many: what it leaves out is what all share; of an entity that it names in part,
 * type and id.
 */
export function withDefaults(shared: Record<string, unknown>, own: unknown): unknown {
  if (!isObject(own)) return own;
  const merged: Record<string, unknown> = {};
  for (const name of ['subject', 'action', 'resource', 'context']) {
    const [mine, theirs] = [own[name], shared[name]];
    if (mine === undefined) merged[name] = theirs;
    else if (name !== 'context' && isObject(mine) && isObject(theirs)) {
      const lacks = ['type', 'id', 'name'].filter(
        (key) => mine[key] === undefined && theirs[key] !== undefined,
      );
      merged[name] = { ...mine, ...Object.fromEntries(lacks.map((key) => [key, theirs[key]])) };
    } else merged[name] = mine;
  }
  return merged;
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
    anyPartyName(id) ??
    (/^[^\s:]{1,200}$/.test(id) ? { by: 'username', value: id.toLowerCase() } : undefined)
  );
}

/** The name that an answer gives a party: what it can be asked with again. */
export const idOf = (party: { id: string; username: string | null; kind: string }) =>
  party.kind === 'self_identified' && party.username ? party.username : party.id;

const scalars = (properties: object, but: string[]): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !but.includes(name))
      .map(([name, value]): [string, string[]] => [
        name,
        [value]
          .flat()
          .filter((one) => ['string', 'number', 'boolean'].includes(typeof one))
          .map(String),
      ])
      .filter(([, values]) => values.length),
  );

/** Names of properties of the resource that say for whom, and on which instance. */
const PARTY = ['party', 'from', 'on_behalf_of'];

/** The question, or the path of what cannot be understood. */
export function questionOf(
  request: Record<string, unknown>,
  reading: Reading,
): NamedQuestion | { path: string } {
  const entity = (name: string) => (isObject(request[name]) ? request[name] : {});
  const [subject, action, resource] = [entity('subject'), entity('action'), entity('resource')];
  const properties = propertiesOf(resource);
  const partyMember = PARTY.find((name) => properties[name] !== undefined);
  const party = partyMember === undefined ? undefined : properties[partyMember];
  const from = party === undefined ? null : typeof party === 'string' ? nameOf(party) : undefined;
  if (from === undefined) return { path: `/resource/properties/${partyMember}` };
  const instance = properties.instance;
  if (instance !== undefined && typeof instance !== 'string')
    return { path: '/resource/properties/instance' };
  return {
    subject: typeof subject.id === 'string' ? (nameOf(subject.id) ?? null) : null,
    from,
    action: typeof action.name === 'string' ? action.name : '',
    resource:
      typeof resource.id === 'string'
        ? resource.id.toLowerCase().replace(/^urn:altinn:resource:/, '')
        : '',
    instance: instance === undefined ? null : instanceName(instance),
    attributes: {
      subject: reading.subject(propertiesOf(subject)),
      action: reading.other(propertiesOf(action)),
      resource: reading.resource(properties),
      environment: reading.other(entity('context')),
    },
  };
}

/** The level that the asker says the subject has, as an acr or a number. */
export const acrIn = (request: Record<string, unknown>): unknown =>
  isObject(request.subject) ? propertiesOf(request.subject).acr : undefined;

/** Whether a resource type names this resource: its own type, or what we call every resource. */
export const isType = (type: unknown, resourceType: string) =>
  typeof type === 'string' &&
  ['resource', 'urn:altinn:resource', resourceType.toLowerCase()].includes(type.toLowerCase());
