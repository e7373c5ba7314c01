// Rights of a test's own: resources with rules, mandates through the import, and questions to the
// decision point as an enforcement point asks them.
import type { Static } from 'typebox';
import type { AuthorizedParty } from '../../../server/decision/authzen/shapes.ts';
import { createDeciding, type NewAct } from '../../../server/decision/act.ts';
import { createKnowledge } from '../../../server/resource/catalogue/catalogue.ts';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type Answer,
  asImported,
  call,
  importThis,
  lastName,
  organizationToken,
  outsideToken,
  personToken,
  type TestParty,
  unborn,
  world,
} from '../world.ts';

export const OWNER = '211104015';
export const AUTHORIZE = '/authorization/api/v1/authorize';
const ACTION = 'urn:oasis:names:tc:xacml:1.0:action:action-id';

export const pdpToken = (scope = 'altinn:authorization/authorize.admin', organizationNo = OWNER) =>
  outsideToken({
    scope,
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${organizationNo}` },
  });

/** A resource of the test directorate with these rules; answers with its id. */
export async function newResource(rules: object[], changes: object = {}): Promise<string> {
  const identifier = `test-${randomUUID()}`;
  await importThis({
    resources: [
      {
        identifier,
        owner: OWNER,
        resourceType: 'GenericAccessResource',
        title: { nb: 'Prøve', nn: 'Prøve' },
        rules,
        ...changes,
      },
    ],
  });
  return identifier;
}

/** A resource whose consent these may give, and anybody ask for. */
export const newConsentResource = (subjects: (string | string[])[], changes: object = {}) =>
  newResource(
    [
      { action: 'consent', subjects },
      { action: 'requestconsent', subjects: ['anyone'] },
    ],
    {
      resourceType: 'Consent',
      consentTemplate: 'default',
      consentText: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      title: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' },
      ...changes,
    },
  );

const asOwner = () =>
  organizationToken({ number: OWNER } as TestParty, 'altinn:resourceregistry/resource.write');
const REGISTRY = '/resourceregistry/api/v1/resource';

/** Its owner takes the resource out of use. */
export async function endResource(resource: string): Promise<void> {
  const { status } = await call('DELETE', `${REGISTRY}/${resource}`, await asOwner());
  assert.equal(status, 204);
}

/** Its owner publishes another policy. */
export const putPolicy = async (
  resource: string,
  policy: object | string,
  headers: Record<string, string> = {},
) => call('PUT', `${REGISTRY}/${resource}/policy`, await asOwner(), policy, headers);

/** What a request for it has. */
export const rightTo = (resource: string) => ({
  consentRights: [
    { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: resource }] },
  ],
});

export const can = (action: string, ...subjects: (string | string[])[]) => ({ action, subjects });

export const newMandate = (
  from: TestParty,
  to: { number: string } | { id: string },
  what: object,
) =>
  importThis({
    mandates: [{ from: from.number, to: 'number' in to ? to.number : to.id, ...what }],
  });

export const subjectOf = (party: { id: string }) => [
  { AttributeId: 'urn:altinn:party:uuid', Value: party.id },
];

/** One question in XACML; `from` is left out when the question is for nobody. */
export const xacml = (
  subject: { id: string },
  action: string,
  resource: string,
  from?: { id: string },
  extra: object[] = [],
) => ({
  Request: {
    AccessSubject: [{ Attribute: subjectOf(subject) }],
    Action: [{ Attribute: [{ AttributeId: ACTION, Value: action }] }],
    Resource: [
      {
        Attribute: [
          { AttributeId: 'urn:altinn:resource', Value: resource },
          ...(from ? [{ AttributeId: 'urn:altinn:party:uuid', Value: from.id }] : []),
          ...extra,
        ],
      },
    ],
  },
});

/** The decision, as the wire has it. */
export async function decide(
  subject: { id: string; username?: string },
  action: string,
  resource: string,
  from?: { id: string },
  extra: Extra[] = [],
): Promise<string> {
  const asked = xacml(subject, action, resource, from, extra);
  return (await told('POST', AUTHORIZE, await pdpToken(), asked)).response[0].decision;
}

/** One of many questions, by ids. */
export interface Question {
  subject: string;
  action: string;
  resource: string;
  from: string;
}

/** Whether each is permitted, all of them in one multi request. */
export async function permitsEach(asked: Question[]): Promise<boolean[]> {
  if (!asked.length) return [];
  const attribute = (AttributeId: string, Value: string) => ({ AttributeId, Value });
  const once = (keys: string[]) => [...new Set(keys)];
  const { status, body, text } = await call('POST', AUTHORIZE, await pdpToken(), {
    Request: {
      AccessSubject: once(asked.map(({ subject }) => subject)).map((id) => ({
        Id: `s ${id}`,
        Attribute: [attribute('urn:altinn:party:uuid', id)],
      })),
      Action: once(asked.map(({ action }) => action)).map((action) => ({
        Id: `a ${action}`,
        Attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', action)],
      })),
      Resource: once(asked.map(({ resource, from }) => `${resource} ${from}`)).map((key) => {
        const [resource, from] = key.split(' ') as [string, string];
        return {
          Id: `r ${key}`,
          Attribute: [
            attribute('urn:altinn:resource', resource),
            attribute('urn:altinn:party:uuid', from),
          ],
        };
      }),
      MultiRequests: {
        RequestReference: asked.map(({ subject, action, resource, from }) => ({
          ReferenceId: [`s ${subject}`, `a ${action}`, `r ${resource} ${from}`],
        })),
      },
    },
  });
  assert.equal(status, 200, text);
  return body.response.map((result: { decision: string }) => result.decision === 'Permit');
}

/** The same, asked at every door, which must all say it. */
export async function decideEverywhere(...asked: Parameters<typeof decide>): Promise<string> {
  const [subject, action, resource, from, extra = []] = asked;
  const single = await decide(...asked);
  const { Request } = xacml(subject, action, resource, from, extra);
  const all = { subject, action, resource, from, extra, Request };
  for (const [door, permits] of Object.entries(await otherDoors(await pdpToken(), all))) {
    assert.equal(permits, single === 'Permit', `${door} differs from XACML's ${single}`);
  }
  if (single === 'Permit' && from && extra.length === 0) {
    assert.ok(
      await isAuthorized(subject, resource, from),
      'authorized parties lack what is permitted',
    );
  }
  return single;
}

