// Resource servers for the organisations that own them: which there are, and whether each sees that
// a token holds no longer before it has run out.
import { organization } from '../../caller/doors.ts';
import { reply, type Operation } from '../../platform/http/doors.ts';
import { named, shape, text, Type } from '../../platform/http/shapes.ts';
import { operation } from '../doors.ts';
import { problem } from '../problems.ts';
import { ownerOfApis } from '../registry/owner.ts';
import { changeServer, listOwnServers } from './store.ts';

const PATH = '/access/v1/resource-servers';
const WRITE = 'altinn:resourceregistry/scope.write';
const READ = 'altinn:resourceregistry/scope.read';

const ResourceServer = named(
  'ResourceServer',
  shape({
    identifier: Type.String(),
    scopes: Type.Array(Type.String()),
    signingAlg: Type.Union([Type.Literal('RS256'), Type.Literal('ES256')]),
    checksStatus: Type.Boolean(),
  }),
);

export function resourceServerOperations(): Operation[] {
  const own = { dialect: 'own' as const, paths: [PATH] as [string] };
  return [
    operation(
      {
        ...own,
        id: 'resource_servers',
        method: 'GET',
        who: organization(WRITE, READ),
        limit: 'read',
        summary: 'The resource servers that an organisation owns',
        answers: {
          200: { description: 'All', schema: shape({ data: Type.Array(ResourceServer) }) },
        },
        errors: ['TIL-00008'],
      },
      async ({ act, caller }) =>
        reply({ data: await listOwnServers(act.db, await ownerOfApis(act, caller)) }),
    ),
    operation(
      {
        ...own,
        id: 'resource_server_change',
        method: 'PATCH',
        who: organization(WRITE),
        limit: 'write',
        summary: 'Say that a resource server checks the status of each token, or no longer does',
        body: shape({ identifier: text(500), checksStatus: Type.Boolean() }),
        answers: { 200: { description: 'As it is now', schema: ResourceServer } },
        errors: ['TIL-00008', 'TIL-00071'],
      },
      async ({ act, caller, body }) => {
        const changed = await changeServer(act, await ownerOfApis(act, caller), body);
        if (!changed) throw problem('TIL-00071');
        return reply(changed);
      },
    ),
  ];
}
