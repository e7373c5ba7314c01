// End users' connections as JSON (contract/rights.md C.2, C.3): relations, access packages and
// roles, each with the delegation check that tells beforehand. Rights to resources are in
// rights_routes.ts.
import { currentCatalogue } from '../resource/catalogue.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { languageOf } from '../platform/locale.ts';
import { findParties, findParty } from '../party/store.ts';
import { packageId, roleId, type Catalogue } from '../resource/catalogue_model.ts';
import { packageCode } from '../resource/policy_model.ts';
import { givenBy, receivedBy, type Connections, type Holding } from './holdings.ts';
import { checkPackages, hasStanding } from '../delegation/check.ts';
import {
  AGENT,
  packageCheckDto,
  packageRef,
  partyDto,
  reasonDto,
  RIGHTHOLDER,
  roleDto,
  roleRef,
} from '../delegation/dto_model.ts';
import { endBetween, endConnection } from '../delegation/end.ts';
import {
  actorOf,
  connectionScopes,
  directionOf,
  flagParameter,
  personByName,
  requiredUuid,
  uuidParameter,
  type DelegationApi,
  type Direction,
} from '../delegation/enduser.ts';
import { asActor, bothParties, givePackage } from '../delegation/give.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { addRelation, findRelation } from '../delegation/relation_store.ts';

export const BASE = '/accessmanagement/api/v1/enduser/connections';

export function connectionRoutes(api: DelegationApi): Router {
  const router = new Router();
  const rows: [
    'get' | 'post' | 'delete',
    string,
    string,
    (ctx: Context, api: DelegationApi) => Promise<void>,
  ][] = [
    ['get', '', 'connections', getConnections],
    ['get', '/users', 'connections_users', getUsers],
    ['post', '', 'connections_add', postConnection],
    ['delete', '', 'connections_end', deleteConnection],
    ['get', '/accesspackages', 'packages_given', getPackages],
    ['post', '/accesspackages', 'package_give', postPackage],
    ['delete', '/accesspackages', 'package_end', deletePackage],
    ['get', '/accesspackages/delegationcheck', 'package_check', getPackageCheck],
    ['get', '/roles', 'connections_roles', getRoles],
    ['delete', '/roles', 'connections_role_end', deleteRole],
  ];
  for (const [method, path, route, handler] of rows) {
    router[method](
      BASE + path,
      named(route),
      api.bearer.scope(...connectionScopes(method !== 'get')),
      (ctx: Context) => handler(ctx, api),
    );
  }
  return router;
}

/** What is between the parties of a call, from the side of the one it is about. */
export async function connectionsOf(
  { party, from, to, way, actor }: Direction,
  { point }: DelegationApi,
): Promise<Connections> {
  const now = clock.now();
  return way === 'toothers'
    ? givenBy(point, party, to, actor.party, now)
    : receivedBy(point, party.id, from, actor.party, now);
}

export function permissionDto(holding: Holding, { parties, catalogue }: Connections) {
  const dto = (id: string | null) =>
    id !== null && parties.has(id) ? partyDto(parties.get(id)!) : null;
  const role = holding.role ?? (holding.basis === 'customer' ? AGENT : RIGHTHOLDER);
  return {
    from: dto(holding.from),
    to: dto(holding.to),
    via: dto(holding.via),
    viaRole: holding.viaRole && roleRef(holding.viaRole, catalogue),
    role: roleRef(role, catalogue),
    reason: reasonDto(holding.reasons),
    mandateId: holding.mandate,
  };
}

/** Packages that a holding carries: the one that was given, or those of a role. */
export const packagesOf = (holding: Holding, { parties, catalogue }: Connections): string[] =>
  holding.package !== null
    ? [holding.package]
    : holding.role === null
      ? []
      : catalogue.accessOf(holding.role, parties.get(holding.from)?.unitType ?? null);

