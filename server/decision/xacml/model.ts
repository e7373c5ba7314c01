// The JSON profile of XACML 3.0, as Altinn 3 asks and answers it: requests become questions,
// decisions become results. Names are read in any case; a request that cannot be built is one
// Indeterminate, never a guess. It knows no store.
import type { Pace } from '../../platform/pace.ts';
import { namesParty, type PartyName } from '../../party/model.ts';
import {
  ACTION_ID,
  instanceName,
  RESOURCE_ID,
  type Category,
  type GivenValue,
} from '../../resource/policy/model.ts';
import type { NamedQuestion } from '../rules/question_model.ts';
import {
  type Attribute,
  type Entity,
  CATEGORIES,
  members,
  listOf,
  readEntity,
} from './entity_model.ts';
import { textOf } from '../../platform/as_text.ts';

/** As many as one request of many may name. */
const MOST_ENTITIES = 20;
/**
 * The most characters that all requests of one call may repeat together: ten thousand requests of
 * ordinary size.
 */
const MOST_REPEATED = 32 * 1024 * 1024;

/**
 * A question with what its answer must repeat; every name it has for its parties, of which the
 * first is asked with.
 */
export interface AskedDecision {
  question: NamedQuestion;
  subjects: PartyName[];
  givers: PartyName[];
  echo: Entity[];
}

export interface Unbuildable {
  why: string;
  status: 'syntax-error' | 'processing-error';
}

export interface XacmlRequest {
  asked: (AskedDecision | Unbuildable)[];
  wantsPolicyIds: boolean;
}
export const CATEGORY_IDS: Record<Category, string> = {
  subject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
  action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
  resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
  environment: 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment',
};

const fails = (why: string, status: Unbuildable['status'] = 'processing-error'): Unbuildable => ({
  why,
  status,
});

/** Everything that is asked, in order; `undefined` when it is no request at all. */
export async function readRequest(body: unknown, pace: Pace): Promise<XacmlRequest> {
  const request = members(members(body)?.get('request'));
  if (!request)
    return { asked: [fails('Request is missing', 'syntax-error')], wantsPolicyIds: false };
  const wantsPolicyIds = request.get('returnpolicyidlist') === true;
  const all: Entity[] = [];
  for (const [name, entry] of entriesOf(request)) {
    await pace();
    const entity = readEntity(entry, CATEGORIES.get(name));
    if (!entity)
      return {
        asked: [fails('a category or an attribute does not have its shape', 'syntax-error')],
        wantsPolicyIds,
      };
    all.push(entity);
  }
  const references = listOf(members(request.get('multirequests'))?.get('requestreference'));
  if (references.length < 2 && references.length !== 1)
    return { asked: [build(all)], wantsPolicyIds };
  const byId = new Map(
    all.filter((entity) => entity.id !== undefined).map((entity) => [entity.id!, entity]),
  );
  let repeated = 0;
  const asked: (AskedDecision | Unbuildable)[] = [];
  for (const reference of references) {
    await pace();
    const ids = listOf(members(reference)?.get('referenceid')).slice(0, MOST_ENTITIES + 1);
    const found = ids.map((id) => byId.get(textOf(id) ?? ''));
    repeated += found.reduce((sum, entity) => sum + (entity?.size ?? 0), 0);
    if (ids.length > MOST_ENTITIES) asked.push(fails('a reference names more than 20 ids'));
    else if (repeated > MOST_REPEATED)
      asked.push(fails('a reference makes the request larger than 32 MiB'));
    else
      asked.push(
        ids.length && !found.includes(undefined)
          ? build(found as Entity[])
          : fails('a reference names an id that is not there'),
      );
    if (repeated > MOST_REPEATED) break;
  }
  // A request that cannot be built makes one answer for the whole call.
  const broken = asked.find((one) => 'why' in one && one.why.startsWith('a reference'));
  return { asked: broken ? [broken] : asked, wantsPolicyIds };
}

/**
 * Every entity with the name of its category: the four that have a member of their own, and those
 * in `Category`.
 */
function entriesOf(request: Map<string, unknown>): [category: string, entry: unknown][] {
  return [
    ...['accesssubject', 'action', 'resource', 'environment'].flatMap((name) =>
      listOf(request.get(name)).map((entry): [string, unknown] => [name, entry]),
    ),
    ...listOf(request.get('category')).map((entry): [string, unknown] => [
      (textOf(members(entry)?.get('categoryid')) ?? '').toLowerCase(),
      entry,
    ]),
  ];
}

