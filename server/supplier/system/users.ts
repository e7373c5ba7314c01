// System users: an organisation lets a vendor's system act, for the organisation itself (standard)
// or for its customers (agent), and ends it. What it may do is given like to anybody else. It knows
// no HTTP.
import { type Act, inTransaction } from '../../platform/act.ts';
import { endAll } from '../../delegation/end/end.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import { appendEvents } from '../../event/store.ts';
import { listMandates } from '../../mandate/delegation_store.ts';
import type { Party } from '../../party/model.ts';
import {
  endPartyAt,
  findParty,
  findSystemUsers,
  insertSystemUser,
  lockParty,
} from '../../party/store.ts';
import { uuidv7 } from '../../platform/ids.ts';
import type { SystemKind } from './model.ts';
import { findSystems } from './store.ts';

export interface NewSystem {
  name: string;
  systemId: string;
  /** The kind that its vendor registered, where none is said. */
  kind?: SystemKind | undefined;
}

/**
 * Lets a system act; the same name of the same system again is the one that is there. TIL-00025 for
 * one that its vendor has not registered, or has ended.
 */
export async function addSystem(
  act: Act,
  owner: string,
  { name, systemId, kind }: NewSystem,
  by: string,
): Promise<{ system: Party; added: boolean }> {
  const registered = (await findSystems(act.db, [systemId])).get(systemId);
  if (!registered || registered.ended) throw problem('TIL-00025');
  if (kind && kind !== registered.kind) throw invalid(['TIL.VLD-00001', '/kind']);
  const made = { id: uuidv7(act.now), name, owner, systemId, kind: registered.kind };
  const added = await inTransaction(act, (inner) => letIn(inner, made, by));
  const systems = await findSystemUsers(act.db, owner, systemId, null);
  return { system: systems.find((one) => one.name === name)!, added };
}

/**
 * Adds a system user to its owner, in a transaction; false where the owner has one of that system
 * and name.
 */
export async function letIn(
  act: Act,
  made: Parameters<typeof insertSystemUser>[1],
  by: string,
): Promise<boolean> {
  await lockParty(act.db, made.owner);
  const isNew = await insertSystemUser(act.db, made);
  if (isNew) await recordUser(act, { ...made, by }, 'system_added');
  return isNew;
}

/** Appends that an organisation let a system in, or ended it. */
const recordUser = (
  act: Act,
  { id, owner, systemId, by }: { id: string; owner: string; systemId: string; by: string },
  type: 'system_added' | 'system_removed',
): Promise<void> => {
  const sides = { fromParty: owner, toParty: id, byParty: by };
  return appendEvents(act, [{ type, ...sides, detail: { system: systemId } }]);
};

/** Ends the system and everything it was given. */
export async function endSystem(act: Act, system: Party, by: string): Promise<void> {
  await inTransaction(act, async (inner) => {
    await lockParty(inner.db, system.id);
    const now = await findParty(inner, { by: 'uuid', value: system.id });
    // Somebody else was first.
    if (!now || now.endedAt) return;
    const held = await listMandates(inner, { from: null, to: system.id, limit: 10_000 });
    const given = held.filter((mandate) => mandate.basis !== 'register');
    await endAll(inner, given, { by, type: 'ended' });
    await endPartyAt(inner.db, system.id, inner.now);
    const { id, owner, systemId } = system;
    await recordUser(inner, { id, owner: owner!, systemId: systemId!, by }, 'system_removed');
  });
}