async function getConnections(ctx: Context, api: DelegationApi): Promise<void> {
  const direction = await directionOf(ctx, api, false);
  const found = await connectionsOf(direction, api);
  const shown = flagParameter(ctx, 'includeClientDelegations', true)
    ? found.holdings
    : found.holdings.filter((one) => !one.reasons.includes('client-delegation'));
  const other = (one: { from: string; to: string }) =>
    direction.way === 'toothers' ? one.to : one.from;
  const groups = new Map<string, Holding[]>(
    found.relations.map((relation) => [other(relation), []]),
  );
  for (const holding of shown)
    groups.set(other(holding), [...(groups.get(other(holding)) ?? []), holding]);
  const include = (name: string) => flagParameter(ctx, name, false);
  const [packages, resources, instances] = [
    'includeAccessPackages',
    'includeResources',
    'includeInstances',
  ].map(include);
  ctx.body = {
    data: [...groups]
      .filter(([id]) => found.parties.has(id))
      .map(([id, holdings]) => ({
        party: partyDto(found.parties.get(id)!),
        roles: [...new Set(holdings.flatMap((one) => one.role ?? []))].map((code) =>
          roleRef(code, found.catalogue),
        ),
        packages: packages
          ? [...new Set(holdings.flatMap((one) => packagesOf(one, found)))].map((code) =>
              packageRef(code, found.catalogue),
            )
          : [],
        resources: resources
          ? [
              ...new Set(
                holdings.flatMap((one) => (one.instance === null ? (one.resource ?? []) : [])),
              ),
            ].map((refId) => ({ refId }))
          : [],
        instances: instances
          ? holdings
              .filter((one) => one.instance !== null)
              .map((one) => ({ resourceId: one.resource, instanceId: one.instance }))
          : [],
        connections: [],
      })),
    links: { next: null },
  };
}

async function getUsers(ctx: Context, api: DelegationApi): Promise<void> {
  const direction = await directionOf(ctx, api, false);
  const found = await connectionsOf(direction, api);
  const others = new Set(
    [...found.relations, ...found.holdings].map((one) =>
      direction.way === 'toothers' ? one.to : one.from,
    ),
  );
  ctx.body = {
    data: [...others].flatMap((id) => found.parties.get(id) ?? []).map(partyDto),
    links: { next: null },
  };
}

/**
 * Adds a rightholder, by id or as a person by number and last name; the same again is the same
 * answer.
 */
async function postConnection(ctx: Context, api: DelegationApi): Promise<void> {
  const { party, way, actor } = await directionOf(ctx, api, true);
  if (way !== 'toothers') throw fault('TIL-00008', { because: 'only the giver adds' });
  const to = uuidParameter(ctx, 'to') ?? (await readPerson(ctx, api)).id;
  const { receiver } = await bothParties(api.point.db, party.id, to);
  // A person's id alone is no proof of knowing the person, unless there is a relation already.
  const named = uuidParameter(ctx, 'to') !== null && receiver.kind === 'person';
  if (named && !(await findRelation(api.point.db, party.id, to, 'rightholder')))
    throw problem('AM-00024');
  const { relation } = await addRelation(
    api.point.db,
    { from: party.id, to, kind: 'rightholder', by: actor.party },
    clock.now(),
  );
  ctx.body = { id: relation.id, roleId: roleId(RIGHTHOLDER), fromId: party.id, toId: to };
}

async function readPerson(ctx: Context, { point }: DelegationApi) {
  const body = ((await readJson(ctx)) ?? {}) as { personIdentifier?: unknown; lastName?: unknown };
  const { personIdentifier, lastName } = body;
  if (typeof personIdentifier !== 'string' || !personIdentifier)
    throw invalid(['STD.VLD-00000', '/personIdentifier']);
  if (typeof lastName !== 'string' || !lastName) throw invalid(['STD.VLD-00000', '/lastName']);
  return personByName(point.db, actorOf(ctx), { personIdentifier, lastName });
}

async function deleteConnection(ctx: Context, api: DelegationApi): Promise<void> {
  const direction = await directionOf(ctx, api, true);
  const [from, to] = [requiredUuid(ctx, 'from'), requiredUuid(ctx, 'to')];
  const type = direction.way === 'fromothers' ? 'renounced' : 'ended';
  const cascade = flagParameter(ctx, 'cascade', false);
  await endConnection(api.point.db, { from, to }, { by: direction.actor.party, type, cascade });
  ctx.status = 204;
}

/** `package` (code or URN) or `packageId`, as a code; AM-00035 for one that is not known. */
export function packageParameter(ctx: Context, catalogue: Catalogue): string {
  const id = uuidParameter(ctx, 'packageId');
  const name = queryParameter(ctx, 'package');
  if (id === null && !name) throw invalid(['STD.VLD-00000', '$QUERY/package']);
  const code =
    id === null
      ? packageCode(name!)
      : [...catalogue.packages.keys()].find((known) => packageId(known) === id);
  if (!code || !catalogue.packages.has(code)) throw problem('AM-00035');
  return code;
}

async function getPackages(ctx: Context, api: DelegationApi): Promise<void> {
  const found = await connectionsOf(await directionOf(ctx, api, false), api);
  const groups = new Map<string, Holding[]>();
  for (const holding of found.holdings)
    for (const code of packagesOf(holding, found))
      groups.set(code, [...(groups.get(code) ?? []), holding]);
  ctx.body = {
    data: [...groups].map(([code, holdings]) => ({
      package: packageRef(code, found.catalogue),
      permissions: holdings.map((holding) => permissionDto(holding, found)),
    })),
    links: { next: null },
  };
}

