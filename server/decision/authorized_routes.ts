// Authorized parties as JSON (contract/rights.md C.1): for a person about itself, and for a service
// owner about a subject, which hears only of what opens its own resources unless it may hear of
// all.
import type { DecisionPoint } from './point.ts';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Bearer } from '../caller/bearer.ts';
import { invalidToken, type Caller } from '../caller/model.ts';
import { anyPartyName, partyName, type PartyName } from '../party/model.ts';
import { findParties, resolveParties } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { authorizedParties, type Authorized, type AuthorizedOptions } from './authorized.ts';
import { problem } from './problems.ts';

export interface AuthorizedApi {
  point: DecisionPoint;
  bearer: Bearer;
}

const BASE = '/accessmanagement/api/v1';
const OWN = 'altinn:accessmanagement/authorizedparties';
const ANY = `${OWN}.admin`;

export function authorizedRoutes(api: AuthorizedApi): Router {
  const router = new Router();
  router.get(
    `${BASE}/enduser/authorizedparties`,
    named('authorized_parties'),
    api.bearer.scope('altinn:portal/enduser', OWN),
    (ctx) => getOwn(ctx, api),
  );
  const owner = api.bearer.scope(`${OWN}.resourceowner`, ANY);
  for (const who of ['resourceowner', 'serviceowner']) {
    router.post(`${BASE}/${who}/authorizedparties`, named('authorized_parties_of'), owner, (ctx) =>
      postOf(ctx, api),
    );
  }
  return router;
}

async function getOwn(ctx: Context, { point }: AuthorizedApi): Promise<void> {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'person') throw invalidToken('no person in the token');
  const names = ctx.URL.searchParams
    .getAll('partyFilter')
    .map((text) => anyPartyName(text) ?? null);
  const options = await optionsOf(ctx, point, names, { standard: false, ownerNo: null, own: true });
  ctx.body = { data: await list(point, caller.party, options), links: { next: null } };
}

async function postOf(ctx: Context, { point }: AuthorizedApi): Promise<void> {
  const caller = ctx.state.caller as Caller;
  const any = caller.scopes.has(ANY);
  if (!any && caller.kind !== 'organization') throw fault('TIL-00008');
  const body = ((await readJson(ctx)) ?? {}) as {
    type?: unknown;
    value?: unknown;
    partyFilter?: unknown;
  };
  const subject =
    typeof body.type === 'string' && typeof body.value === 'string'
      ? partyName(body.type, body.value.trim())
      : undefined;
  if (!subject) throw problem('AUTHZ.VLD-00011', { members: { paths: ['/type', '/value'] } });
  const filter = body.partyFilter ?? [];
  if (!Array.isArray(filter))
    throw problem('AUTHZ.VLD-00011', { members: { paths: ['/partyFilter'] } });
  const names = filter.map(
    (one: { type?: unknown; value?: unknown } | null) =>
      partyName(String(one?.type ?? ''), String(one?.value ?? '')) ?? null,
  );
  const ownerNo =
    any || caller.kind !== 'organization'
      ? queryParameter(ctx, 'orgCode') || null
      : caller.organizationNo;
  const options = await optionsOf(ctx, point, names, { standard: true, ownerNo, own: false });
  const [id] = (await resolveParties(point.db, [subject])).values();
  ctx.body = id ? await list(point, id, options) : [];
}

/**
 * Flags of the query: `auto` is what is usual here. Parties and resources that are not known leave
 * nothing over.
 */
async function optionsOf(
  ctx: Context,
  point: DecisionPoint,
  filter: (PartyName | null)[],
  { standard, ownerNo, own }: { standard: boolean; ownerNo: string | null; own: boolean },
): Promise<AuthorizedOptions> {
  const flag = (name: string, usual: boolean) => {
    const value = queryParameter(ctx, name)?.toLowerCase();
    if (value === undefined || value === '' || value === 'auto') return usual;
    if (value !== 'true' && value !== 'false')
      throw problem('AUTHZ.VLD-00011', { members: { paths: [`$QUERY/${name}`] } });
    return value === 'true';
  };
  const names = filter.filter((name): name is PartyName => name !== null);
  const resources = ctx.URL.searchParams.getAll('anyOfResourceIds').map((id) => id.toLowerCase());
  return {
    roles: flag('includeRoles', standard),
    packages: flag('includeAccessPackages', standard),
    resources: flag('includeResources', standard),
    instances: flag('includeInstances', standard),
    viaKeyRoles: flag('includePartiesViaKeyRoles', true),
    subParties: flag('includeSubParties', true),
    inactive: flag('includeInactiveParties', false),
    ownerNo,
    own,
    parties: filter.length ? [...(await resolveParties(point.db, names)).values()] : null,
    anyOfResources: resources.length ? resources : null,
  };
}

async function list(point: DecisionPoint, subject: string, options: AuthorizedOptions) {
  const now = clock.now();
  const [party] = await findParties(point.db, [subject], now);
  return party ? (await authorizedParties(point, party, options, now)).map(dto) : [];
}

const TYPES: Record<string, string> = {
  person: 'Person',
  organization: 'Organization',
  subunit: 'Organization',
  self_identified: 'SelfIdentified',
};

function dto(entry: Authorized): Record<string, unknown> {
  const { party } = entry;
  return {
    partyUuid: party.id,
    name: party.name,
    organizationNumber: party.organizationNo,
    parentId: party.parent,
    personId: party.personNo,
    dateOfBirth: party.bornOn,
    partyId: Number(party.partyId),
    emailId:
      party.kind === 'self_identified' && party.username?.includes('@') ? party.username : null,
    type: TYPES[party.kind] ?? 'None',
    unitType: party.unitType,
    isDeleted: party.ended,
    onlyHierarchyElementWithNoAccess: entry.shell,
    authorizedAccessPackages: entry.packages,
    authorizedResources: entry.resources,
    authorizedRoles: entry.roles,
    authorizedInstances: entry.instances.map(({ resource, instance }) => ({
      resourceId: resource,
      instanceId: instance.slice(instance.lastIndexOf('/') + 1),
      instanceRef: `urn:altinn:instance-id:${instance}`,
    })),
    subunits: entry.units.map(dto),
  };
}
