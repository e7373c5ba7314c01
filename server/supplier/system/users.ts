// System users: an organisation lets a vendor's system act, for the organisation itself (standard)
// or for its customers (agent), suspends and resumes it, and ends it. What it may do is given like
// to anybody else. It knows no HTTP.
import { type Act, inTransaction } from '../../platform/act.ts';
import { endAll } from '../../delegation/end/end.ts';
import { invalid, problem } from '../../delegation/problems.ts';
import { appendEvents } from '../../event/store.ts';
import { listMandates, type MandateRow } from '../../mandate/delegation_store.ts';
import type { Party } from '../../party/model.ts';
import {
  endPartyAt,
  findParty,
  findSystemUsers,
  insertSystemUser,
  lockParty,
  suspendPartyAt,
} from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { NO_ID, uuidv7 } from '../../platform/ids.ts';
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

/** Appends an act of an organisation on its system. */
const recordUser = (
  act: Act,
  { id, owner, systemId, by }: { id: string; owner: string; systemId: string; by: string },
  type: 'system_added' | 'system_removed' | 'system_suspended' | 'system_resumed',
): Promise<void> => {
  const sides = { fromParty: owner, toParty: id, byParty: by };
  return appendEvents(act, [{ type, ...sides, detail: { system: systemId } }]);
};

/** A system as it stands, held until the transaction ends; undefined where it has ended. */
async function lockSystem(act: Act, id: string) {
  await lockParty(act.db, id);
  const now = await findParty(act, { by: 'uuid', value: id });
  return now && !now.endedAt ? { ...now, owner: now.owner!, systemId: now.systemId! } : undefined;
}

/** Mandates that are read at once. */
const LOT = 1_000;

/** All that a system has, however many let it act. */
async function mandatesOf(act: Act, system: string): Promise<MandateRow[]> {
  const all: MandateRow[] = [];
  for (;;) {
    const after = all.at(-1)?.id ?? NO_ID;
    const lot = await listMandates(act, { from: null, to: system, after, limit: LOT });
    all.push(...lot);
    if (lot.length < LOT) return all;
  }
}

/** Ends the system and everything it was given. */
export async function endSystem(act: Act, system: Party, by: string): Promise<void> {
  await inTransaction(act, async (inner) => {
    const now = await lockSystem(inner, system.id);
    // Somebody else was first.
    if (!now) return;
    const held = await mandatesOf(inner, now.id);
    const given = held.filter((mandate) => mandate.basis !== 'register');
    await endAll(inner, given, { by, type: 'ended' });
    await endPartyAt(inner.db, now.id, inner.now);
    await recordUser(inner, { ...now, by }, 'system_removed');
  });
}

/**
 * Suspends a system with everything it was given, by whomever, or resumes it: what a giver has
 * suspended stays so. It does nothing where that is so already. TIL-00009 where it has ended.
 */
export async function suspendSystem(
  act: Act,
  system: Party,
  { by, suspended }: { by: string; suspended: boolean },
): Promise<Party> {
  return inTransaction(act, async (inner) => {
    const now = await lockSystem(inner, system.id);
    if (!now) throw fault('TIL-00009');
    // Those that stop hold before it, and those that go on after it.
    const stopping = suspended && !now.suspendedAt ? await holdingOf(inner, now.id) : [];
    const suspendedAt = suspended ? inner.now : null;
    // Somebody else was first.
    if (!(await suspendPartyAt(inner.db, now.id, suspendedAt))) return now;
    await recordUser(inner, { ...now, by }, suspended ? 'system_suspended' : 'system_resumed');
    const touched = suspended ? stopping : await holdingOf(inner, now.id);
    // Whoever relies on one of them is signalled: the receiver's organisation did it, no giver.
    const event = {
      ...{ type: suspended ? ('suspended' as const) : ('resumed' as const), byParty: by },
      detail: { receiver: true },
    };
    await appendEvents(
      inner,
      touched.map(({ id: mandateId, from: fromParty, to: toParty }) => ({
        ...event,
        mandateId,
        fromParty,
        toParty,
      })),
    );
    return { ...now, suspendedAt };
  });
}

/** The mandates of a system that hold now, if only for matters that are not an estate's. */
const holdingOf = async (act: Act, system: string): Promise<MandateRow[]> =>
  (await mandatesOf(act, system)).filter(({ holds, lacks }) => holds || lacks === 'estate');
