// System users as JSON: what an organisation's administrator lets act, suspends and ends.
import type { Deciding } from '../../decision/act.ts';
import { person } from '../../caller/doors.ts';
import { operation } from '../../decision/doors.ts';
import { mayAdminister, mustAdminister, type Actor } from '../../delegation/authority.ts';
import { ENDUSER } from '../../delegation/enduser.ts';
import { invalid } from '../../delegation/problems.ts';
import type { Party } from '../../party/model.ts';
import { findParty, findSystemUsers } from '../../party/store.ts';
import { nothing, reply, type Operation } from '../../platform/http/doors.ts';
import { guard } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { oneOf, rows, shape, text, Type, uuid } from '../../platform/http/shapes.ts';
import { SYSTEM_KINDS, type VendorSystem } from './model.ts';
import { SystemUser } from './shapes.ts';
import { findSystems } from './store.ts';
import { addSystem, endSystem, suspendSystem } from './users.ts';

const PATH = '/access/v1/system-users';
const dto = (
  { id, name, systemId, systemKind: kind, owner, partyId, suspendedAt }: Party,
  registered: ReadonlyMap<string, VendorSystem>,
) => ({
  id,
  name,
  systemId,
  /** Ones from before vendors registered theirs stay. */
  registered: registered.has(systemId ?? ''),
  kind,
  suspended: suspendedAt !== null,
  owner,
  partyId,
});

/** The organisation, for one who administers it. */
async function administered(act: Deciding, actor: Actor, id: string): Promise<Party> {
  const party = await findParty(act, { by: 'uuid', value: id });
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  await mustAdminister(act, actor, party.id, 'access');
  if (party.kind !== 'organization') throw invalid(['AM.VLD-00008', '$QUERY/party']);
  return party;
}

/** The system, for one who administers its organisation; another's is not there. */
async function ownSystem(act: Deciding, actor: Actor, id: string): Promise<Party> {
  const system = await findParty(act, { by: 'uuid', value: id });
  const owner = system?.kind === 'system_user' && !system.endedAt ? system.owner : null;
  if (!system || !owner) throw fault('TIL-00009');
  await guard(act, `${actor.party} ${system.id}`, async (at) => {
    if (!(await mayAdminister(at, actor, owner, 'access'))) throw fault('TIL-00009');
  });
  return system;
}

export function systemUserOperations(): Operation[] {
  const own = { who: person(ENDUSER), dialect: 'own' as const, errors: ['TIL-00008'] };
  const query = { party: uuid() };
  return [
    operation(
      {
        ...own,
        id: 'system_users',
        method: 'GET',
        paths: [PATH],
        limit: 'read',
        summary: 'The systems that act for an organisation',
        query,
        answers: { 200: { description: 'Its systems', schema: rows(SystemUser) } },
        errors: [...own.errors, 'AM.VLD-00008'],
      },
      async ({ act, caller, query: { party } }) => {
        const owner = await administered(act, caller, party);
        const systems = await findSystemUsers(act.db, owner.id, null, null);
        const registered = await findSystems(
          act.db,
          systems.flatMap(({ systemId }) => systemId ?? []),
        );
        const data = systems.map((one) => dto(one, registered));
        return reply({ data, links: { next: null } });
      },
    ),
    operation(
      {
        ...own,
        id: 'system_user_add',
        method: 'POST',
        paths: [PATH],
        limit: 'write',
        summary: "Let a vendor's system act for the organisation, or for its customers",
        query,
        body: shape({
          name: text(200, { pattern: '\\S' }),
          systemId: Type.String({ maxLength: 110 }),
          kind: Type.Optional(oneOf(SYSTEM_KINDS)),
        }),
        answers: {
          201: { description: 'The new system', schema: SystemUser },
          200: { description: 'It is there already', schema: SystemUser },
        },
        errors: [...own.errors, 'TIL-00025', 'AM.VLD-00008'],
      },
      async ({ act, caller, query: { party }, body }) => {
        const owner = await administered(act, caller, party);
        const wanted = { ...body, name: body.name.trim() };
        const { system, added } = await addSystem(act, owner.id, wanted, caller.party);
        const registered = await findSystems(act.db, [body.systemId]);
        return reply(dto(system, registered), added ? 201 : 200, {
          location: `${PATH}/${system.id}`,
        });
      },
    ),
    operation(
      {
        ...own,
        id: 'system_user_end',
        method: 'DELETE',
        paths: [`${PATH}/:id`],
        limit: 'write',
        summary: 'End a system and everything it was given',
        path: { id: uuid() },
        answers: { 204: { description: 'It has ended' } },
        errors: [...own.errors, 'TIL-00009'],
      },
      async ({ act, caller, path }) => {
        await endSystem(act, await ownSystem(act, caller, path.id), caller.party);
        return nothing;
      },
    ),
    ...[true, false].map((suspended) =>
      operation(
        {
          ...own,
          id: suspended ? 'system_user_suspend' : 'system_user_resume',
          method: 'POST',
          paths: [`${PATH}/:id/${suspended ? 'suspend' : 'resume'}`],
          limit: 'write',
          summary: suspended
            ? 'Suspend a system: nothing that it was given opens anything'
            : 'Resume a system; what a giver has suspended stays so',
          path: { id: uuid() },
          answers: { 200: { description: 'As it stands now', schema: SystemUser } },
          errors: [...own.errors, 'TIL-00009'],
        },
        async ({ act, caller, path }) => {
          const system = await ownSystem(act, caller, path.id);
          const after = await suspendSystem(act, system, { by: caller.party, suspended });
          return reply(dto(after, await findSystems(act.db, [system.systemId!])));
        },
      ),
    ),
  ];
}
