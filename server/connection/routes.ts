// End users' connections as JSON: relations and roles. Packages are in package_routes.ts, rights to
// resources in rights_routes.ts.
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import type { PersonCaller } from '../caller/model.ts';
import { packageRef, partyDto, RIGHTHOLDER, roleDto, roleRef } from '../delegation/dto_model.ts';
import { endConnection } from '../delegation/end/end.ts';
import {
  connectionScopes,
  directionOf,
  mustHave,
  personByName,
  type Direction,
} from '../delegation/enduser.ts';
import { bothParties } from '../delegation/give/give.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { findRelation } from '../delegation/relation_store.ts';
import { relate } from '../delegation/relation.ts';
import { queryFlag, queryText, sides } from '../delegation/shapes.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { fault } from '../platform/errors.ts';
import { languageOf } from '../platform/locale.ts';
import { maybe, shape, Type } from '../platform/http/shapes.ts';
import { currentCatalogue } from '../resource/catalogue/catalogue.ts';
import { roleId } from '../resource/catalogue/model.ts';
import type { Connections, Holding } from './holdings.ts';
import { ConnectionRows, RelationShape, Roles, Users } from './shapes.ts';
import { connectionsOf, packagesOf, permissionDto } from './telling.ts';

export const CONNECTIONS_PATH = '/accessmanagement/api/v1/enduser/connections';

/** The parts of a declaration that every operation about connections shares. */
export const readingConnections = {
  method: 'GET' as const,
  dialect: 'altinn' as const,
  limit: 'read' as const,
  who: person(...connectionScopes(false)),
  errors: ['TIL-00008'],
};
export const writing = {
  dialect: 'altinn' as const,
  limit: 'write' as const,
  who: person(...connectionScopes(true)),
  errors: ['TIL-00008'],
};

/** Only the giver adds and gives. */
export function mustGive({ way }: Direction): void {
  if (way !== 'toothers') throw fault('TIL-00008', { because: 'only the giver gives' });
}

/** How the end of something is called, by the side that the caller stands on. */
export const endingOf = ({ way, actor }: Direction) => ({
  by: actor.party,
  type: way === 'fromothers' ? ('renounced' as const) : ('ended' as const),
});

/** Both sides, of an act that needs both. */
export const pairOf = (query: { from?: string | undefined; to?: string | undefined }) => ({
  from: mustHave(query.from, 'from'),
  to: mustHave(query.to, 'to'),
});

