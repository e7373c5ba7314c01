// Rights to single resources and instances as JSON (contract/rights.md C.2, C.3): what is given,
// giving and replacing by right key, ending, and the delegation check with its reason codes.
import Router from '@koa/router';
import type { Context } from 'koa';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { languageOf, pick, type Language } from '../platform/locale.ts';
import {
  actionsOf,
  rightKey,
  type Policy,
  instanceName,
  isInstanceName,
} from '../resource/policy_model.ts';
import { findPolicyOf } from '../resource/policy_store.ts';
import { findResources, type ResourceRow } from '../resource/store.ts';
import { BASE, connectionsOf, packagesOf, permissionDto } from './routes.ts';
import type { Connections, Holding } from './holdings.ts';
import { checkResource, hasStanding } from '../delegation/check.ts';
import { partyDto, rightCheckDto, rightDto } from '../delegation/dto_model.ts';
import { endBetween } from '../delegation/end.ts';
import {
  actorOf,
  connectionScopes,
  directionOf,
  personByName,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
} from '../delegation/enduser.ts';
import { asActor, giveRights } from '../delegation/give.ts';
import { addRelation, findRelation } from '../delegation/relation_store.ts';
import { invalid, problem } from '../delegation/problems.ts';

type Handler = (ctx: Context, api: DelegationApi, instances: boolean) => Promise<void>;

export function rightsRoutes(api: DelegationApi): Router {
  const router = new Router();
  const rows: ['get' | 'post' | 'put' | 'delete', string, string, Handler][] = [
    ['get', '', 'list', getResources],
    ['delete', '', 'end', deleteResource],
    ['get', '/rights', 'rights', getRights],
    ['post', '/rights', 'give', postRights],
    ['put', '/rights', 'replace', putRights],
    ['get', '/delegationcheck', 'check', getCheck],
  ];
  for (const [folder, instances] of [
    ['/resources', false],
    ['/resources/instances', true],
  ] as const) {
    for (const [method, path, route, handler] of rows) {
      router[method](
        `${BASE}${folder}${path}`,
        named(`${instances ? 'instance' : 'resource'}_${route}`),
        api.bearer.scope(...connectionScopes(method !== 'get')),
        (ctx: Context) => handler(ctx, api, instances),
      );
    }
  }
  router.get(
    `${BASE}/resources/instances/users`,
    named('instance_users'),
    api.bearer.scope(...connectionScopes(false)),
    (ctx) => getInstanceUsers(ctx, api),
  );
  return router;
}

function resourceParameter(ctx: Context): string {
  const resource = queryParameter(ctx, 'resource');
  if (!resource) throw invalid(['STD.VLD-00000', '$QUERY/resource']);
  return resource.toLowerCase();
}

function instanceParameter(ctx: Context, instances: boolean): string | null {
  const instance = queryParameter(ctx, 'instance');
  if (!instances) return null;
  if (!instance) throw invalid(['STD.VLD-00000', '$QUERY/instance']);
  const name = instanceName(instance);
  if (!isInstanceName(name)) throw invalid(['AM.VLD-00047', '$QUERY/instance']);
  return name;
}

const resourceDto = (resource: ResourceRow, language: Language) => ({
  id: resource.id,
  refId: resource.id,
  name: pick(resource.content.title, language)?.text ?? resource.id,
  type: resource.type,
  description:
    pick(resource.content.rightDescription ?? resource.content.description, language)?.text ?? null,
  provider: { code: resource.owner.organizationNo, name: resource.owner.name },
});

