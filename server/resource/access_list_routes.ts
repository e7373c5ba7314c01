// Access lists as JSON (contract/rights.md B.9, C.10): a service owner's register of organisations
// that may use its gated resources, with members in batches, resources with action filters, and the
// version of a list as its ETag.
import Router from '@koa/router';
import type { Context } from 'koa';
import { changeMembers, endList, membersNamed } from './access_lists.ts';
import { invalidToken, type Caller } from '../caller/model.ts';
import { anyPartyName } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { queryParameter, readJson } from '../platform/body.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { canonicalJson, sha256 } from '../platform/ids.ts';
import { invalid, problem } from './problems.ts';
import { mustOwn, BASE, type RegistryApi } from './registry_routes.ts';
import {
  connectList,
  disconnectList,
  findAccessLists,
  findMemberships,
  findRegistered,
  listMembers,
  putAccessList,
  type ListRow,
} from './registry_store.ts';

const READ = [
  'altinn:resourceregistry/accesslist.read',
  'altinn:resourceregistry/accesslist.write',
  'altinn:resourceregistry/resource.admin',
];
const WRITE = READ.slice(1);
const MOST = 100;
type Handler = (ctx: Context, api: RegistryApi, ownerNo: string) => Promise<void>;

export function accessListRoutes(api: RegistryApi): Router {
  const router = new Router();
  const lists = `${BASE}/access-lists`;
  router.get(
    `${lists}/memberships`,
    named('list_memberships'),
    api.bearer.scope(...READ, 'altinn:resourceregistry/pdp:accesslist.read'),
    (ctx) => getMemberships(ctx, api),
  );
  router.get(`${lists}/get-by-member`, named('lists_by_member'), api.bearer.scope(...READ), (ctx) =>
    getByMember(ctx, api),
  );
  const rows: ['get' | 'put' | 'post' | 'delete', string, string, Handler][] = [
    ['get', '', 'lists', getLists],
    ['get', '/:id', 'list', getList],
    ['put', '/:id', 'list_put', putList],
    ['delete', '/:id', 'list_end', deleteList],
    ['get', '/:id/members', 'members', getMembers],
    ['put', '/:id/members', 'members_replace', postMembers('replace')],
    ['post', '/:id/members', 'members_add', postMembers('add')],
    ['delete', '/:id/members', 'members_remove', postMembers('remove')],
    ['get', '/:id/resource-connections', 'list_resources', getConnections],
    ['put', '/:id/resource-connections/:resource', 'list_connect', putConnection],
    ['delete', '/:id/resource-connections/:resource', 'list_disconnect', deleteConnection],
  ];
  for (const [method, path, route, handler] of rows) {
    router[method](
      `${lists}/:owner${path}`,
      named(`access_${route}`),
      api.bearer.scope(...(method === 'get' ? READ : WRITE)),
      (ctx: Context) => {
        const { owner } = ctx.params as { owner: string };
        mustOwn(ctx, owner);
        return handler(ctx, api, owner);
      },
    );
  }
  return router;
}

const urn = (list: string) => `urn:altinn:access-list:${list}`;
const identifier = (list: string) => list.slice(list.indexOf(':') + 1);
const dto = (list: ListRow) => ({
  identifier: identifier(list.id),
  name: list.name,
  description: list.description,
  urn: urn(list.id),
  members: list.members,
  resourceConnections: list.resources.map(connection),
});
const connection = (one: { resource: string; actions: string[] | null }) => ({
  resourceIdentifier: one.resource,
  actionFilters: one.actions ?? [],
});

async function found(ctx: Context, { point }: RegistryApi, ownerNo: string): Promise<ListRow> {
  const [list] = await findAccessLists(point.db, ownerNo, (ctx.params as { id: string }).id);
  if (!list) throw problem('TIL-00033');
  return list;
}

/** The version of a list: what it says and whom it holds. */
async function etagOf({ point }: RegistryApi, list: ListRow): Promise<string> {
  return `"${sha256(canonicalJson([list, (await listMembers(point.db, list.id)).map((member) => member.id)]))}"`;
}

async function checkVersion(ctx: Context, api: RegistryApi, list: ListRow): Promise<void> {
  const wanted = ctx.get('if-match');
  if (wanted && wanted !== '*' && wanted !== (await etagOf(api, list))) throw problem('TIL-00034');
}

async function getLists(ctx: Context, { point }: RegistryApi, ownerNo: string): Promise<void> {
  ctx.body = {
    data: (await findAccessLists(point.db, ownerNo, null)).map(dto),
    links: { next: null },
  };
}

async function getList(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const list = await found(ctx, api, ownerNo);
  ctx.set('etag', await etagOf(api, list));
  ctx.body = dto(list);
}

async function putList(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const { id } = ctx.params as { id: string };
  const body = ((await readJson(ctx)) ?? {}) as { name?: unknown; description?: unknown };
  if (
    !/^[a-z0-9_-]{2,100}$/.test(id) ||
    typeof body.name !== 'string' ||
    !body.name ||
    body.name.length > 200
  )
    throw fault('TIL-00014', { because: 'name or id' });
  const { description = '' } = body;
  if (typeof description !== 'string' || description.length > 1_000)
    throw fault('TIL-00014', { because: 'description' });
  const [existing] = await findAccessLists(api.point.db, ownerNo, id);
  if (existing) await checkVersion(ctx, api, existing);
  if (!(await putAccessList(api.point.db, id, ownerNo, body.name, description)))
    throw invalid('RR.VLD-00004', '/owner');
  await getList(ctx, api, ownerNo);
  ctx.status = existing ? 200 : 201;
}

