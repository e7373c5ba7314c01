// System users as JSON: an organisation's administrator lets a vendor's system act, for the
// organisation itself (standard) or for its customers (agent), and ends it. What it may do is given
// like to anybody else.
import Router from '@koa/router';
import type { Context } from 'koa';
import { findParty, findSystemUsers } from '../party/store.ts';
import type { Party } from '../party/model.ts';
import { readJson } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import { isUuid } from '../platform/ids.ts';
import { mustAdminister } from '../delegation/authority.ts';
import { addSystem, endSystem } from './system_users.ts';
import { actorOf, ENDUSER, requiredUuid, type DelegationApi } from '../delegation/enduser.ts';
import { invalid, problem } from '../delegation/problems.ts';

const PATH = '/access/v1/system-users';

export function systemUserRoutes(api: DelegationApi): Router {
  const router = new Router();
  const scope = api.bearer.scope(ENDUSER);
  router.get(PATH, named('system_users'), scope, async (ctx) => {
    const owner = await administered(ctx, api);
    ctx.body = {
      data: (await findSystemUsers(api.point.db, owner.id, null, null)).map(dto),
      links: { next: null },
    };
  });
  router.post(PATH, named('system_user_add'), scope, (ctx) => post(ctx, api));
  router.delete(`${PATH}/:id`, named('system_user_end'), scope, (ctx) => end(ctx, api));
  return router;
}

const dto = (system: Party) => ({
  id: system.id,
  name: system.name,
  systemId: system.systemId,
  kind: system.systemKind,
  owner: system.owner,
  partyId: system.partyId,
});

/** The organisation of the query, for one who administers it. */
async function administered(ctx: Context, { point }: DelegationApi): Promise<Party> {
  const party = await findParty(point.db, { by: 'uuid', value: requiredUuid(ctx, 'party') });
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  await mustAdminister(point, actorOf(ctx), party.id, 'access', clock.now());
  if (party.kind !== 'organization') throw invalid(['AM.VLD-00008', '$QUERY/party']);
  return party;
}

async function post(ctx: Context, api: DelegationApi): Promise<void> {
  const owner = await administered(ctx, api);
  const {
    name,
    systemId,
    kind = 'standard',
  } = ((await readJson(ctx)) ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || !name.trim() || name.length > 200)
    throw invalid(['STD.VLD-00000', '/name']);
  if (kind !== 'standard' && kind !== 'agent') throw invalid(['TIL.VLD-00001', '/kind']);
  if (typeof systemId !== 'string' || !/^\d{9}_[\p{L}0-9_.-]{1,100}$/u.test(systemId)) {
    throw problem('TIL-00025');
  }
  const wanted = { name: name.trim(), systemId, kind } as const;
  const { system, added } = await addSystem(api.point.db, owner.id, wanted);
  ctx.status = added ? 201 : 200;
  ctx.set('location', `${PATH}/${system.id}`);
  ctx.body = dto(system);
}

/** Ends the system and everything it was given. */
async function end(ctx: Context, api: DelegationApi): Promise<void> {
  const { id } = ctx.params as { id: string };
  const system = isUuid(id) ? await findParty(api.point.db, { by: 'uuid', value: id }) : undefined;
  if (system?.kind !== 'system_user' || system.endedAt) throw fault('TIL-00009');
  const actor = actorOf(ctx);
  await mustAdminister(api.point, actor, system.owner!, 'access', clock.now());
  await endSystem(api.point.db, system, actor.party);
  ctx.status = 204;
}