async function getResources(ctx: Context, api: DelegationApi, instances: boolean): Promise<void> {
  const found = await connectionsOf(await directionOf(ctx, api, false), api);
  const own = found.holdings.filter(
    (one) => one.resource !== null && (one.instance !== null) === instances,
  );
  const resources = await findResources(
    api.point.db,
    own.map((one) => one.resource!),
  );
  const language = languageOf(ctx);
  const groups = new Map<string, Holding[]>();
  for (const one of own) {
    const key = JSON.stringify([one.resource, one.instance]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  ctx.body = {
    data: [...groups.values()].map((holdings) => ({
      resource: resourceDto(resources.get(holdings[0]!.resource!)!, language),
      ...(instances ? { instance: { refId: holdings[0]!.instance } } : {}),
      permissions: holdings.map((holding) => permissionDto(holding, found)),
    })),
    links: { next: null },
  };
}

/**
 * Direct rights can be ended here; indirect ones come by a role, a package, a firm, a main unit or
 * a supplier.
 */
async function getRights(ctx: Context, api: DelegationApi, instances: boolean): Promise<void> {
  const found = await connectionsOf(await directionOf(ctx, api, false), api);
  const id = resourceParameter(ctx);
  const instance = instanceParameter(ctx, instances);
  const resource = (await findResources(api.point.db, [id])).get(id);
  const policy = await findPolicyOf(api.point.db, id);
  if (!resource || !policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
  const lines = (direct: boolean) =>
    actionsOf(policy).flatMap((action) => {
      const holdings = found.holdings.filter(
        (one) =>
          isDirect(one, id, instance) === direct &&
          opens(one, { id, instance, action }, policy, found),
      );
      return holdings.length
        ? [
            {
              right: rightDto(id, action),
              reason: permissionDto(holdings[0]!, found).reason,
              permissions: holdings.map((one) => permissionDto(one, found)),
            },
          ]
        : [];
    });
  ctx.body = {
    resource: resourceDto(resource, languageOf(ctx)),
    ...(instances ? { instance: { refId: instance } } : {}),
    directRights: lines(true),
    indirectRights: lines(false),
  };
}

const isDirect = (one: Holding, resource: string, instance: string | null) =>
  one.resource === resource &&
  one.instance === instance &&
  one.reasons.length === 1 &&
  one.reasons[0] === 'direct';

/**
 * Whether a holding alone gives the action: a right to it, or a package or role that the policy
 * names for it.
 */
function opens(
  one: Holding,
  { id, instance, action }: { id: string; instance: string | null; action: string },
  policy: Policy,
  found: Connections,
): boolean {
  if (one.resource !== null)
    return (
      one.resource === id &&
      one.actions!.includes(action) &&
      (one.instance === null || one.instance === instance)
    );
  const tags = new Set([
    ...packagesOf(one, found).map((code) => `package ${code}`),
    ...(one.role === null ? [] : [`role ${one.role}`]),
    ...(one.role !== null && found.catalogue.roles.get(one.role)?.keyRole ? ['key_role '] : []),
  ]);
  return policy.rules.some(
    (rule) =>
      rule.effect === 'permit' &&
      (rule.actions.length === 0 || rule.actions.includes(action)) &&
      rule.subjects.some((all) => all.every(({ kind, value }) => tags.has(`${kind} ${value}`))),
  );
}

const postRights: Handler = (ctx, api, instances) => give(ctx, api, instances, 'add');
const putRights: Handler = (ctx, api, instances) => give(ctx, api, instances, 'replace');

async function give(
  ctx: Context,
  api: DelegationApi,
  instances: boolean,
  how: 'add' | 'replace',
): Promise<void> {
  const { party, actor, way } = await directionOf(
    ctx,
    api,
    true,
    instances ? 'instances' : 'access',
  );
  if (way !== 'toothers') throw fault('TIL-00008', { because: 'only the giver gives' });
  const resource = resourceParameter(ctx);
  const instance = instanceParameter(ctx, instances);
  const body = ((await readJson(ctx)) ?? {}) as {
    directRightKeys?: unknown;
    to?: { personIdentifier?: unknown; lastName?: unknown };
  };
  const to = uuidParameter(ctx, 'to') ?? (await receiverIn(body, api, actor, party.id));
  if (!(await findRelation(api.point.db, party.id, to, 'rightholder'))) throw problem('AM-00022');
  const keys = body.directRightKeys;
  if (!Array.isArray(keys) || keys.length === 0) throw problem('AM-00033');
  const policy = await findPolicyOf(api.point.db, resource);
  if (!policy) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
  const byKey = new Map(actionsOf(policy).map((action) => [rightKey(resource, action), action]));
  const actions = keys.map((key) => byKey.get(String(key).toLowerCase()));
  if (actions.includes(undefined)) throw problem('AM-00036');
  const { mandate, changed } = await giveRights(
    api.point,
    asActor(api.point, actor),
    { from: party.id, to, resource, actions: actions as string[], instance },
    how,
  );
  ctx.status = changed && how === 'add' ? 201 : 200;
  ctx.body = {
    id: mandate.id,
    resourceId: resource,
    instanceId: instance,
    fromId: party.id,
    toId: to,
    directRightKeys: mandate.actions!.map((action) => rightKey(resource, action)),
    changed,
  };
}

/** A person named in the same call is added and given in one step. */
async function receiverIn(
  body: { to?: { personIdentifier?: unknown; lastName?: unknown } },
  { point }: DelegationApi,
  actor: ReturnType<typeof actorOf>,
  from: string,
): Promise<string> {
  const { personIdentifier, lastName } = body.to ?? {};
  if (typeof personIdentifier !== 'string' || typeof lastName !== 'string')
    throw invalid(['STD.VLD-00000', '$QUERY/to']);
  const person = await personByName(point.db, actor, { personIdentifier, lastName });
  await addRelation(
    point.db,
    { from, to: person.id, kind: 'rightholder', by: actor.party },
    clock.now(),
  );
  return person.id;
}

async function deleteResource(ctx: Context, api: DelegationApi, instances: boolean): Promise<void> {
  const { way, actor } = await directionOf(ctx, api, true, instances ? 'instances' : 'access');
  const [from, to] = [requiredUuid(ctx, 'from'), requiredUuid(ctx, 'to')];
  const instance = instanceParameter(ctx, instances);
  const type = way === 'fromothers' ? 'renounced' : 'ended';
  const between = { from, to, resource: resourceParameter(ctx), instance };
  await endBetween(api.point.db, between, { by: actor.party, type });
  ctx.status = 204;
}

async function getCheck(ctx: Context, { point }: DelegationApi, instances: boolean): Promise<void> {
  const actor = actorOf(ctx);
  const party = uuidParameter(ctx, 'party');
  if (!party) throw fault('TIL-00008', { because: 'no party' });
  const id = resourceParameter(ctx);
  const instance = instanceParameter(ctx, instances);
  if (!(await hasStanding(point, actor, party, clock.now())))
    throw fault('TIL-00008', { because: 'no standing' });
  const check = await checkResource(
    point,
    actor,
    { from: party, resource: id, instance },
    clock.now(),
  );
  const resource = (await findResources(point.db, [id])).get(id);
  if (!check || !resource) throw invalid(['AM.VLD-00012', '$QUERY/resource']);
  ctx.body = {
    resource: resourceDto(resource, languageOf(ctx)),
    ...(instances ? { instance: { refId: instance } } : {}),
    rights: check.rights.map((right) => rightCheckDto(right, id, { from: party, to: actor.party })),
  };
}

async function getInstanceUsers(ctx: Context, api: DelegationApi): Promise<void> {
  const found = await connectionsOf(await directionOf(ctx, api, false), api);
  const [resource, instance] = [resourceParameter(ctx), instanceParameter(ctx, true)];
  const users = new Set(
    found.holdings
      .filter(
        (one) => one.resource === resource && (one.instance === null || one.instance === instance),
      )
      .map((one) => one.to),
  );
  ctx.body = {
    data: [...users].flatMap((id) => found.parties.get(id) ?? []).map(partyDto),
    links: { next: null },
  };
}
