// Registers that tests write to, and how far each is read.
import type { Registers } from '../../server/register/commands.ts';
import { readDifferences } from '../../server/register/reconcile/progress_store.ts';
import { world } from './world.ts';
/** Reads every feed, anew where a busy machine made a register late. */
export async function poll(): Promise<void> {
  for (let times = 0; times < 3; times += 1) {
    const before = world.logs.length;
    await world.app.registers.poll();
    if (!world.logs.slice(before).some((line) => line.includes('could not be read'))) return;
  }
}
export const party = async (number: string) =>
  (
    await world.database.db.raw(
      'select id, name, ended_at, unit_type, parent, protected_address, born_on from party where person_no = ? or organization_no = ?',
      [number, number],
    )
  ).rows[0];
export const roles = (
  number: string,
  ...holders: { role: string; to: string; left?: boolean; struck?: boolean; dead?: boolean }[]
) => world.registers.units.change({ roles: { number, holders } });
export const feed = (code: string) => world.registers.feeds[code]!;
export const faultOf = async (source: string) =>
  (
    await world.database.db.raw('select cursor, fault from register_cursor where source = ?', [
      source,
    ])
  ).rows[0];

/** Compares a register at once; with all that it found. */
export async function compared(registers: Registers, source: string) {
  const reconciled = await registers.reconcile(source);
  const drift = await readDifferences(world.database.db, reconciled.id);
  return { ...reconciled, drift };
}
