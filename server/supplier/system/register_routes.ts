// Systems as JSON: a vendor registers and ends its own, and anybody reads them.
import { everybody, organization } from '../../caller/doors.ts';
import type { OrganizationCaller } from '../../caller/model.ts';
import type { Deciding } from '../../decision/act.ts';
import { operation } from '../../decision/doors.ts';
import type { Party } from '../../party/model.ts';
import { findParty } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { rows, text, Type } from '../../platform/http/shapes.ts';
import { packageUrn } from '../../resource/policy/model.ts';
import type { VendorSystem } from './model.ts';
import { endRegistered, mustFindSystem, registerSystem, rightsIn } from './register.ts';
import { System, SystemBody, systemPath } from './shapes.ts';
import { listSystems } from './store.ts';

export const SYSTEMS = '/access/v1/systems';
const REGISTER = 'altinn:authentication/systemregister.write';
const STANDARD = 100;

const systemDto = ({ vendor: _vendor, vendorNo, vendorName, ...rest }: VendorSystem) => ({
  ...rest,
  packages: rest.packages.map(packageUrn),
  vendor: { organizationNumber: vendorNo, name: vendorName },
});

/** The organisation that calls, as it is registered; TIL-00008 for one that is not. */
export async function vendorOf(
  act: Deciding,
  { organizationNo: value }: OrganizationCaller,
): Promise<Party> {
  const vendor = await findParty(act, { by: 'organization', value });
  if (!vendor || vendor.endedAt) throw fault('TIL-00008', { because: 'unknown organization' });
  return vendor;
}

export function systemOperations(): Operation[] {
  const own = { dialect: 'own' as const };
  const reading = { ...own, method: 'GET' as const, who: everybody, limit: 'search' as const };
  const writing = {
    ...own,
    path: systemPath,
    who: organization(REGISTER),
    limit: 'write' as const,
  };
  return [
    operation(
      {
        ...reading,
        id: 'systems',
        paths: [SYSTEMS],
        summary: 'Systems that vendors have registered, by id',
        query: {
          vendor: Type.Optional(Type.String({ pattern: '^\\d{9}$', maxLength: 9 })),
          after: Type.Optional(text(110)),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
        },
        answers: { 200: { description: 'A page', schema: rows(System) } },
      },
      async ({ act, ctx, query }) => {
        const { vendor: vendorNo = null, after = '', limit = STANDARD } = query;
        const found = await listSystems(act.db, { vendorNo, after, limit });
        const next = new URLSearchParams(ctx.querystring);
        next.set('after', found.at(-1)?.id ?? '');
        const links = { next: found.length < limit ? null : `${ctx.path}?${next}` };
        return reply({ data: found.map(systemDto), links });
      },
    ),
    operation(
      {
        ...reading,
        id: 'system',
        paths: [`${SYSTEMS}/:id`],
        path: systemPath,
        summary: 'One system, also one that its vendor has ended',
        answers: { 200: { description: 'The system', schema: System } },
        errors: ['TIL-00060'],
      },
      async ({ act, path: { id } }) => reply(systemDto(await mustFindSystem(act, id))),
    ),
    operation(
      {
        ...writing,
        id: 'system_put',
        method: 'PUT',
        paths: [`${SYSTEMS}/:id`],
        summary: 'Register a system of one’s own, or describe it anew',
        body: SystemBody,
        answers: { 200: { description: 'The system', schema: System } },
        errors: [
          'TIL-00008',
          ...['AM.VLD-00012', 'AM.VLD-00028', 'AM.VLD-00030', 'AM.VLD-00048', 'AM.VLD-00049'],
        ],
      },
      async ({ act, caller, path: { id }, body }) => {
        const { name, kind = 'standard', redirectOrigins = [] } = body;
        const words = {
          ...{ name, kind, redirectOrigins: [...new Set(redirectOrigins)] },
          ...rightsIn(body),
        };
        const vendor = await vendorOf(act, caller);
        return reply(systemDto(await registerSystem(act, vendor, id, words)));
      },
    ),
    operation(
      {
        ...writing,
        id: 'system_end',
        method: 'DELETE',
        paths: [`${SYSTEMS}/:id`],
        summary: 'End a system: nobody lets it in any more, and those who have it keep it',
        answers: { 204: { description: 'It has ended' } },
        errors: ['TIL-00008', 'TIL-00060'],
      },
      async ({ act, caller, path: { id } }) => {
        await endRegistered(act, await vendorOf(act, caller), id);
        return nothing;
      },
    ),
  ];
}
