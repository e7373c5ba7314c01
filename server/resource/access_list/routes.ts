// Access lists as JSON: a service owner's register of organisations that may use its gated
// resources, with members in batches, resources with action filters, and the version of a list as
// its ETag (RFC 9110 §8.8.3).
import type { Knowing } from '../catalogue/catalogue.ts';
import type { Context } from 'koa';
import { token } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import type { Caller } from '../../caller/model.ts';
import { nothing, reply, type Operation, type Reply } from '../../platform/http/doors.ts';
import { canonicalJson, sha256 } from '../../platform/ids.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import { changeMembers, endList, membersNamed } from './access_lists.ts';
import { ADMIN, REGISTRY, mustOwn, registered } from '../registry/owner.ts';
import { invalid, problem } from '../problems.ts';
import {
  connectList,
  disconnectList,
  findAccessLists,
  listMembers,
  putAccessList,
  type ListRow,
} from '../registry/store.ts';
import * as shapes from '../shapes.ts';

const WRITE = 'altinn:resourceregistry/accesslist.write';
export const readers = ['altinn:resourceregistry/accesslist.read', WRITE, ADMIN];
const MOST = 100;
export const LISTS = `${REGISTRY}/access-lists`;
const LIST = `${LISTS}/:owner/:id`;

export const readingLists = {
  method: 'GET' as const,
  dialect: 'altinn' as const,
  limit: 'read' as const,
  who: token(...readers),
  errors: ['TIL-00008'],
};
const writing = {
  dialect: 'altinn' as const,
  limit: 'write' as const,
  who: token(WRITE, ADMIN),
  errors: ['TIL-00008', 'TIL-00033', 'TIL-00034', 'RR.VLD-00000', 'RR.VLD-00004'],
};
const owner = { owner: text(20) };
const list = { ...owner, id: text(100) };
const ended = { 204: { description: 'It has ended' } };

export function accessListOperations(): Operation[] {
  return [...listOperations(), ...memberOperations(), ...connectionOperations()];
}

function listOperations(): Operation[] {
  return [
    operation(
      {
        ...readingLists,
        id: 'access_lists',
        paths: [`${LISTS}/:owner`],
        summary: "An owner's access lists",
        path: owner,
        answers: { 200: { description: 'Lists', schema: shapes.AccessLists } },
      },
      async ({ act, caller, path }) => {
        mustOwn(caller, path.owner);
        const lists = await findAccessLists(act.db, path.owner, null);
        return reply({ data: lists.map(dto), links: { next: null } });
      },
    ),
    operation(
      {
        ...readingLists,
        id: 'access_list',
        paths: [LIST],
        summary: 'One access list',
        path: list,
        answers: { 200: { description: 'With its version', schema: shapes.AccessList } },
        errors: ['TIL-00008', 'TIL-00033'],
      },
      async ({ act, caller, path }) => told(act, await found(act, caller, path), 200),
    ),
    operation(
      {
        ...writing,
        id: 'access_list_put',
        method: 'PUT',
        paths: [LIST],
        summary: 'Make an access list, or name it anew',
        path: { ...owner, id: Type.String({ pattern: '^[a-z0-9_-]{2,100}$' }) },
        body: shapes.ListWritten,
        answers: {
          200: { description: 'Changed', schema: shapes.AccessList },
          201: { description: 'New', schema: shapes.AccessList },
        },
      },
      async ({ act, ctx, caller, path, body }) => {
        mustOwn(caller, path.owner);
        const [existing] = await findAccessLists(act.db, path.owner, path.id);
        if (existing) await checkVersion(ctx, act, existing);
        const { name, description } = body;
        if (!(await putAccessList(act.db, path.id, path.owner, name, description ?? ''))) {
          throw invalid('RR.VLD-00004', '/owner');
        }
        return told(act, await found(act, caller, path), existing ? 200 : 201);
      },
    ),
    operation(
      {
        ...writing,
        id: 'access_list_end',
        method: 'DELETE',
        paths: [LIST],
        summary: 'End an access list',
        path: list,
        answers: ended,
      },
      async ({ act, ctx, caller, path }) => {
        const one = await found(act, caller, path);
        await checkVersion(ctx, act, one);
        await endList(act.db, one.id);
        return nothing;
      },
    ),
  ];
}