/** A party that somebody may act for, as both APIs list it. */
type ListedParty = Static<typeof AuthorizedParty> & { subunits: ListedParty[] };

const withSubunits = (list: ListedParty[]) => list.flatMap((one) => [one, ...one.subunits]);

/** The parties that a list says one may act for: not those that only hold their sub-units. */
export const actedFor = (list: ListedParty[]) =>
  withSubunits(list).filter((one) => !one.onlyHierarchyElementWithNoAccess);

/** Whether the subject's authorized parties have the resource for the party. */
async function isAuthorized(
  subject: { id: string },
  resource: string,
  from: { id: string },
): Promise<boolean> {
  const parties = await told(
    'POST',
    '/accessmanagement/api/v1/serviceowner/authorizedparties?includeResources=true&includeInactiveParties=true',
    await pdpToken('altinn:accessmanagement/authorizedparties.admin'),
    { type: 'urn:altinn:party:uuid', value: subject.id },
  );
  return withSubunits(parties).some(
    (one) => one.partyUuid === from.id && one.authorizedResources.includes(resource),
  );
}

export type Extra = { AttributeId: string; Value: string };

interface Everywhere {
  subject: { id: string; username?: string };
  action: string;
  resource: string;
  from: { id: string } | undefined;
  extra: Extra[];
  Request: ReturnType<typeof xacml>['Request'];
}

/** Whether each of the other doors permits. */
async function otherDoors(token: string, asked: Everywhere): Promise<Record<string, boolean>> {
  const { subject, action, resource, from, extra, Request } = asked;
  const on = extra.find(({ AttributeId }) => AttributeId === instance('').AttributeId);
  if (extra.length > (on ? 1 : 0)) return {};
  const properties = { ...(from ? { party: from.id } : {}), ...(on ? { instance: on.Value } : {}) };
  const entities = {
    subject: { type: 'party', id: subject.id },
    resource: { type: 'resource', id: resource, properties },
  };
  const whole = { ...entities, action: { name: action } };
  const named = Object.fromEntries(
    Object.entries(Request).map(([name, [entry]]) => [name, [{ Id: name, ...entry }]]),
  );
  const reference = { ReferenceId: Object.keys(named) };
  const MultiRequests = { RequestReference: [reference, reference] };
  const multi = await told('POST', AUTHORIZE, token, { Request: { ...named, MultiRequests } });
  const evaluation = await told('POST', '/access/v1/evaluation', token, whole);
  const batch = await told('POST', '/access/v1/evaluations', token, {
    ...entities,
    evaluations: [{ action: { name: action } }, { action: { name: 'no-such-action' } }],
  });
  const actions = await told('POST', '/access/v1/search/action', token, entities);
  const listed = from && !on && (await lists(token, asked));
  return {
    'XACML of many': multi.response.every(
      ({ decision }: { decision: string }) => decision === 'Permit',
    ),
    AuthZEN: evaluation.decision,
    'AuthZEN of many': batch.evaluations[0].decision,
    'the search for actions': actions.results.some(({ name }: { name: string }) => name === action),
    ...listed,
  };
}

/** Whether the lists have it: the subjects that may, and the resources that a subject may. */
async function lists(token: string, { subject, action, resource, from }: Everywhere) {
  const party = { party: from!.id };
  const subjects = await told('POST', '/access/v1/search/subject', token, {
    subject: { type: 'party' },
    action: { name: action },
    resource: { type: 'resource', id: resource, properties: party },
    page: { limit: 1_000 },
  });
  const resources = await told('POST', '/access/v1/search/resource', token, {
    subject: { type: 'party', id: subject.id },
    action: { name: action },
    resource: { type: 'resource', properties: party },
    page: { limit: 1_000 },
  });
  const has = (found: { results: { id: string }[] }, id: string) =>
    found.results.some((one) => one.id === id);
  return {
    'the search for subjects': has(subjects, subject.username ?? subject.id),
    'the search for resources': has(resources, resource),
  };
}

