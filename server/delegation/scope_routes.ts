// API scopes between organisations (contract/rights.md C.7): a consumer lets a supplier use a
// schema's scopes, either ends it, and a token issuer looks it up. No inheritance by sub-units.
import Router from '@koa/router';
import type { Context } from 'koa';
import { insufficientLevel, type Caller } from '../caller/model.ts';
import { anyPartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { transaction } from '../platform/db.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { uuidv7 } from '../platform/ids.ts';
import { answer } from '../decision/commands.ts';
import { byId, whichActions } from '../decision/search.ts';
import { findParties } from '../decision/search_store.ts';
import { listMandates } from '../mandate/delegation_store.ts';
import { actionsOf } from '../resource/policy_model.ts';
import { mustAdminister, type Actor } from './authority.ts';
import { SCHEMA } from './check.ts';
import { partyDto, rightDto } from './dto_model.ts';
import { endAll } from './end.ts';
import {
  actorOf,
  ENDUSER,
  flagParameter,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
} from './enduser.ts';
import { store } from './give.ts';
import { grantsItself, hasCarrier, untilOf } from './model.ts';
import { invalid, problem } from './problems.ts';
import { addRelation, findRelation, listRelations, removeRelation } from './relation_store.ts';
import { findScopeDelegations } from './scope_store.ts';

const BASE = '/accessmanagement/api/v1';
const OWN = 'altinn:maskinporten/delegations';
/** The action that a schema is for. */
const USE = 'scopeaccess';

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
        await mustAdminister(api.db, actor, party, 'scopes', clock.now());
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
async function getDelegations(ctx: Context, { db }: DelegationApi): Promise<void> {
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
  const found = await findScopeDelegations(db, supplier, consumer, scope, clock.now());
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
  return async (ctx: Context, { db }: DelegationApi, party: string): Promise<void> => {
    const relations = await listRelations(
      db,
      kind === 'suppliers' ? party : null,
      kind === 'suppliers' ? null : party,
      'supplier',
    );
    const parties = await findParties(
      db,
      relations.map((one) => (kind === 'suppliers' ? one.to : one.from)),
      clock.now(),
    );
    ctx.body = { data: parties.map(partyDto), links: { next: null } };
  };
}

/** The supplier by UUID or organisation number, in the query or the body. */
async function supplierIn(ctx: Context, { db }: DelegationApi): Promise<string> {
  const body = ctx.is('application/json')
    ? (((await readJson(ctx)) ?? {}) as { organizationIdentifier?: unknown })
    : {};
  const text =
    queryParameter(ctx, 'supplier') ?? queryParameter(ctx, 'to') ?? body.organizationIdentifier;
  const name = typeof text === 'string' ? anyPartyName(text) : undefined;
  const party = name && (await findParty(db, name));
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
    api.db,
    { from: party, to: supplier, kind: 'supplier', by: actor.party },
    clock.now(),
  );
  ctx.status = added ? 201 : 200;
  ctx.body = { id: relation.id, fromId: party, toId: supplier };
}

/**
 * The mandates between them that are about API scopes: no other is this administrator's to see or
 * to end.
 */
async function schemas(api: DelegationApi, from: string | null, to: string | null) {
  const mandates = (await listMandates(api.db, { from, to, limit: 10_000 }, clock.now())).filter(
    (mandate) => mandate.basis === 'delegation' && mandate.resource !== null,
  );
  const answers = mandates.length
    ? await answer(
        api.db,
        mandates.map((one) => ({ subject: null, from: null, action: '', resource: one.resource! })),
        clock.now(),
      )
    : [];
  return mandates.filter((_, index) => answers[index]!.resource?.type === SCHEMA);
}

async function deleteSupplier(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const supplier = await supplierIn(ctx, api);
  await leave(ctx, api, party, supplier, actor, 'ended');
}

async function deleteConsumer(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  await leave(
    ctx,
    api,
    uuidParameter(ctx, 'consumer') ?? requiredUuid(ctx, 'from'),
    party,
    actor,
    'renounced',
  );
}

async function leave(
  ctx: Context,
  api: DelegationApi,
  consumer: string,
  supplier: string,
  actor: Actor,
  how: 'ended' | 'renounced',
): Promise<void> {
  if (!(await findRelation(api.db, consumer, supplier, 'supplier')))
    throw invalid(['AM.VLD-00032', '/supplier']);
  const mandates = await schemas(api, consumer, supplier);
  if (mandates.length && !flagParameter(ctx, 'cascade', false))
    throw invalid(['AM.VLD-00031', '$QUERY/cascade']);
  const now = clock.now();
  await transaction(api.db, async (trx) => {
    await endAll(trx, mandates, actor.party, how, now);
    await removeRelation(trx, consumer, supplier, 'supplier');
  });
  ctx.status = 204;
}

function getResources(kind: 'suppliers' | 'consumers') {
  return async (ctx: Context, api: DelegationApi, party: string): Promise<void> => {
    const other = uuidParameter(ctx, kind === 'suppliers' ? 'supplier' : 'consumer');
    const mandates = await schemas(
      api,
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
  const [now, about] = [
    clock.now(),
    { subject: byId(actor.party), from: byId(party), resource: id },
  ];
  const [known] = await answer(api.db, [{ ...about, action: USE }], now);
  if (!known!.resource || !known!.policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
  const [mine, its] = [
    await whichActions(api.db, about, now),
    await whichActions(api.db, { ...about, subject: about.from }, now),
  ];
  const able = [
    ...mine.filter(({ answered }) => hasCarrier(answered)),
    ...its.filter(({ answered }) => grantsItself(answered)),
  ];
  const until = untilOf(
    able.map(({ answered }) => answered.decision),
    known!.facts.mandates,
  );
  return {
    id,
    known: known!,
    actions: actionsOf(known!.policy),
    permitted: [...new Set(able.map(({ action }) => action))],
    until,
  };
}

async function postResource(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const { id, known, permitted, until } = await schemaIn(ctx, api, party, actor);
  if (known.resource!.type !== SCHEMA) throw problem('AM-00027');
  if (!known.resource!.delegable) throw problem('AM-00042');
  const supplier = await supplierIn(ctx, api);
  if (!(await findRelation(api.db, party, supplier, 'supplier')))
    throw invalid(['AM.VLD-00032', '/supplier']);
  if (!permitted.includes(USE)) throw problem('AM-00028');
  const { person: level } = known.policy!.minimumLevel;
  if (actor.level < level) throw insufficientLevel(level);
  const now = clock.now();
  const changed = await transaction(api.db, (trx) =>
    store(
      trx,
      {
        id: uuidv7(now),
        from: party,
        to: supplier,
        basis: 'delegation',
        package: null,
        resource: id,
        actions: permitted,
        instance: null,
        validFrom: now,
        validTo: until,
        mayPassOn: false,
        givenBy: actor.party,
        givenRole: null,
        evidence: null,
        needs: null,
        through: null,
      },
      now,
    ),
  );
  ctx.status = changed ? 201 : 200;
  ctx.body = { resource: id, fromId: party, toId: supplier, changed };
}

async function deleteResource(
  ctx: Context,
  api: DelegationApi,
  party: string,
  actor: Actor,
): Promise<void> {
  const id = queryParameter(ctx, 'resource')?.toLowerCase();
  if (!id) throw invalid(['STD.VLD-00000', '$QUERY/resource']);
  const mandates = (await schemas(api, party, await supplierIn(ctx, api))).filter(
    (one) => one.resource === id,
  );
  await transaction(api.db, (trx) => endAll(trx, mandates, actor.party, 'ended', clock.now()));
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
