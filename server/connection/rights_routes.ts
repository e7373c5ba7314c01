// Rights to single resources and instances as JSON: what is given, giving and replacing by right
// key, ending, and the check with its reason codes.
import { findMandate } from '../mandate/delegation_store.ts';
import type { Deciding } from '../decision/act.ts';
import { operation } from '../decision/doors.ts';
import type { PersonCaller } from '../caller/model.ts';
import { checkResource, hasStanding } from '../delegation/give/check.ts';
import { partyDto, rightCheckDto, rightDto } from '../delegation/dto_model.ts';
import { endBetween } from '../delegation/end/end.ts';
import { directionOf, mustName, personByName } from '../delegation/enduser.ts';
import { giveRights } from '../delegation/give/give.ts';
import { asActor } from '../delegation/give/footing.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { addRelation, findRelation, type NewRelation } from '../delegation/relation_store.ts';
import { GIVING, personNamed, queryText, sides } from '../delegation/shapes.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { languageOf } from '../platform/locale.ts';
import { list, maybe, shape, text, Type } from '../platform/http/shapes.ts';
import { actionsOf, instanceName, isInstanceName, rightKey } from '../resource/policy/model.ts';
import { findPolicyOf } from '../resource/policy/store.ts';
import { findResources } from '../resource/store.ts';
import { carriedBy, isDirect, type CarriedAction } from './opening.ts';
import {
  CONNECTIONS_PATH,
  endingOf,
  mustGive,
  pairOf,
  readingConnections,
  writing,
} from './routes.ts';
import { ResourceRows, RightChecks, GivenRights, RightsGiven, Users } from './shapes.ts';
import { connectionsOf, permissionDto, resourceDto } from './telling.ts';

const resource = { resource: queryText(200) };
const INSTANCES = `${CONNECTIONS_PATH}/resources/instances`;

function instanceOf(text: string | undefined, isInstance: boolean): string | null {
  if (!isInstance) return null;
  if (!text) throw invalid(['STD.VLD-00000', '$QUERY/instance']);
  const name = instanceName(text);
  if (!isInstanceName(name)) throw invalid(['AM.VLD-00047', '$QUERY/instance']);
  return name;
}

export const rightsOperations = (): Operation[] => [
  ...givenOperations(false),
  ...givenOperations(true),
];