async function deleteList(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const list = await found(ctx, api, ownerNo);
  await checkVersion(ctx, api, list);
  await endList(api.point.db, list.id);
  ctx.status = 204;
}

const memberDto = (member: { id: string; organizationNo: string; name: string }) => ({
  id: `urn:altinn:party:uuid:${member.id}`,
  name: member.name,
  identifiers: {
    'urn:altinn:organization:identifier-no': member.organizationNo,
    'urn:altinn:party:uuid': member.id,
  },
});

async function getMembers(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const list = await found(ctx, api, ownerNo);
  ctx.set('etag', await etagOf(api, list));
  ctx.body = {
    data: (await listMembers(api.point.db, list.id)).map(memberDto),
    links: { next: null },
  };
}

/**
 * `{"data":["urn:altinn:organization:identifier-no:…"]}`, at most a hundred; all of them or none.
 */
function postMembers(how: 'add' | 'remove' | 'replace'): Handler {
  return async (ctx, api, ownerNo) => {
    const list = await found(ctx, api, ownerNo);
    await checkVersion(ctx, api, list);
    const { data } = ((await readJson(ctx)) ?? {}) as { data?: unknown };
    if (!Array.isArray(data) || (data.length === 0 && how !== 'replace'))
      throw invalid('RR.VLD-00003', '/data');
    if (data.length > MOST) throw invalid('RR.VLD-00000', '/data');
    if (data.some((name) => typeof name !== 'string')) throw invalid('RR.VLD-00004', '/data');
    const ids = await membersNamed(api.point.db, data as string[]);
    await changeMembers(api.point.db, list.id, how, ids);
    await getMembers(ctx, api, ownerNo);
  };
}

async function getConnections(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  ctx.body = {
    data: (await found(ctx, api, ownerNo)).resources.map(connection),
    links: { next: null },
  };
}

async function putConnection(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const list = await found(ctx, api, ownerNo);
  await checkVersion(ctx, api, list);
  const resource = await findRegistered(
    api.point.db,
    (ctx.params as { resource: string }).resource,
  );
  if (!resource) throw problem('RR-00002');
  if (resource.owner.organizationNo !== ownerNo) throw problem('RR-00004');
  const { actionFilters = [] } = ((await readJson(ctx)) ?? {}) as { actionFilters?: unknown };
  if (!Array.isArray(actionFilters) || actionFilters.some((one) => typeof one !== 'string' || !one))
    throw fault('TIL-00014', { because: 'actionFilters' });
  await connectList(
    api.point.db,
    list.id,
    resource.id,
    actionFilters.length ? (actionFilters as string[]) : null,
  );
  await getConnections(ctx, api, ownerNo);
}

async function deleteConnection(ctx: Context, api: RegistryApi, ownerNo: string): Promise<void> {
  const list = await found(ctx, api, ownerNo);
  await checkVersion(ctx, api, list);
  await disconnectList(
    api.point.db,
    list.id,
    (ctx.params as { resource: string }).resource.toLowerCase(),
  );
  ctx.status = 204;
}

/** `?party=<urn>&resource=<urn>`: what lists open; for an owner its own lists only. */
async function getMemberships(ctx: Context, api: RegistryApi): Promise<void> {
  const party = await memberParameter(ctx, api, 'party');
  const resource = queryParameter(ctx, 'resource')?.replace(/^urn:altinn:resource:/, '') ?? null;
  const rows = await findMemberships(api.point.db, [party], resource);
  ctx.body = {
    data: rows
      .filter((row) => mayRead(ctx, row.ownerNo))
      .map((row) => ({
        party: `urn:altinn:party:uuid:${row.party}`,
        resource: `urn:altinn:resource:${row.resource}`,
        actionFilters: row.actions,
      })),
    links: { next: null },
  };
}

async function getByMember(ctx: Context, api: RegistryApi): Promise<void> {
  const party = await memberParameter(ctx, api, 'party');
  const rows = await findMemberships(api.point.db, [party], null);
  const lists = new Map(
    rows.filter((row) => mayRead(ctx, row.ownerNo)).map((row) => [row.list, row]),
  );
  ctx.body = {
    data: [...lists.values()].map((row) => ({
      identifier: identifier(row.list),
      urn: urn(row.list),
    })),
    links: { next: null },
  };
}

async function memberParameter(
  ctx: Context,
  { point }: RegistryApi,
  name: string,
): Promise<string> {
  const text = queryParameter(ctx, name);
  if (!text) throw invalid('RR.VLD-00003', `$QUERY/${name}`);
  const parsed = anyPartyName(text);
  const party = parsed && (await findParty(point.db, parsed));
  if (!party) throw invalid('RR.VLD-00004', `$QUERY/${name}`);
  return party.id;
}

/** The decision point's own scope and the administrator's see every list, an owner its own. */
function mayRead(ctx: Context, ownerNo: string): boolean {
  const caller = ctx.state.caller as Caller;
  if (
    caller.scopes.has('altinn:resourceregistry/pdp:accesslist.read') ||
    caller.scopes.has('altinn:resourceregistry/resource.admin')
  )
    return true;
  if (caller.kind !== 'organization') throw invalidToken('no consumer claim');
  return caller.organizationNo === ownerNo;
}
