// System users: an organisation lets a vendor's system act, for the organisation itself (standard)
// or for its customers (agent), and ends it. What it may do is given like to anybody else. It knows
// no HTTP.
import { type Act, inTransaction } from '../../platform/act.ts';
import { endAll } from '../../delegation/end/end.ts';
import { problem } from '../../delegation/problems.ts';
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

export interface NewSystem {
  name: string;
  systemId: string;
  kind: 'standard' | 'agent';
}

/**
 * Lets a system act; the same name of the same system again is the one that is there. TIL-00025 for
 * an unknown vendor.
 */
export async function addSystem(
  act: Act,
  owner: string,
  { name, systemId, kind }: NewSystem,
): Promise<{ system: Party; added: boolean }> {
  // <organisation number>_<name>: the vendor answers for its systems.
  const isNamed = /^\d{9}_[\p{L}0-9_.-]{1,100}$/u.test(systemId);
  const vendor = isNamed
    ? await findParty(act, { by: 'organization', value: systemId.slice(0, 9) })
    : undefined;
  if (!vendor || vendor.endedAt) throw problem('TIL-00025');
  const id = uuidv7(act.now);
  const added = await inTransaction(act, async (inner) => {
    await lockParty(inner.db, owner);
    return insertSystemUser(inner.db, { id, name, owner, systemId, kind });
  });
  const systems = await findSystemUsers(act.db, owner, systemId, null);
  return { system: systems.find((one) => one.name === name)!, added };
}

/** Ends the system and everything it was given. */
export async function endSystem(act: Act, system: Party, by: string): Promise<void> {
  const { now } = act;
  const held = await listMandates(act, { from: null, to: system.id, limit: 10_000 });
  const given = held.filter((mandate) => mandate.basis !== 'register');
  await inTransaction(act, async (inner) => {
    await endAll(inner, given, { by, type: 'ended' });
    await endPartyAt(inner.db, system.id, now);
  });
}
