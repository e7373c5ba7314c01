// Access lists as JSON: a service owner's register of organisations that may use its gated
// resources, with members in batches, resources with action filters, and the version of a list as
// its ETag (RFC 9110 §8.8.3).
import type { Knowing } from '../catalogue/catalogue.ts';
import type { Context } from 'koa';
import { token } from '../../caller/doors.ts';
import { operation } from '../doors.ts';
import { doerOf, type Caller } from '../../caller/model.ts';
import { nothing, reply, type Operation, type Reply } from '../../platform/http/doors.ts';
import { text, Type } from '../../platform/http/shapes.ts';
import { changeList, changeMembers, listChange, membersNamed, versionOf } from './access_lists.ts';
import { ADMIN, REGISTRY, mustOwn, registered } from '../registry/owner.ts';
import { invalid, problem } from '../problems.ts';
import {
  connectList,
  disconnectList,
  endAccessList,
  findAccessLists,
  listIdentifier,
  listMembers,
  putAccessList,
  type ListChange,
  type ListRow,
} from './store.ts';
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
        const at = named(ctx, path);
        return changeList(act, at, async (inner, existing) => {
          if (at.seen && !existing) throw problem('TIL-00034');
          const { name, description } = body;
          const whose = { id: path.id, ownerNo: path.owner, by: doerOf(caller) };
          if (!(await putAccessList(inner, { ...whose, name, description: description ?? '' })))
            throw invalid('RR.VLD-00004', '/owner');
          return told(inner, await found(inner, caller, path), existing ? 200 : 201);
        });
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
        return changing({ act, ctx, caller, path }, async (inner, whose) => {
          await endAccessList(inner, whose);
          return nothing;
        });
      },
    ),
  ];
}

function memberOperations(): Operation[] {
  const answers = { 200: { description: 'Members, all of them', schema: shapes.Members } };
  const members = async (act: Knowing, one: ListRow): Promise<Reply> => {
    const data = (await listMembers(act.db, one.id)).map(memberDto);
    return reply({ data, links: { next: null } }, 200, { etag: await versionOf(act.db, one) });
  };
  const changingMembers = (method: 'PUT' | 'POST' | 'DELETE', how: 'replace' | 'add' | 'remove') =>
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
        return changing({ act, ctx, caller, path }, async (inner, whose) => {
          if (body.data.length > MOST) throw invalid('RR.VLD-00000', '/data');
          await changeMembers(inner, whose, how, await membersNamed(inner, body.data));
          return members(inner, await found(inner, caller, path));
        });
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
    changingMembers('PUT', 'replace'),
    changingMembers('POST', 'add'),
    changingMembers('DELETE', 'remove'),
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
        return changing({ act, ctx, caller, path: at }, async (inner, whose) => {
          const resource = await registered(inner, at.resource);
          if (resource.owner.organizationNo !== at.owner) throw problem('RR-00004');
          const only = body.actionFilters?.length ? body.actionFilters : null;
          await connectList(inner, whose, { resource: resource.id, actions: only });
          return resources(await found(inner, caller, at));
        });
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
        return changing({ act, ctx, caller, path: at }, async (inner, whose) => {
          await disconnectList(inner, whose, at.resource.toLowerCase());
          return nothing;
        });
      },
    ),
  ];
}

export const urn = (name: string) => `urn:altinn:access-list:${name}`;
const dto = (one: ListRow) => ({
  identifier: listIdentifier(one.id),
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
  reply(dto(one), status, { etag: await versionOf(act.db, one) });

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

interface Changing {
  act: Knowing;
  ctx: Context;
  caller: Caller;
  path: { owner: string; id: string };
}

const named = (ctx: Context, { owner, id }: { owner: string; id: string }) => ({
  owner,
  id,
  seen: ctx.get('if-match') || undefined,
});

/** Changes a list that there is, for its owner. */
function changing(
  { act, ctx, caller, path }: Changing,
  change: (inner: Knowing, whose: ListChange) => Promise<Reply>,
): Promise<Reply> {
  mustOwn(caller, path.owner);
  return changeList(act, named(ctx, path), (inner, one) => {
    if (!one) throw problem('TIL-00033');
    return change(inner, listChange(one, doerOf(caller)));
  });
}
