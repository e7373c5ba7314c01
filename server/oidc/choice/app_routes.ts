// A person's programs, as JSON.
import { person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { isOneself, type PersonCaller } from '../../caller/model.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { fault } from '../../platform/errors.ts';
import {
  instantOut,
  named,
  nullable,
  rows,
  shape,
  text,
  Type,
  uuid,
} from '../../platform/http/shapes.ts';
import { appsOf, narrow, stop } from './apps.ts';
import type { AppRow } from './app_store.ts';
import { takeBackOffline } from './offline.ts';
import { listOffline, type OfflineRow } from './offline_store.ts';

const APPS = '/access/v1/apps';
const id = () => text(100);

const App = named(
  'App',
  shape({
    id: Type.String(),
    client: shape({
      id: Type.String(),
      name: nullable(Type.String()),
      owner: nullable(Type.String()),
    }),
    since: instantOut(),
    until: nullable(instantOut()),
    refreshes: Type.Boolean(),
    lasting: Type.Union(['consent', 'offline', 'session'].map((one) => Type.Literal(one))),
    lastUsed: instantOut(),
    identity: Type.Boolean(),
    consents: Type.Array(uuid()),
    parties: Type.Array(
      shape({
        id: uuid(),
        kind: Type.String(),
        name: Type.String(),
        organizationNo: nullable(Type.String()),
      }),
    ),
  }),
);

const OFFLINE = '/access/v1/offline-permissions';
const OfflinePermission = named(
  'OfflinePermission',
  shape({
    id: uuid(),
    client: shape({
      id: Type.String(),
      name: nullable(Type.String()),
      owner: nullable(Type.String()),
    }),
    since: instantOut(),
  }),
);

const permissionDto = ({ id, clientId, clientName, ownerName, since }: OfflineRow) => ({
  id,
  client: { id: clientId, name: clientName, owner: ownerName },
  since,
});

const appDto = ({ clientId, clientName, ownerName, lastUsedAt, ...rest }: AppRow) => ({
  ...rest,
  client: { id: clientId, name: clientName, owner: ownerName },
  lastUsed: lastUsedAt,
});

/** A login for chosen parties alone says nothing of the person's own. */
function ownOf(caller: PersonCaller): string {
  if (!isOneself(caller, caller.party)) throw fault('TIL-00008', { because: 'not chosen' });
  return caller.party;
}

export function appOperations(): Operation[] {
  const shared = { who: person('altinn:portal/enduser'), dialect: 'own' as const };
  return [
    operation(
      {
        ...shared,
        id: 'apps',
        method: 'GET',
        paths: [APPS],
        limit: 'read',
        summary: 'Programs that act with my login: whom and what they were let, and last use',
        answers: { 200: { description: 'Newest first', schema: rows(App) } },
        errors: ['TIL-00008'],
      },
      async ({ act, caller }) =>
        reply({
          data: (await appsOf(act, ownOf(caller))).map(appDto),
          links: { next: null },
        }),
    ),
    operation(
      {
        ...shared,
        id: 'app_stop',
        method: 'DELETE',
        paths: [`${APPS}/:id`],
        limit: 'write',
        summary: 'Stop a program: it fetches nothing more with my login',
        path: { id: id() },
        answers: { 204: { description: 'Stopped' } },
        errors: ['TIL-00008', 'TIL-00009'],
      },
      async ({ act, caller, path }) => {
        await stop(act.db, ownOf(caller), path.id);
        return nothing;
      },
    ),
    operation(
      {
        ...shared,
        id: 'app_narrow',
        method: 'DELETE',
        paths: [`${APPS}/:id/parties/:party`],
        limit: 'write',
        summary: 'Take a party out of what a program may act for',
        path: { id: id(), party: uuid() },
        answers: { 204: { description: 'Narrowed, or stopped when it was the last' } },
        errors: ['TIL-00008', 'TIL-00009'],
      },
      async ({ act, caller, path }) => {
        await narrow(act.db, ownOf(caller), path.id, path.party);
        return nothing;
      },
    ),
    operation(
      {
        ...shared,
        id: 'offline_permissions',
        method: 'GET',
        paths: [OFFLINE],
        limit: 'read',
        summary: 'Programs that I let continue when I am logged out',
        answers: { 200: { description: 'Newest first', schema: rows(OfflinePermission) } },
        errors: ['TIL-00008'],
      },
      async ({ act, caller }) =>
        reply({
          data: (await listOffline(act, ownOf(caller))).map(permissionDto),
          links: { next: null },
        }),
    ),
    operation(
      {
        ...shared,
        id: 'offline_permission_end',
        method: 'DELETE',
        paths: [`${OFFLINE}/:id`],
        limit: 'write',
        summary: 'Take it back: what the program got by it stops, and it must ask me again',
        path: { id: uuid() },
        answers: { 204: { description: 'Taken back' } },
        errors: ['TIL-00008', 'TIL-00009'],
      },
      async ({ act, caller, path }) => {
        await takeBackOffline(act, ownOf(caller), path.id);
        return nothing;
      },
    ),
  ];
}