function build(entities: Entity[]): AskedDecision | Unbuildable {
  const all = (category: Category) => entities.filter((entity) => entity.category === category);
  const of = (category: Category) => all(category).flatMap((entity) => entity.attributes);
  const told = (category: Category) => merged(all(category).map((entity) => entity.told));
  const first = (attributes: Attribute[], id: string) =>
    attributes.find((one) => one.id.toLowerCase() === id)?.values[0];
  const subject = of('subject');
  const resource = of('resource');
  const actions = of('action');
  const action = first(actions, ACTION_ID);
  // An attribute that rules compare as text has no other type.
  const isText = actions.every(({ id, type = 'string' }) => id !== ACTION_ID || type === 'string');
  const named = (category: Category) => all(category).map((entity) => entity.named);
  if ([...named('subject'), ...named('resource')].includes(undefined))
    return fails("a party's number or id does not have its shape");
  const clash =
    conflict(subject) ??
    ambiguous(resource, RESOURCE_ID, 'urn:altinn:org', 'urn:altinn:app', ...INSTANCE) ??
    ambiguous(of('action'), ACTION_ID);
  if (clash) return fails(clash);
  const [org, app] = [first(resource, 'urn:altinn:org'), first(resource, 'urn:altinn:app')];
  const id = first(resource, RESOURCE_ID) ?? (org && app ? `app_${org}_${app}` : undefined);
  const on = first(resource, INSTANCE[0]) ?? first(resource, INSTANCE[1]);
  if (!id && on === undefined) return fails('the request names no resource');
  if (!action || !isText) return fails('the request names no action');
  const [subjects, givers] = [
    named('subject').flatMap((parties) => parties!),
    named('resource').flatMap((parties) => parties!),
  ];
  const instance = on === undefined ? null : instanceName(on);
  // An instance of an app is named by its owner's party id, <partyId>/<uuid>: one more name of who
  // is represented.
  const owner = /^(\d{1,15})\//.exec(instanceName(first(resource, INSTANCE[1]) ?? ''))?.[1];
  if (owner) givers.push({ by: 'partyId', value: owner });
  return {
    subjects,
    givers,
    echo: entities,
    question: {
      subject: subjects[0] ?? null,
      isUnnamed: subjects.length === 0,
      from: givers[0] ?? null,
      action,
      resource: id?.toLowerCase() ?? '',
      instance,
      attributes: {
        subject: told('subject'),
        action: told('action'),
        resource: told('resource'),
        environment: told('environment'),
      },
    },
  };
}

const INSTANCE = ['urn:altinn:resource:instance-id', 'urn:altinn:instance-id'] as const;

/**
 * Each of these attributes has one value in a request: the answer is about what it names, or there
 * is none.
 */
function ambiguous(attributes: Attribute[], ...ids: string[]): string | undefined {
  const id = ids.find(
    (one) =>
      new Set(
        attributes
          .filter((attribute) => attribute.id.toLowerCase() === one)
          .flatMap(({ values }) => values),
      ).size > 1,
  );
  return id && `the request has several values of ${id}`;
}

/**
 * Subjects that contradict each other. Whether several names are of one
 * party is asked of the store.
 */
function conflict(subject: Attribute[]): string | undefined {
  const has = (...ids: string[]) =>
    subject.some((one) => ids.includes(one.id.toLowerCase()) && one.values.length > 0);
  const named = subject.filter((one) => namesParty(one.id)).length;
  if (has('urn:altinn:systemuser:uuid') && named > 1)
    return 'a system user must be the only subject';
  const person = has('urn:altinn:person:identifier-no', 'urn:altinn:ssn');
  if (person && has('urn:altinn:userid'))
    return 'a user id and a person cannot both be the subject';
  if (person && has('urn:altinn:organization:identifier-no', 'urn:altinn:organizationnumber'))
    return 'an organization and a person cannot both be the subject';
  return undefined;
}

/**
 * The attributes of several entities of one category together; a single entity's are returned as
 * they are, since many requests may share it.
 */
function merged(told: Record<string, GivenValue[]>[]): Record<string, GivenValue[]> {
  if (told.length < 2) return told[0] ?? {};
  const all = new Map<string, GivenValue[]>();
  for (const one of told)
    for (const [name, values] of Object.entries(one))
      all.set(name, [...(all.get(name) ?? []), ...values]);
  return Object.fromEntries(all);
}
