// An agent's own side as JSON: for whom they work, for which customers, with what, and leaving any
// of it.
import type { Deciding } from '../decision/act.ts';
import { person } from '../caller/doors.ts';
import { operation } from '../decision/doors.ts';
import { ENDUSER, mustBeOneself, mustHave } from '../delegation/enduser.ts';
import { listRelations } from '../delegation/relation_store.ts';
import { queryText } from '../delegation/shapes.ts';
import { nothing, reply, type Operation } from '../platform/http/doors.ts';
import { Type } from '../platform/http/shapes.ts';
import { packageCode } from '../resource/policy/model.ts';
import { CLIENT_DELEGATIONS, SCOPE } from './customer_routes.ts';
import { clientOf, resource } from './naming.ts';
import { findCustomerMandates } from './customer_store.ts';
import { endPassedOn, removeAgent } from './customers.ts';
import { mine, PartyRows, PassedOn, ValuesShape } from './shapes.ts';
import { partiesById, passedBy } from './telling.ts';

export function agentOperations(): Operation[] {
  const reading = {
    dialect: 'altinn' as const,
    method: 'GET' as const,
    limit: 'read' as const,
    who: person(ENDUSER, `${SCOPE}/myclients.read`, `${SCOPE}/myclients.write`),
  };
  const ending = {
    dialect: 'altinn' as const,
    method: 'DELETE' as const,
    limit: 'write' as const,
    who: person(ENDUSER, `${SCOPE}/myclients.write`),
    answers: { 204: { description: 'It has ended' } },
  };

  /** The other side of everything that somebody has through suppliers. */
  async function others(act: Deciding, me: string, other: 'from' | 'via') {
    const where = { via: null, to: me, from: null };
    const found = await findCustomerMandates(act, where);
    const employers =
      other === 'via'
        ? (await listRelations(act.db, null, me, 'agent')).map((one) => one.from)
        : [];
    const held = found.filter((row) => row.holds).map((row) => row[other]);
    const ids = [...new Set([...held, ...employers])];
    const parties = await partiesById(act, ids);
    return { data: ids.flatMap((id) => parties.get(id) ?? []), links: { next: null } };
  }

  const { provider, client } = mine;
  return [
    operation(
      {
        ...reading,
        id: 'my_providers',
        paths: [`${CLIENT_DELEGATIONS}/my/clientproviders`],
        summary: 'The suppliers that the caller works for',
        answers: { 200: { description: 'Suppliers', schema: PartyRows } },
      },
      async ({ act, caller }) => reply(await others(act, mustBeOneself(caller), 'via')),
    ),
    operation(
      {
        ...reading,
        id: 'my_clients',
        paths: [`${CLIENT_DELEGATIONS}/my/clients`],
        summary: 'The customers that the caller works for',
        answers: { 200: { description: 'Customers', schema: PartyRows } },
      },
      async ({ act, caller }) => reply(await others(act, mustBeOneself(caller), 'from')),
    ),
    operation(
      {
        ...reading,
        id: 'my_client_packages',
        paths: [`${CLIENT_DELEGATIONS}/my/clients/accesspackages`],
        summary: 'What one may do for customers',
        query: { provider, client },
        answers: { 200: { description: 'Packages by customer', schema: PassedOn } },
      },
      async ({ act, caller, query }) => {
        const where = {
          via: query.provider ?? null,
          to: mustBeOneself(caller),
          from: query.client ?? null,
        };
        const found = await findCustomerMandates(act, where);
        return reply(await passedBy(act, found, 'package', 'from'));
      },
    ),
    operation(
      {
        ...ending,
        id: 'my_provider_leave',
        paths: [`${CLIENT_DELEGATIONS}/my/clientproviders`],
        summary: 'Stop working for a supplier',
        query: { provider, from: mine.from },
      },
      async ({ act, caller, query }) => {
        const supplier = query.provider ?? mustHave(query.from, 'provider');
        await removeAgent(act, caller, supplier, mustBeOneself(caller), true);
        return nothing;
      },
    ),
    operation(
      {
        ...ending,
        id: 'my_client_drop',
        paths: [`${CLIENT_DELEGATIONS}/my/clients`],
        summary: 'Stop working for a customer',
        query: mine,
      },
      async ({ act, caller, query }) => {
        const where = {
          via: query.provider ?? null,
          to: mustBeOneself(caller),
          from: clientOf(query),
        };
        await endPassedOn(act, caller.party, where, null, true);
        return nothing;
      },
    ),
    operation(
      {
        ...ending,
        id: 'my_package_drop',
        paths: [`${CLIENT_DELEGATIONS}/my/clients/accesspackages`],
        summary: 'Give up packages: one in the query, or several in the body, as for passing on',
        query: { ...mine, package: Type.Optional(queryText(200)) },
        body: Type.Partial(ValuesShape),
        bodyOptional: true,
      },
      async ({ act, caller, query, body }) => {
        const where = {
          via: query.provider ?? null,
          to: mustBeOneself(caller),
          from: clientOf(query),
        };
        const packages = query.package
          ? [packageCode(query.package)]
          : (body.values ?? []).flatMap((one) => one.packages.map(packageCode));
        await endPassedOn(act, caller.party, where, { packages }, true);
        return nothing;
      },
    ),
    operation(
      {
        ...ending,
        id: 'my_resource_drop',
        paths: [`${CLIENT_DELEGATIONS}/my/clients/resources`],
        summary: 'Give up a resource',
        query: { ...mine, ...resource },
      },
      async ({ act, caller, query }) => {
        const where = {
          via: query.provider ?? null,
          to: mustBeOneself(caller),
          from: clientOf(query),
        };
        const only = { resource: query.resource.toLowerCase() };
        await endPassedOn(act, caller.party, where, only, true);
        return nothing;
      },
    ),
  ];
}