/** The same operations for whole resources and for instances of them. */
function givenOperations(isInstance: boolean): Operation[] {
  const path = isInstance ? INSTANCES : `${CONNECTIONS_PATH}/resources`;
  const name = isInstance ? 'instance_rights' : 'resource_rights';
  const ofInstance = { instance: Type.Optional(queryText(400)) };
  const instance = isInstance ? ofInstance : ({} as typeof ofInstance);
  const what = isInstance ? 'instances of resources' : 'resources';
  const administration = isInstance ? ('instances' as const) : ('access' as const);
  const refOf = (id: string | null) => (isInstance ? { instance: { refId: id } } : {});

  /** A person named in the same call, to be added in the transaction of what is given. */
  async function addedBy(
    act: Deciding,
    caller: PersonCaller,
    from: string,
    named: { personIdentifier: string; lastName: string } | null | undefined,
  ): Promise<NewRelation> {
    if (!named) throw invalid(['STD.VLD-00000', '$QUERY/to']);
    const { id: to } = await personByName(act, caller, named);
    return { from, to, kind: 'rightholder', by: caller.party };
  }

  const giving = (method: 'POST' | 'PUT') =>
    operation(
      {
        ...writing,
        id: `${name}_${method === 'POST' ? 'give' : 'replace'}`,
        method,
        paths: [`${path}/rights`],
        summary: `${method === 'POST' ? 'Give' : 'Replace'} rights to ${what}, by right key`,
        query: { ...sides, ...resource, ...instance },
        body: shape({
          directRightKeys: maybe(list(text(100), 100)),
          to: maybe(personNamed),
        }),
        answers: {
          201: { description: 'Given', schema: RightsGiven },
          200: { description: 'Replaced, or given already', schema: RightsGiven },
        },
        errors: GIVING,
      },
      async ({ act, caller, query, body }) => {
        const direction = await directionOf(act, caller, query, {
          write: true,
          what: administration,
        });
        mustGive(direction);
        const from = direction.party.id;
        const id = query.resource.toLowerCase();
        const on = instanceOf(query.instance, isInstance);
        const added = query.to ? undefined : await addedBy(act, caller, from, body.to);
        const to = query.to ?? added!.to;
        if (!added && !(await findRelation(act, from, to, 'rightholder')))
          throw problem('AM-00022');
        const keys = body.directRightKeys ?? [];
        if (!keys.length) throw problem('AM-00033');
        const policy = await findPolicyOf(act.db, id);
        if (!policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
        const byKey = new Map(actionsOf(policy).map((action) => [rightKey(id, action), action]));
        const actions = keys.map((key) => byKey.get(key.toLowerCase()));
        if (actions.includes(undefined)) throw problem('AM-00036');
        const gift = { from, to, resource: id, actions: actions as string[], instance: on };
        const how = method === 'POST' ? 'add' : 'replace';
        const { id: mandate, changed } = await giveRights(
          act,
          asActor(caller),
          gift,
          how,
          added && (async (inner) => void (await addRelation(inner, added))),
        );
        const held = (await findMandate(act, mandate))!.actions!;
        const given = {
          id: mandate,
          resourceId: id,
          instanceId: on,
          fromId: from,
          toId: to,
          directRightKeys: held.map((action) => rightKey(id, action)),
          changed,
        };
        return reply(given, changed && how === 'add' ? 201 : 200);
      },
    );

  return [
    giving('POST'),
    giving('PUT'),
    operation(
      {
        ...readingConnections,
        id: `${name}_list`,
        paths: [path],
        summary: `Rights to ${what} between parties`,
        query: sides,
        answers: { 200: { description: 'With who has them', schema: ResourceRows } },
      },
      async ({ act, ctx, caller, query }) => {
        const found = await connectionsOf(await directionOf(act, caller, query), act);
        const own = found.holdings.filter(
          (one) => one.resource !== null && (one.instance !== null) === isInstance,
        );
        const ids = own.map((one) => one.resource!);
        const resources = await findResources(act.db, ids);
        const language = languageOf(ctx);
        const groups = Map.groupBy(own, (one) => JSON.stringify([one.resource, one.instance]));
        const data = [...groups.values()].map((holdings) => ({
          resource: resourceDto(resources.get(holdings[0]!.resource!)!, language),
          ...refOf(holdings[0]!.instance),
          permissions: holdings.map((holding) => permissionDto(holding, found)),
        }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...writing,
        id: `${name}_end`,
        method: 'DELETE',
        paths: [path],
        summary: `End or renounce rights to ${what}`,
        query: { ...sides, ...resource, ...instance },
        answers: { 204: { description: 'They have ended' } },
      },
      async ({ act, caller, query }) => {
        const options = { write: true, what: administration };
        const direction = await directionOf(act, caller, query, options);
        const on = instanceOf(query.instance, isInstance);
        const between = { ...pairOf(query), resource: query.resource.toLowerCase(), instance: on };
        await endBetween(act, between, endingOf(direction));
        return nothing;
      },
    ),
    operation(
      {
        ...readingConnections,
        id: `${name}_rights`,
        paths: [`${path}/rights`],
        summary: 'Each right, and by what: direct ones can be ended here',
        query: { ...sides, ...resource, ...instance },
        answers: { 200: { description: 'Direct and indirect rights', schema: GivenRights } },
        errors: [...readingConnections.errors, 'AM.VLD-00012', 'AUTHZ.VLD-00013'],
      },
      async ({ act, ctx, caller, query }) => {
        const found = await connectionsOf(await directionOf(act, caller, query), act);
        const id = query.resource.toLowerCase();
        const on = instanceOf(query.instance, isInstance);
        const known = (await findResources(act.db, [id])).get(id);
        const policy = await findPolicyOf(act.db, id);
        if (!known || !policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
        const carried = await carriedBy(act, found, { id, instance: on }, policy);
        const given = found.holdings.filter((one) => isDirect(one, id, on));
        const open = new Map(carried.map((line) => [line.action, new Set(line.holdings)]));
        const withheld = actionsOf(policy).map((action) => ({
          action,
          holdings: given.filter(
            (one) => one.actions!.includes(action) && !open.get(action)?.has(one),
          ),
        }));
        const lines = (all: CarriedAction[], direct: boolean) =>
          all.flatMap(({ action, holdings }) => {
            const permissions = holdings
              .filter((one) => isDirect(one, id, on) === direct)
              .map((one) => permissionDto(one, found));
            const [first] = permissions;
            return first
              ? [{ right: rightDto(id, action), reason: first.reason, permissions }]
              : [];
          });
        return reply({
          resource: resourceDto(known, languageOf(ctx)),
          ...refOf(on),
          directRights: lines(carried, true),
          indirectRights: lines(carried, false),
          withheldRights: lines(withheld, true),
        });
      },
    ),
    operation(
      {
        ...readingConnections,
        id: `${name}_check`,
        paths: [`${path}/delegationcheck`],
        summary: `What of ${what} the caller could give for a party, and why not`,
        query: { party: sides.party, ...resource, ...instance },
        answers: { 200: { description: 'Each right with its reasons', schema: RightChecks } },
        errors: [...readingConnections.errors, 'AM.VLD-00012'],
      },
      async ({ act, ctx, caller, query }) => {
        const party = mustName(query.party);
        const id = query.resource.toLowerCase();
        const on = instanceOf(query.instance, isInstance);
        if (!(await hasStanding(act, caller, party))) {
          throw fault('TIL-00008', { because: 'no standing' });
        }
        const about = { from: party, resource: id, instance: on };
        const check = await checkResource(act, caller, about);
        const known = (await findResources(act.db, [id])).get(id);
        if (!check || !known) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
        const pair = { from: party, to: caller.party };
        return reply({
          resource: resourceDto(known, languageOf(ctx)),
          ...refOf(on),
          rights: check.rights.map((right) => rightCheckDto(right, id, pair)),
        });
      },
    ),
    ...(isInstance ? [users()] : []),
  ];

  function users(): Operation {
    return operation(
      {
        ...readingConnections,
        id: 'instance_users',
        paths: [`${INSTANCES}/users`],
        summary: 'Who may do anything with an instance',
        query: { ...sides, ...resource, instance: Type.Optional(queryText(400)) },
        answers: { 200: { description: 'Parties', schema: Users } },
        errors: [...readingConnections.errors, 'AM.VLD-00012', 'AUTHZ.VLD-00013'],
      },
      async ({ act, caller, query }) => {
        const found = await connectionsOf(await directionOf(act, caller, query), act);
        const id = query.resource.toLowerCase();
        const on = instanceOf(query.instance, true);
        const policy = await findPolicyOf(act.db, id);
        if (!policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
        const about = { id, instance: on };
        const carried = await carriedBy(act, found, about, policy);
        const ids = new Set(carried.flatMap(({ holdings }) => holdings.map(({ to }) => to)));
        const data = [...ids].flatMap((one) => found.parties.get(one) ?? []).map(partyDto);
        return reply({ data, links: { next: null } });
      },
    );
  }
}
