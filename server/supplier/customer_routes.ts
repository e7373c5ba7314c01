// Client administration as JSON (contract/rights.md C.5): a supplier's customers and agents, what
// is passed on between them, and an agent's own customers. v2 names the parties client and agent;
// both are read.
import { currentCatalogue } from '../resource/catalogue.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { findParties, findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { packageId, roleId } from '../resource/catalogue_model.ts';
import { packageCode } from '../resource/policy_model.ts';
import { mustAdminister } from '../delegation/authority.ts';
import {
  addAgent,
  endPassedOn,
  heldFor,
  passOn,
  passOnResource,
  removeAgent,
  type Passing,
} from './customers.ts';
import { findCustomerMandates, type CustomerRow } from './customer_store.ts';
import { packageRef, partyDto, RIGHTHOLDER, roleRef } from '../delegation/dto_model.ts';
import {
  actorOf,
  ENDUSER,
  flagParameter,
  personByName,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
} from '../delegation/enduser.ts';
import { invalid } from '../delegation/problems.ts';
import { listRelations } from '../delegation/relation_store.ts';

const BASE = '/accessmanagement/api/v1/enduser/clientdelegations';
const SCOPE = 'altinn:clientdelegations';
type Handler = (ctx: Context, api: DelegationApi, party: string) => Promise<void>;

export function customerRoutes(api: DelegationApi): Router {
  const router = new Router();
  const rows: ['get' | 'post' | 'delete', string, string, Handler][] = [
    ['get', '/clients', 'clients', getClients],
    ['get', '/agents', 'agents', getAgents],
    ['post', '/agents', 'agent_add', postAgent],
    ['delete', '/agents', 'agent_remove', deleteAgent],
    ['delete', '/agents/clients', 'agent_client_remove', deleteAgentClient],
    ['get', '/agents/accesspackages', 'agent_packages', getPassed('to', 'package')],
    ['post', '/agents/accesspackages', 'agent_packages_pass', postPackages],
    ['delete', '/agents/accesspackages', 'agent_packages_end', deletePackages],
    ['get', '/agents/resources', 'agent_resources', getPassed('to', 'resource')],
    ['post', '/agents/resources', 'agent_resource_pass', postResource],
    ['delete', '/agents/resources', 'agent_resource_end', deleteResource],
    ['get', '/clients/accesspackages', 'client_packages', getPassed('from', 'package')],
    ['get', '/clients/resources', 'client_resources', getPassed('from', 'resource')],
  ];
  for (const [method, path, route, handler] of rows) {
    const scopes =
      method === 'get' ? [ENDUSER, `${SCOPE}.read`, `${SCOPE}.write`] : [ENDUSER, `${SCOPE}.write`];
    router[method](BASE + path, named(route), api.bearer.scope(...scopes), async (ctx: Context) => {
      const party = uuidParameter(ctx, 'party');
      if (!party) throw fault('TIL-00008', { because: 'no party' });
      await mustAdminister(api.point, actorOf(ctx), party, 'clients', clock.now());
      return handler(ctx, api, party);
    });
  }
  const own: [
    'get' | 'delete',
    string,
    string,
    (ctx: Context, api: DelegationApi) => Promise<void>,
  ][] = [
    ['get', '/my/clientproviders', 'my_providers', getMine('via')],
    ['delete', '/my/clientproviders', 'my_provider_leave', deleteProvider],
    ['get', '/my/clients', 'my_clients', getMine('from')],
    ['delete', '/my/clients', 'my_client_drop', dropMine(async () => null)],
    ['get', '/my/clients/accesspackages', 'my_client_packages', getMyPassed],
    ['delete', '/my/clients/accesspackages', 'my_package_drop', dropMine(packagesOf)],
    [
      'delete',
      '/my/clients/resources',
      'my_resource_drop',
      dropMine(async (ctx) => ({ resource: resourceIn(ctx) })),
    ],
  ];
  for (const [method, path, route, handler] of own) {
    const scopes =
      method === 'get'
        ? [ENDUSER, `${SCOPE}/myclients.read`, `${SCOPE}/myclients.write`]
        : [ENDUSER, `${SCOPE}/myclients.write`];
    router[method](BASE + path, named(route), api.bearer.scope(...scopes), (ctx: Context) =>
      handler(ctx, api),
    );
  }
  return router;
}

/** `client` or `from`, `agent` or `to`. */
const clientOf = (ctx: Context) => uuidParameter(ctx, 'client') ?? requiredUuid(ctx, 'from');
const agentOf = (ctx: Context) => uuidParameter(ctx, 'agent') ?? requiredUuid(ctx, 'to');