async function told(method: string, path: string, token: string, body: object): Promise<any> {
  const answer = await call(method, path, token, body);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.body;
}

export const instance = (id: string) => ({
  AttributeId: 'urn:altinn:resource:instance-id',
  Value: id,
});

export const evaluate = async (body: object, token?: string): Promise<Answer> =>
  call('POST', '/access/v1/evaluation', token ?? (await pdpToken()), body);

/** An AuthZEN question by ids. */
export const question = (
  subject: { id: string },
  action: string,
  resource: string,
  from?: { id: string },
  changes: object = {},
) => ({
  subject: { type: 'party', id: subject.id },
  action: { name: action },
  resource: { type: 'resource', id: resource, ...(from ? { properties: { party: from.id } } : {}) },
  ...changes,
});

export const MANDATES = '/access/v1/mandates';

/** A firm with its managing director, and others who have a role in it, imported at once. */
async function newCompany(others: { role: string; person: TestParty }[]) {
  const firm = unborn('organization', 'Foretaket AS');
  const boss = unborn('person', 'Prøve Person');
  await importThis({
    parties: [firm, boss, ...others.map(({ person }) => person)].map(asImported),
    roleHolders: [{ role: 'dagl', person: boss }, ...others].map(({ role, person }) => ({
      role,
      from: firm.number,
      to: person.number,
    })),
  });
  return { firm, boss };
}

/** A firm with its managing director. */
export const newFirm = (): Promise<{ firm: TestParty; boss: TestParty }> => newCompany([]);

/** The same, and one who works there. */
export async function newTeam(name = 'Prøve Person') {
  const clerk = unborn('person', name);
  return { ...(await newCompany([{ role: 'medl', person: clerk }])), clerk };
}

/** How a receiver is named: a person by number and last name, others by id. */
export const receiver = (to: { id: string; number?: string; name?: string }) =>
  to.number?.length === 11
    ? { to: to.number, lastName: lastName({ name: to.name! }) }
    : { to: to.id };

/** Gives by our own API. */
export const give = async (
  actor: { id: string },
  from: { id: string },
  to: { id: string; number?: string; name?: string },
  what: object,
  claims: object = {},
) =>
  call('POST', MANDATES, await personToken(actor, claims), {
    from: from.id,
    ...receiver(to),
    ...what,
  });

/** Gives, and answers with the mandate's id. */
/** As `give`, and the receiver accepts it where it waits for that. */
export async function given(
  actor: { id: string },
  from: { id: string },
  to: Parameters<typeof give>[2],
  what: object,
): Promise<string> {
  const answer = await give(actor, from, to, what);
  if (answer.status !== 201) throw new Error(`giving failed: ${answer.status} ${answer.text}`);
  const { id, status } = answer.body;
  if (status === 'sent') assert.equal((await accept(to, id)).status, 200);
  return id;
}

/**
 * Two persons, of whom the second has given the first something: what the first gives the second
 * waits for no yes.
 */
export async function newPair(...names: string[]): Promise<[TestParty, TestParty]> {
  const [first, second] = [0, 1].map((at) => unborn('person', names[at] ?? 'Prøve Person')) as [
    TestParty,
    TestParty,
  ];
  await importThis({
    parties: [first, second].map(asImported),
    mandates: [{ from: second.number, to: first.number, package: 'innbygger-samliv' }],
  });
  return [first, second];
}

/** A person's gift to a stranger, which waits for that one's yes. */
export const sent = async (giver: TestParty, receiver: TestParty, what: object): Promise<string> =>
  (await give(giver, giver, receiver, what)).body.id;

export const accept = async (receiver: { id: string }, id: string) =>
  call('POST', `${MANDATES}/${id}/accept`, await personToken(receiver));

export const end = async (actor: { id: string }, id: string) =>
  call('DELETE', `${MANDATES}/${id}`, await personToken(actor));
export const change = async (actor: { id: string }, id: string, to: object) =>
  call('PATCH', `${MANDATES}/${id}`, await personToken(actor), to);

/** Acts beside the server's own, for what cannot be reached from outside. */
export const ownActs = (): NewAct =>
  createDeciding({
    db: world.database.db,
    knowledge: createKnowledge(),
    askLive: async () => undefined,
  });

/** A service of the suite's own, by a package, a role and a signature; and whom it lets in. */
export function taxService() {
  let resource: string;
  before(async () => {
    resource = await newResource([
      can(
        'read',
        'package:merverdiavgift',
        'package:regnskapsforer-med-signeringsrettighet',
        'regn',
      ),
      can('sign', 'dagl'),
    ]);
  });
  const permits = async (
    subject: { id: string },
    from: { id: string },
    action = 'read',
    extra: { AttributeId: string; Value: string }[] = [],
  ) => (await decideEverywhere(subject, action, resource, from, extra)) === 'Permit';
  return { permits, id: () => resource };
}
