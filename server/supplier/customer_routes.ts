// A supplier's customers and agents as JSON, and what is passed on between them. An agent's own
// side is in agent_routes.ts.
import type { Deciding } from '../decision/act.ts';
import { NO_ID } from '../platform/ids.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import type { PersonCaller } from '../caller/model.ts';
import { partyDto } from '../delegation/dto_model.ts';
import { ENDUSER, mustNameOwn, personByName } from '../delegation/enduser.ts';
import { invalid } from '../delegation/problems.ts';
import { findRelation, listRelations } from '../delegation/relation_store.ts';
import { GIVING, queryFlag } from '../delegation/shapes.ts';
import { findParties, findParty } from '../party/store.ts';
import { nothing, reply, type Call, type Operation, type Reply } from '../platform/http/doors.ts';
import { maybe, shape, Type, type TSchema } from '../platform/http/shapes.ts';
import { packageId, roleId } from '../resource/catalogue/model.ts';
import { packageCode } from '../resource/policy/model.ts';
import { findCustomerMandates } from './customer_store.ts';
import { addAgent, endPassedOn, passOn, passOnResource, removeAgent } from './customers.ts';
import {
  AgentRelation,
  Agents,
  Customers,
  PackagesPassed,
  pair,
  PassedOn,
  ResourcesPassed,
  ValuesShape,
} from './shapes.ts';
import { customersOf, passedBy } from './telling.ts';
import { type CustomerSides, clientOf, agentOf, resource } from './naming.ts';

export const CLIENT_DELEGATIONS = '/accessmanagement/api/v1/enduser/clientdelegations';
export const SCOPE = 'altinn:clientdelegations';

/** The refusals of passing a customer's mandate on. */
const PASSING = ['AM.VLD-00008', 'AM.VLD-00026', 'AM.VLD-00029', 'AM.VLD-00032', 'AM.VLD-00033'];