async function partiesById({ point }: DelegationApi, ids: string[]) {
  return new Map(
    (await findParties(point.db, [...new Set(ids)], clock.now())).map((party) => [
      party.id,
      partyDto(party),
    ]),
  );
}

/** Everybody the supplier may act for, and whether a register or the customer says so. */
async function getClients(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const held = await heldFor(api.point, party, null, clock.now());
  const catalogue = await currentCatalogue(api.point);
  const parties = await partiesById(
    api,
    held.map((one) => one.mandate.from),
  );
  const groups = new Map<string, typeof held>();
  for (const one of held)
    groups.set(one.mandate.from, [...(groups.get(one.mandate.from) ?? []), one]);
  ctx.body = {
    data: [...groups].map(([id, list]) => ({
      client: parties.get(id),
      access: list.map((one) => ({
        role:
          one.role === RIGHTHOLDER
            ? { id: roleId(RIGHTHOLDER), code: RIGHTHOLDER, urn: `urn:altinn:role:${RIGHTHOLDER}` }
            : roleRef(one.role, catalogue),
        origin: one.mandate.basis,
        packages: one.packages.map((code) => packageRef(code, catalogue)),
        resources: one.resource === null ? [] : [{ refId: one.resource }],
      })),
    })),
    links: { next: null },
  };
}

async function getAgents(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const relations = await listRelations(api.point.db, party, null, 'agent');
  const parties = await partiesById(
    api,
    relations.map((one) => one.to),
  );
  ctx.body = {
    data: relations.map((one) => ({ id: one.id, agent: parties.get(one.to) })),
    links: { next: null },
  };
}

async function postAgent(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const actor = actorOf(ctx);
  const id = uuidParameter(ctx, 'agent') ?? uuidParameter(ctx, 'to');
  const body =
    id === null
      ? (((await readJson(ctx)) ?? {}) as { personIdentifier?: unknown; lastName?: unknown })
      : {};
  const byName =
    typeof body.personIdentifier === 'string' && typeof body.lastName === 'string'
      ? await personByName(api.point.db, actor, {
          personIdentifier: body.personIdentifier,
          lastName: body.lastName,
        })
      : undefined;
  const agent =
    byName ?? (id === null ? undefined : await findParty(api.point.db, { by: 'uuid', value: id }));
  if (!agent) throw invalid([id === null ? 'STD.VLD-00000' : 'AM.VLD-00006', '/agent']);
  const { id: relation, added } = await addAgent(api.point, actor, party, agent);
  ctx.status = added ? 201 : 200;
  ctx.body = { id: relation, roleId: roleId('agent'), fromId: party, toId: agent.id };
}

async function deleteAgent(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  await removeAgent(
    api.point,
    actorOf(ctx),
    party,
    agentOf(ctx),
    flagParameter(ctx, 'cascade', false),
  );
  ctx.status = 204;
}

async function deleteAgentClient(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  await endPassedOn(
    api.point,
    actorOf(ctx).party,
    { via: party, to: agentOf(ctx), from: clientOf(ctx) },
    null,
  );
  ctx.status = 204;
}

function getPassed(side: 'from' | 'to', what: 'package' | 'resource'): Handler {
  return async (ctx, api, party) => {
    const where = {
      via: party,
      to: side === 'to' ? agentOf(ctx) : uuidParameter(ctx, 'agent'),
      from:
        side === 'from'
          ? clientOf(ctx)
          : (uuidParameter(ctx, 'client') ?? uuidParameter(ctx, 'from')),
    };
    const rows = (await findCustomerMandates(api.point.db, where, clock.now())).filter(
      (row) => row.holds && row[what] !== null,
    );
    await tell(ctx, api, rows, what, side === 'to' ? 'from' : 'to');
  };
}

/** Grouped by the other party: a customer's agents, or an agent's customers. */
async function tell(
  ctx: Context,
  api: DelegationApi,
  rows: CustomerRow[],
  what: 'package' | 'resource',
  other: 'from' | 'to',
): Promise<void> {
  const catalogue = await currentCatalogue(api.point);
  const parties = await partiesById(
    api,
    rows.flatMap((row) => [row.from, row.to, row.via]),
  );
  const groups = new Map<string, CustomerRow[]>();
  for (const row of rows) groups.set(row[other], [...(groups.get(row[other]) ?? []), row]);
  ctx.body = {
    data: [...groups].map(([id, list]) => ({
      [other === 'from' ? 'client' : 'agent']: parties.get(id),
      access: list.map((row) => ({
        role: roleRef(row.role ?? RIGHTHOLDER, catalogue),
        via: parties.get(row.via),
        mandateId: row.id,
        ...(what === 'package'
          ? { package: packageRef(row.package!, catalogue) }
          : { resource: { refId: row.resource, actions: row.actions } }),
      })),
    })),
    links: { next: null },
  };
}

