// API scopes between organisations (contract/rights.md C.7): a consumer lets a supplier use a
// schema's scopes, either ends it, and a token issuer looks it up. No inheritance by sub-units.
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Caller } from '../caller/model.ts';
import { anyPartyName } from '../party/model.ts';
import { findParties, findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { SCHEMA } from '../delegation/check.ts';
import { partyDto, rightDto } from '../delegation/dto_model.ts';
import type { Ending } from '../delegation/end.ts';
import {
  actorOf,
  ENDUSER,
  flagParameter,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
} from '../delegation/enduser.ts';
import { endScopes, giveScopes, leave, schemaFor, scopeMandates, USE } from './scopes.ts';
import { invalid } from '../delegation/problems.ts';
import { addRelation, listRelations } from '../delegation/relation_store.ts';
import { findScopeDelegations } from './scope_store.ts';

const BASE = '/accessmanagement/api/v1';
const OWN = 'altinn:maskinporten/delegations';

export function scopeRoutes(api: DelegationApi): Router {
  const router = new Router();
  const suppliers = `${BASE}/enduser/maskinportensuppliers`;
  const consumers = `${BASE}/enduser/maskinportenconsumers`;
  const rows: [
    'get' | 'post' | 'delete',
    string,
    string,
    'suppliers' | 'consumers',
    (ctx: Context, api: DelegationApi, party: string, actor: Actor) => Promise<void>,
  ][] = [
    ['get', suppliers, 'scope_suppliers', 'suppliers', getRelations('suppliers')],
    ['post', suppliers, 'scope_supplier_add', 'suppliers', postSupplier],
    ['delete', suppliers, 'scope_supplier_remove', 'suppliers', deleteSupplier],
    ['get', `${suppliers}/resources`, 'scope_resources', 'suppliers', getResources('suppliers')],
    ['post', `${suppliers}/resources`, 'scope_give', 'suppliers', postResource],
    ['delete', `${suppliers}/resources`, 'scope_end', 'suppliers', deleteResource],
    ['get', `${suppliers}/resources/delegationcheck`, 'scope_check', 'suppliers', getCheck],
    ['get', consumers, 'scope_consumers', 'consumers', getRelations('consumers')],
    ['get', `${consumers}/resources`, 'scope_got', 'consumers', getResources('consumers')],
    ['delete', consumers, 'scope_consumer_leave', 'consumers', deleteConsumer],
  ];
  for (const [method, path, route, kind, handler] of rows) {
    const scope = `altinn:accessmanagement/enduser:maskinporten${kind}`;
    router[method](
      path,
      named(route),
      api.bearer.scope(ENDUSER, `${scope}.write`, ...(method === 'get' ? [`${scope}.read`] : [])),
      async (ctx: Context) => {
        const party = uuidParameter(ctx, 'party');
        if (!party) throw fault('TIL-00008', { because: 'no party' });
        const actor = actorOf(ctx);
        await mustAdminister(api.point, actor, party, 'scopes', clock.now());
        return handler(ctx, api, party, actor);
      },
    );
  }
  router.get(
    `${BASE}/maskinporten/delegations`,
    named('scope_delegations'),
    api.bearer.scope(OWN, `${OWN}.admin`),
    (ctx) => getDelegations(ctx, api),
  );
  return router;
}

/** For a token issuer, or an owner about its own scopes by their prefix. */
async function getDelegations(ctx: Context, { point }: DelegationApi): Promise<void> {
  const [supplier, consumer, scope] = ['supplierOrg', 'consumerOrg', 'scope'].map(
    (name) => queryParameter(ctx, name) || null,
  ) as [string | null, string | null, string | null];
  const caller = ctx.state.caller as Caller;
  if (!caller.scopes.has(`${OWN}.admin`)) {
    const prefixes = caller.kind === 'organization' ? caller.scopePrefixes : [];
    if (!scope) throw invalid(['STD.VLD-00000', '$QUERY/scope']);
    if (!prefixes.includes(scope.split(':')[0]!))
      throw fault('TIL-00008', {
        members: { requiredPrefix: scope.split(':')[0] },
        because: 'prefix',
      });
  }
  for (const [name, value] of [
    ['supplierOrg', supplier],
    ['consumerOrg', consumer],
  ] as const) {
    if (value !== null && !/^\d{9}$/.test(value)) throw invalid(['AM.VLD-00009', `$QUERY/${name}`]);
  }
  const found = await findScopeDelegations(point.db, supplier, consumer, scope, clock.now());
  ctx.body = found.map((row) => ({
    consumer_org: row.consumerNo,
    supplier_org: row.supplierNo,
    delegation_scheme_Id: row.scheme,
    scopes: [row.scope],
    scope: row.scope,
    created: row.since,
    resourceid: row.resource,
  }));
}

function getRelations(kind: 'suppliers' | 'consumers') {
  return async (ctx: Context, { point }: DelegationApi, party: string): Promise<void> => {
    const relations = await listRelations(
      point.db,
      kind === 'suppliers' ? party : null,
      kind === 'suppliers' ? null : party,
      'supplier',
    );
    const parties = await findParties(
      point.db,
      relations.map((one) => (kind === 'suppliers' ? one.to : one.from)),
      clock.now(),
    );
    ctx.body = { data: parties.map(partyDto), links: { next: null } };
  };
}

/** The supplier by UUID or organisation number, in the query or the body. */
async function supplierIn(ctx: Context, { point }: DelegationApi): Promise<string> {
  const body = ctx.is('application/json')
    ? (((await readJson(ctx)) ?? {}) as { organizationIdentifier?: unknown })
    : {};
  const text =
    queryParameter(ctx, 'supplier') ?? queryParameter(ctx, 'to') ?? body.organizationIdentifier;
  const name = typeof text === 'string' ? anyPartyName(text) : undefined;
  const party = name && (await findParty(point.db, name));
  if (!party) throw invalid([text === undefined ? 'STD.VLD-00000' : 'AM.VLD-00006', '/supplier']);
  if (party.kind !== 'organization') throw invalid(['AM.VLD-00008', '/supplier']);
  return party.id;
}

async function postSupplier(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const supplier = await supplierIn(ctx, api);
  if (supplier === party) throw invalid(['AM.VLD-00045', '/supplier']);
  const { relation, added } = await addRelation(
    api.point.db,
    { from: party, to: supplier, kind: 'supplier', by: actor.party },
    clock.now(),
  );
  ctx.status = added ? 201 : 200;
  ctx.body = { id: relation.id, fromId: party, toId: supplier };
}

async function deleteSupplier(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const supplier = await supplierIn(ctx, api);
  const ending = { by: actor.party, type: 'ended' as const };
  await leaveAs(ctx, api, { consumer: party, supplier }, ending);
}

async function deleteConsumer(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const consumer = uuidParameter(ctx, 'consumer') ?? requiredUuid(ctx, 'from');
  const ending = { by: actor.party, type: 'renounced' as const };
  await leaveAs(ctx, api, { consumer, supplier: party }, ending);
}

async function leaveAs(
  ctx: Context,
  api: DelegationApi,
  pair: { consumer: string; supplier: string },
  ending: Ending,
): Promise<void> {
  await leave(api.point, pair, { ...ending, cascade: flagParameter(ctx, 'cascade', false) });
  ctx.status = 204;
}

function getResources(kind: 'suppliers' | 'consumers') {
  return async (ctx: Context, api: DelegationApi, party: string): Promise<void> => {
    const other = uuidParameter(ctx, kind === 'suppliers' ? 'supplier' : 'consumer');
    const mandates = await scopeMandates(
      api.point,
      kind === 'suppliers' ? party : other,
      kind === 'suppliers' ? other : party,
    );
    ctx.body = {
      data: mandates.map((one) => ({
        resource: { refId: one.resource },
        fromId: one.from,
        toId: one.to,
        mandateId: one.id,
        since: one.validFrom,
      })),
      links: { next: null },
    };
  };
}

/**
 * The schema that is asked about: its actions, those that the actor has for the party, and until
 * when.
 */
async function schemaIn(ctx: Context, api: DelegationApi, party: string, actor: Actor) {
  const id = queryParameter(ctx, 'resource')?.toLowerCase();
  if (!id) throw invalid(['STD.VLD-00000', '$QUERY/resource']);
  return schemaFor(api.point, actor, party, id);
}

async function postResource(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const schema = await schemaIn(ctx, api, party, actor);
  const to = await supplierIn(ctx, api);
  const changed = await giveScopes(api.point, actor, { from: party, to }, schema);
  ctx.status = changed ? 201 : 200;
  ctx.body = { resource: schema.id, fromId: party, toId: to, changed };
}

async function deleteResource(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const id = queryParameter(ctx, 'resource')?.toLowerCase();
  if (!id) throw invalid(['STD.VLD-00000', '$QUERY/resource']);
  const between = { from: party, to: await supplierIn(ctx, api), resource: id };
  await endScopes(api.point, between, { by: actor.party, type: 'ended' });
  ctx.status = 204;
}

async function getCheck(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const { id, known, actions, permitted } = await schemaIn(ctx, api, party, actor);
  const { type, delegable } = known.resource!;
  ctx.body = {
    resource: { id, refId: id, type },
    rights: actions.map((action) => {
      const may =
        type === SCHEMA && delegable && permitted.includes(USE) && permitted.includes(action);
      return {
        right: rightDto(id, action),
        result: may,
        reasonCodes: [
          may ? 'PackageAccess' : delegable ? 'MissingPackageAccess' : 'ResourceNotDelegable',
        ],
      };
    }),
  };
}