export function customerOperations(): Operation[] {
  const shared = { dialect: 'altinn' as const, errors: ['TIL-00008'] };
  const reading = {
    ...shared,
    method: 'GET' as const,
    limit: 'read' as const,
    who: person(ENDUSER, `${SCOPE}.read`, `${SCOPE}.write`),
  };
  const writing = {
    ...shared,
    limit: 'write' as const,
    who: person(ENDUSER, `${SCOPE}.write`),
  };

  /** The supplier that the caller administers customers for. */
  const supplierOf = (act: Deciding, caller: PersonCaller, party: string | undefined) =>
    mustNameOwn(act, caller, party, 'clients');

  const passed = (
    id: string,
    [path, side, what]: [string, 'agent' | 'client', 'package' | 'resource'],
    summary: string,
  ) =>
    operation(
      {
        ...reading,
        id,
        paths: [CLIENT_DELEGATIONS + path],
        summary,
        query: pair,
        answers: { 200: { description: 'By the other party', schema: PassedOn } },
      },
      async ({ act, caller, query }) => {
        const via = await supplierOf(act, caller, query.party);
        const where =
          side === 'agent'
            ? { via, to: agentOf(query), from: query.client ?? query.from ?? null }
            : { via, to: query.agent ?? null, from: clientOf(query) };
        const found = await findCustomerMandates(act, where);
        return reply(await passedBy(act, found, what, side === 'agent' ? 'from' : 'to'));
      },
    );

  return [
    operation(
      {
        ...reading,
        id: 'clients',
        paths: [`${CLIENT_DELEGATIONS}/clients`],
        summary: 'Everybody that a supplier may act for, and by what',
        query: { party: pair.party },
        answers: { 200: { description: 'Its customers', schema: Customers } },
      },
      async ({ act, caller, query }) =>
        reply(await customersOf(act, await supplierOf(act, caller, query.party))),
    ),
    operation(
      {
        ...reading,
        id: 'agents',
        paths: [`${CLIENT_DELEGATIONS}/agents`],
        summary: "The people and systems that work for a supplier's customers",
        query: { party: pair.party },
        answers: { 200: { description: 'Its agents', schema: Agents } },
      },
      async ({ act, caller, query }) => {
        const supplier = await supplierOf(act, caller, query.party);
        const relations = await listRelations(act.db, supplier, null, 'agent');
        const ids = relations.map((one) => one.to);
        const found = await findParties(act, ids);
        const parties = new Map(found.map((one) => [one.id, partyDto(one)]));
        const data = relations.map((one) => ({ id: one.id, agent: parties.get(one.to) }));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...writing,
        id: 'agent_add',
        method: 'POST',
        paths: [`${CLIENT_DELEGATIONS}/agents`],
        summary: 'Add an agent: a system by id, a person by number and last name',
        query: { party: pair.party, agent: pair.agent, to: pair.to },
        body: shape({
          personIdentifier: maybe(Type.String({ maxLength: 200 })),
          lastName: maybe(Type.String({ maxLength: 200 })),
        }),
        bodyOptional: true,
        answers: {
          201: { description: 'Added', schema: AgentRelation },
          200: { description: 'Was one already', schema: AgentRelation },
        },
        errors: [...shared.errors, 'AM.VLD-00006', 'AM.VLD-00008', 'AM.VLD-00045'],
      },
      async ({ act, caller, query, body }) => {
        const supplier = await supplierOf(act, caller, query.party);
        const id = query.agent ?? query.to;
        const { personIdentifier, lastName } = body;
        const byName = !id && personIdentifier && lastName;
        const agent = byName
          ? await personByName(act, caller, { personIdentifier, lastName })
          : id
            ? await findParty(act, { by: 'uuid', value: id })
            : undefined;
        if (!byName && !id) throw invalid(['STD.VLD-00000', '/agent']);
        // A person's id alone is no proof of knowing the person; one who is an agent already is.
        const isKnown = byName || (agent && !['person', 'self_identified'].includes(agent.kind));
        const isAgent =
          !isKnown && (await findRelation(act, supplier, agent?.id ?? NO_ID, 'agent'));
        if (!agent || !(isKnown || isAgent)) throw invalid(['AM.VLD-00006', '/agent']);
        const { id: relation, added } = await addAgent(act, caller, supplier, agent);
        const made = { id: relation, roleId: roleId('agent'), fromId: supplier, toId: agent.id };
        return reply(made, added ? 201 : 200);
      },
    ),
    operation(
      {
        ...writing,
        id: 'agent_remove',
        method: 'DELETE',
        paths: [`${CLIENT_DELEGATIONS}/agents`],
        summary: "End an agent's work",
        query: { party: pair.party, agent: pair.agent, to: pair.to, cascade: queryFlag(false) },
        answers: { 204: { description: 'Ended, with what was passed on when cascade says so' } },
        errors: [...shared.errors, 'AM.VLD-00031', 'AM.VLD-00032'],
      },
      async ({ act, caller, query }) => {
        const supplier = await supplierOf(act, caller, query.party);
        await removeAgent(act, caller, supplier, agentOf(query), query.cascade === true);
        return nothing;
      },
    ),
    passed(
      'agent_packages',
      ['/agents/accesspackages', 'agent', 'package'],
      'Packages of an agent',
    ),
    passed('agent_resources', ['/agents/resources', 'agent', 'resource'], 'Resources of an agent'),
    passed(
      'client_packages',
      ['/clients/accesspackages', 'client', 'package'],
      'Packages that were passed on of a customer',
    ),
    passed(
      'client_resources',
      ['/clients/resources', 'client', 'resource'],
      'Resources that were passed on of a customer',
    ),
    operation(
      {
        ...writing,
        id: 'agent_packages_pass',
        method: 'POST',
        paths: [`${CLIENT_DELEGATIONS}/agents/accesspackages`],
        summary: 'Pass packages of a customer on to an agent; all of it or nothing',
        query: pair,
        body: ValuesShape,
        answers: { 200: { description: 'What was passed on', schema: PackagesPassed } },
        errors: [...shared.errors, ...GIVING, ...PASSING, 'AM.VLD-00030'],
      },
      async ({ act, caller, query, body }) => {
        const supplier = await supplierOf(act, caller, query.party);
        const where = { supplier, client: clientOf(query), agent: agentOf(query) };
        const done = await passOn(act, caller, where, body.values);
        return reply(
          done.map((one) => ({
            roleId: roleId(one.role),
            packageId: packageId(one.package),
            viaId: one.via,
            fromId: one.from,
            toId: one.to,
            changed: one.changed,
          })),
        );
      },
    ),
    operation(
      {
        ...writing,
        id: 'agent_resource_pass',
        method: 'POST',
        paths: [`${CLIENT_DELEGATIONS}/agents/resources`],
        summary: 'Pass a resource that a customer gave on to an agent',
        query: { ...pair, ...resource },
        answers: { 200: { description: 'What was passed on', schema: ResourcesPassed } },
        errors: [...shared.errors, ...GIVING, ...PASSING],
      },
      async ({ act, caller, query }) => {
        const supplier = await supplierOf(act, caller, query.party);
        const where = { supplier, client: clientOf(query), agent: agentOf(query) };
        const id = query.resource.toLowerCase();
        const changed = await passOnResource(act, caller, where, id);
        const { client: fromId, agent: toId } = where;
        return reply([{ resource: id, viaId: supplier, fromId, toId, changed }]);
      },
    ),
    ...endings(),
  ];

  /** Ending what was passed on: everything of a customer, packages, or a resource. */
  function endings(): Operation[] {
    const ending = <Q extends Record<string, TSchema>, B extends TSchema | undefined = undefined>(
      { path, ...rest }: { id: string; path: string; summary: string; query: Q; body?: B },
      only: (
        call: Call<Deciding, PersonCaller, undefined, Q, B>,
      ) => { packages?: string[]; resource?: string } | null,
    ) => {
      const answers = { 204: { description: 'It has ended' } };
      return operation<typeof writing.who, undefined, Q, B>(
        { ...writing, ...rest, method: 'DELETE', paths: [CLIENT_DELEGATIONS + path], answers },
        async (call): Promise<Reply> => {
          const query = call.query as CustomerSides & { party?: string };
          const via = await supplierOf(call.act, call.caller, query.party);
          const where = { via, to: agentOf(query), from: clientOf(query) };
          await endPassedOn(call.act, call.caller.party, where, only(call));
          return nothing;
        },
      );
    };
    return [
      ending(
        {
          id: 'agent_client_remove',
          path: '/agents/clients',
          summary: 'End everything that an agent has of a customer',
          query: pair,
        },
        () => null,
      ),
      ending(
        {
          id: 'agent_packages_end',
          path: '/agents/accesspackages',
          summary: 'End packages that were passed on',
          query: pair,
          body: ValuesShape,
        },
        ({ body }) => ({
          packages: body.values.flatMap((one) => one.packages.map(packageCode)),
        }),
      ),
      ending(
        {
          id: 'agent_resource_end',
          path: '/agents/resources',
          summary: 'End a resource that was passed on',
          query: { ...pair, ...resource },
        },
        ({ query }) => ({ resource: query.resource.toLowerCase() }),
      ),
    ];
  }
}