function memberOperations(): Operation[] {
  const answers = { 200: { description: 'Members, all of them', schema: shapes.Members } };
  const members = async (act: Knowing, one: ListRow): Promise<Reply> => {
    const data = (await listMembers(act.db, one.id)).map(memberDto);
    return reply({ data, links: { next: null } }, 200, { etag: await etagOf(act, one) });
  };
  const changing = (method: 'PUT' | 'POST' | 'DELETE', how: 'replace' | 'add' | 'remove') =>
    operation(
      {
        ...writing,
        id: `access_members_${how}`,
        method,
        paths: [`${LIST}/members`],
        summary: `${how === 'replace' ? 'Replace' : how === 'add' ? 'Add' : 'Remove'} members, all that are named or none`,
        path: list,
        body: shapes.membersWritten(how === 'replace' ? 0 : 1),
        answers,
      },
      async ({ act, ctx, caller, path, body }) => {
        const one = await found(act, caller, path);
        await checkVersion(ctx, act, one);
        if (body.data.length > MOST) throw invalid('RR.VLD-00000', '/data');
        await changeMembers(act.db, one.id, how, await membersNamed(act, body.data));
        return members(act, one);
      },
    );
  return [
    operation(
      {
        ...readingLists,
        id: 'access_members',
        paths: [`${LIST}/members`],
        summary: 'Members of an access list',
        path: list,
        answers,
        errors: ['TIL-00008', 'TIL-00033'],
      },
      async ({ act, caller, path }) => members(act, await found(act, caller, path)),
    ),
    changing('PUT', 'replace'),
    changing('POST', 'add'),
    changing('DELETE', 'remove'),
  ];
}

function connectionOperations(): Operation[] {
  const path = { ...list, resource: text(200) };
  const answers = { 200: { description: 'Resources', schema: shapes.ResourceConnections } };
  const resources = ({ resources: all }: ListRow) =>
    reply({ data: all.map(connection), links: { next: null } });
  return [
    operation(
      {
        ...readingLists,
        id: 'access_list_resources',
        paths: [`${LIST}/resource-connections`],
        summary: 'Resources that an access list opens',
        path: list,
        answers,
        errors: ['TIL-00008', 'TIL-00033'],
      },
      async ({ act, caller, path: at }) => resources(await found(act, caller, at)),
    ),
    operation(
      {
        ...writing,
        id: 'access_list_connect',
        method: 'PUT',
        paths: [`${LIST}/resource-connections/:resource`],
        summary: 'Let an access list open a resource, wholly or for some actions',
        path,
        body: shapes.ConnectionWritten,
        answers,
        errors: [...writing.errors, 'RR-00002', 'RR-00004'],
      },
      async ({ act, ctx, caller, path: at, body }) => {
        const one = await found(act, caller, at);
        await checkVersion(ctx, act, one);
        const resource = await registered(act, at.resource);
        if (resource.owner.organizationNo !== at.owner) throw problem('RR-00004');
        const only = body.actionFilters?.length ? body.actionFilters : null;
        await connectList(act.db, one.id, resource.id, only);
        return resources(await found(act, caller, at));
      },
    ),
    operation(
      {
        ...writing,
        id: 'access_list_disconnect',
        method: 'DELETE',
        paths: [`${LIST}/resource-connections/:resource`],
        summary: 'Take a resource from an access list',
        path,
        answers: ended,
      },
      async ({ act, ctx, caller, path: at }) => {
        const one = await found(act, caller, at);
        await checkVersion(ctx, act, one);
        await disconnectList(act.db, one.id, at.resource.toLowerCase());
        return nothing;
      },
    ),
  ];
}

export const urn = (name: string) => `urn:altinn:access-list:${name}`;
export const identifier = (name: string) => name.slice(name.indexOf(':') + 1);
const dto = (one: ListRow) => ({
  identifier: identifier(one.id),
  name: one.name,
  description: one.description,
  urn: urn(one.id),
  members: one.members,
  resourceConnections: one.resources.map(connection),
});
const connection = (one: { resource: string; actions: string[] | null }) => ({
  resourceIdentifier: one.resource,
  actionFilters: one.actions ?? [],
});
const memberDto = (member: { id: string; organizationNo: string; name: string }) => ({
  id: `urn:altinn:party:uuid:${member.id}`,
  name: member.name,
  identifiers: {
    'urn:altinn:organization:identifier-no': member.organizationNo,
    'urn:altinn:party:uuid': member.id,
  },
});

const told = async (act: Knowing, one: ListRow, status: number) =>
  reply(dto(one), status, { etag: await etagOf(act, one) });

/** The list, for its owner. */
async function found(
  act: Knowing,
  caller: Caller,
  at: { owner: string; id: string },
): Promise<ListRow> {
  mustOwn(caller, at.owner);
  const [one] = await findAccessLists(act.db, at.owner, at.id);
  if (!one) throw problem('TIL-00033');
  return one;
}

/** The version of a list: what it says and whom it holds. */
async function etagOf(act: Knowing, one: ListRow): Promise<string> {
  const members = (await listMembers(act.db, one.id)).map(({ id }) => id);
  return `"${sha256(canonicalJson([one, members]))}"`;
}

async function checkVersion(ctx: Context, act: Knowing, one: ListRow): Promise<void> {
  const wanted = ctx.get('if-match');
  if (wanted && wanted !== '*' && wanted !== (await etagOf(act, one))) throw problem('TIL-00034');
}