export function connectionOperations(): Operation[] {
  return [
    operation(
      {
        ...readingConnections,
        id: 'connections',
        paths: [CONNECTIONS_PATH],
        summary: 'With whom a party is connected, and by what',
        query: {
          ...sides,
          includeClientDelegations: queryFlag(true),
          includeAccessPackages: queryFlag(false),
          includeResources: queryFlag(false),
          includeInstances: queryFlag(false),
        },
        answers: { 200: { description: 'A row for each other party', schema: ConnectionRows } },
      },
      async ({ act, caller, query }) => {
        const direction = await directionOf(act, caller, query);
        const found = await connectionsOf(direction, act);
        const withCustomers = query.includeClientDelegations !== false;
        const shown = found.holdings.filter(
          (one) => withCustomers || !one.reasons.includes('client-delegation'),
        );
        const other = (one: { from: string; to: string }) =>
          direction.way === 'toothers' ? one.to : one.from;
        const groups = Map.groupBy(shown, other);
        for (const relation of found.relations) {
          if (!groups.has(other(relation))) groups.set(other(relation), []);
        }
        const data = [...groups]
          .filter(([id]) => found.parties.has(id))
          .map(([id, holdings]) => connectionDto(found, id, holdings, query));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...readingConnections,
        id: 'connections_users',
        paths: [`${CONNECTIONS_PATH}/users`],
        summary: 'The parties that a party is connected with',
        query: sides,
        answers: { 200: { description: 'Parties', schema: Users } },
      },
      async ({ act, caller, query }) => {
        const direction = await directionOf(act, caller, query);
        const found = await connectionsOf(direction, act);
        const others = [...found.relations, ...found.holdings].map((one) =>
          direction.way === 'toothers' ? one.to : one.from,
        );
        const data = [...new Set(others)].flatMap((id) => found.parties.get(id) ?? []);
        return reply({ data: data.map(partyDto), links: { next: null } });
      },
    ),
    operation(
      {
        ...writing,
        id: 'connections_add',
        method: 'POST',
        paths: [CONNECTIONS_PATH],
        summary: 'Add a rightholder, by id, or a person by number and last name',
        query: sides,
        body: shape({
          personIdentifier: maybe(Type.String({ maxLength: 200 })),
          lastName: maybe(Type.String({ maxLength: 200 })),
        }),
        bodyOptional: true,
        answers: { 200: { description: 'The relation, new or known', schema: RelationShape } },
        errors: ['TIL-00008', 'AM-00021', 'AM-00024', 'AM-00026', 'AM.VLD-00006', 'AM.VLD-00045'],
      },
      async ({ act, caller, query, body }) => {
        const direction = await directionOf(act, caller, query, { write: true });
        mustGive(direction);
        const { party } = direction;
        const to = query.to ?? (await personNamed(act, caller, body)).id;
        const { receiver } = await bothParties(act, { from: party.id, to });
        // A person's id alone is no proof of knowing the person, unless there is a relation
        // already.
        const isById = query.to !== undefined && receiver.kind === 'person';
        if (isById && !(await findRelation(act, party.id, to, 'rightholder'))) {
          throw problem('AM-00024');
        }
        const wanted = { from: party.id, to, kind: 'rightholder' as const, by: caller.party };
        const { relation } = await relate(act, wanted);
        return reply({ id: relation.id, roleId: roleId(RIGHTHOLDER), fromId: party.id, toId: to });
      },
    ),
    operation(
      {
        ...writing,
        id: 'connections_end',
        method: 'DELETE',
        paths: [CONNECTIONS_PATH],
        summary: 'End a connection, with everything that was given when cascade says so',
        query: { ...sides, cascade: queryFlag(false) },
        answers: { 204: { description: 'It has ended' } },
        errors: [...writing.errors, 'AM.VLD-00010'],
      },
      async ({ act, caller, query }) => {
        const direction = await directionOf(act, caller, query, { write: true });
        const cascade = query.cascade === true;
        await endConnection(act, pairOf(query), { ...endingOf(direction), cascade });
        return nothing;
      },
    ),
    operation(
      {
        ...readingConnections,
        id: 'connections_roles',
        paths: [`${CONNECTIONS_PATH}/roles`],
        summary: 'Roles between parties, as registers say',
        query: sides,
        answers: { 200: { description: 'Roles with who has them', schema: Roles } },
      },
      async ({ act, ctx, caller, query }) => {
        const found = await connectionsOf(await directionOf(act, caller, query), act);
        const holdings = found.holdings.filter((one) => one.role !== null);
        const language = languageOf(ctx);
        const data = [...Map.groupBy(holdings, (one) => one.role!)].map(([code, all]) => ({
          role: roleDto(code, found.catalogue, language),
          permissions: all.map((holding) => permissionDto(holding, found)),
        }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...writing,
        id: 'connections_role_end',
        method: 'DELETE',
        paths: [`${CONNECTIONS_PATH}/roles`],
        summary: 'Always refused: roles come from registers, and are ended there',
        query: { ...sides, roleCode: Type.Optional(queryText(100)) },
        answers: {},
        errors: ['TIL-00008', 'AM-00039', 'AM-00040'],
      },
      async ({ act, caller, query }) => {
        await directionOf(act, caller, query, { write: true });
        const isKnown = (await currentCatalogue(act)).roleCode(query.roleCode ?? '');
        throw problem(isKnown ? 'AM-00040' : 'AM-00039');
      },
    ),
  ];

  async function personNamed(
    act: Deciding,
    caller: PersonCaller,
    { personIdentifier, lastName }: { personIdentifier?: string | null; lastName?: string | null },
  ) {
    if (!personIdentifier) throw invalid(['STD.VLD-00000', '/personIdentifier']);
    if (!lastName) throw invalid(['STD.VLD-00000', '/lastName']);
    return personByName(act, caller, { personIdentifier, lastName });
  }
}

interface Including {
  includeAccessPackages?: boolean | undefined;
  includeResources?: boolean | undefined;
  includeInstances?: boolean | undefined;
}

function connectionDto(found: Connections, id: string, holdings: Holding[], include: Including) {
  const distinct = (values: string[]) => [...new Set(values)];
  const roles = distinct(holdings.flatMap((one) => one.role ?? []));
  const packages = distinct(holdings.flatMap((one) => packagesOf(one, found)));
  const whole = holdings.filter((one) => one.instance === null);
  const resources = distinct(whole.flatMap((one) => one.resource ?? []));
  const parts = holdings.filter((one) => one.instance !== null);
  return {
    party: partyDto(found.parties.get(id)!),
    roles: roles.map((code) => roleRef(code, found.catalogue)),
    packages: include.includeAccessPackages
      ? packages.map((code) => packageRef(code, found.catalogue))
      : [],
    resources: include.includeResources ? resources.map((refId) => ({ refId })) : [],
    instances: include.includeInstances
      ? parts.map((one) => ({ resourceId: one.resource, instanceId: one.instance }))
      : [],
    connections: [],
  };
}