async function postPackage(ctx: Context, api: DelegationApi): Promise<void> {
  const { party, actor, way } = await directionOf(ctx, api, true);
  if (way !== 'toothers') throw fault('TIL-00008', { because: 'only the giver gives' });
  const to = requiredUuid(ctx, 'to');
  const code = packageParameter(ctx, await currentCatalogue(api.point));
  if (!(await findParty(api.point.db, { by: 'uuid', value: to }))) throw problem('AM-00021');
  if (!(await findRelation(api.point.db, party.id, to, 'rightholder'))) throw problem('AM-00022');
  const { mandate, changed } = await givePackage(
    api.point,
    asActor(api.point, actor),
    { from: party.id, to },
    code,
  );
  ctx.status = changed ? 201 : 200;
  ctx.body = {
    id: mandate.id,
    packageId: packageId(code),
    urn: packageRef(code, await currentCatalogue(api.point)).urn,
    fromId: party.id,
    toId: to,
    changed,
  };
}

async function deletePackage(ctx: Context, api: DelegationApi): Promise<void> {
  const { way, actor } = await directionOf(ctx, api, true);
  const [from, to] = [requiredUuid(ctx, 'from'), requiredUuid(ctx, 'to')];
  const code = packageParameter(ctx, await currentCatalogue(api.point));
  const type = way === 'fromothers' ? 'renounced' : 'ended';
  await endBetween(api.point.db, { from, to, package: code }, { by: actor.party, type });
  ctx.status = 204;
}

/**
 * Everything of this kind of party, or the packages that are named, with the ways to give each
 * (contract/rights.md C.3).
 */
async function getPackageCheck(ctx: Context, { point }: DelegationApi): Promise<void> {
  const actor = actorOf(ctx);
  const party = uuidParameter(ctx, 'party');
  if (!party) throw fault('TIL-00008', { because: 'no party' });
  const now = clock.now();
  const catalogue = await currentCatalogue(point);
  const ids = ctx.URL.searchParams.getAll('packageIds');
  const codes = [
    ...ctx.URL.searchParams.getAll('packages').map(packageCode),
    ...ids.map(
      (id) =>
        [...catalogue.packages.keys()].find((code) => packageId(code) === id.toLowerCase()) ?? id,
    ),
  ];
  const giver = await findParty(point.db, { by: 'uuid', value: party });
  if (!giver || !(await hasStanding(point, actor, giver.id, now)))
    throw fault('TIL-00008', { because: 'no standing' });
  const kind =
    giver.kind === 'person' || giver.kind === 'self_identified' ? 'person' : 'organization';
  if (codes.some((code) => catalogue.packages.get(code)?.forKind !== kind))
    throw problem('AM-00041');
  const checks = await checkPackages(point, actor, party, codes.length ? codes : null, now);
  const names = new Map(
    (
      await findParties(
        point.db,
        [
          party,
          actor.party,
          ...checks.flatMap((check) => check.ways.flatMap((way) => way.mandate?.via ?? [])),
        ],
        now,
      )
    ).map((row) => [row.id, row]),
  );
  ctx.body = {
    data: checks.map((check) =>
      packageCheckDto(check, names, { from: party, to: actor.party }, catalogue),
    ),
    links: { next: null },
  };
}

async function getRoles(ctx: Context, api: DelegationApi): Promise<void> {
  const found = await connectionsOf(await directionOf(ctx, api, false), api);
  const groups = new Map<string, Holding[]>();
  for (const holding of found.holdings)
    if (holding.role !== null)
      groups.set(holding.role, [...(groups.get(holding.role) ?? []), holding]);
  const language = languageOf(ctx);
  ctx.body = {
    data: [...groups].map(([code, holdings]) => ({
      role: roleDto(code, found.catalogue, language),
      permissions: holdings.map((holding) => permissionDto(holding, found)),
    })),
    links: { next: null },
  };
}

/** Roles come from registers, and are ended there. */
async function deleteRole(ctx: Context, api: DelegationApi): Promise<void> {
  await directionOf(ctx, api, true);
  const catalogue = await currentCatalogue(api.point);
  throw problem(
    catalogue.roleCode(queryParameter(ctx, 'rolecode') ?? queryParameter(ctx, 'roleCode') ?? '')
      ? 'AM-00040'
      : 'AM-00039',
  );
}