async function readValues(ctx: Context): Promise<Passing[]> {
  const { values } = ((await readJson(ctx)) ?? {}) as { values?: unknown };
  const isPassing = (one: unknown): one is Passing =>
    typeof (one as Passing | null)?.role === 'string' &&
    Array.isArray((one as Passing).packages) &&
    (one as Passing).packages.every((name) => typeof name === 'string');
  if (!Array.isArray(values) || !values.every(isPassing))
    throw invalid(['TIL.VLD-00001', '/values']);
  return values;
}

async function postPackages(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const passed = await passOn(
    api.point,
    actorOf(ctx),
    { supplier: party, client: clientOf(ctx), agent: agentOf(ctx) },
    await readValues(ctx),
  );
  ctx.body = passed.map((one) => ({
    roleId: roleId(one.role),
    packageId: packageId(one.package),
    viaId: one.via,
    fromId: one.from,
    toId: one.to,
    changed: one.changed,
  }));
}

async function deletePackages(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const values = await readValues(ctx);
  const packages = values.flatMap((one) => one.packages.map(packageCode));
  await endPassedOn(
    api.point,
    actorOf(ctx).party,
    { via: party, to: agentOf(ctx), from: clientOf(ctx) },
    { packages },
  );
  ctx.status = 204;
}

async function postResource(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const resource = resourceIn(ctx);
  const where = { supplier: party, client: clientOf(ctx), agent: agentOf(ctx) };
  ctx.body = [
    {
      resource,
      viaId: party,
      fromId: where.client,
      toId: where.agent,
      changed: await passOnResource(api.point, actorOf(ctx), where, resource),
    },
  ];
}

async function deleteResource(ctx: Context, api: DelegationApi, party: string): Promise<void> {
  const resource = resourceIn(ctx);
  await endPassedOn(
    api.point,
    actorOf(ctx).party,
    { via: party, to: agentOf(ctx), from: clientOf(ctx) },
    { resource },
  );
  ctx.status = 204;
}

// ---- an agent's own side

function getMine(other: 'from' | 'via') {
  return async (ctx: Context, api: DelegationApi): Promise<void> => {
    const me = actorOf(ctx).party;
    const found = await findCustomerMandates(
      api.point.db,
      { via: null, to: me, from: null },
      clock.now(),
    );
    const rows = found.filter((row) => row.holds);
    const employers =
      other === 'via'
        ? (await listRelations(api.point.db, null, me, 'agent')).map((one) => one.from)
        : [];
    const ids = [...new Set([...rows.map((row) => row[other]), ...employers])];
    const parties = await partiesById(api, ids);
    ctx.body = { data: ids.flatMap((id) => parties.get(id) ?? []), links: { next: null } };
  };
}

async function getMyPassed(ctx: Context, api: DelegationApi): Promise<void> {
  const rows = await findCustomerMandates(
    api.point.db,
    {
      via: uuidParameter(ctx, 'provider'),
      to: actorOf(ctx).party,
      from: uuidParameter(ctx, 'client'),
    },
    clock.now(),
  );
  await tell(
    ctx,
    api,
    rows.filter((row) => row.holds && row.package !== null),
    'package',
    'from',
  );
}

/** Drops a customer, or what is named of it. */
function dropMine(
  named: (ctx: Context) => Promise<{ packages?: string[]; resource?: string } | null>,
) {
  return async (ctx: Context, api: DelegationApi): Promise<void> => {
    const me = actorOf(ctx).party;
    await endPassedOn(
      api.point,
      me,
      { via: uuidParameter(ctx, 'provider'), to: me, from: clientOf(ctx) },
      await named(ctx),
      true,
    );
    ctx.status = 204;
  };
}

/** `?package=`, or `{"values":[{"role","packages"}]}` as where they are passed on. */
async function packagesOf(ctx: Context): Promise<{ packages: string[] }> {
  const code = queryParameter(ctx, 'package');
  return {
    packages: code
      ? [packageCode(code)]
      : (await readValues(ctx)).flatMap((one) => one.packages.map(packageCode)),
  };
}

function resourceIn(ctx: Context): string {
  const resource = queryParameter(ctx, 'resource')?.toLowerCase();
  if (!resource) throw invalid(['STD.VLD-00000', '$QUERY/resource']);
  return resource;
}

async function deleteProvider(ctx: Context, api: DelegationApi): Promise<void> {
  const me = actorOf(ctx).party;
  await removeAgent(
    api.point,
    { party: me },
    uuidParameter(ctx, 'provider') ?? requiredUuid(ctx, 'from'),
    me,
    true,
  );
  ctx.status = 204;
}
