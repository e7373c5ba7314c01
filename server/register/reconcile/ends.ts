// Ends a fact when the register's end for it is earlier than the one held. A later end is a
// beginning.
import type { Act } from '../../platform/act.ts';
import { endIncapacity } from '../../mandate/capacity_store.ts';
import { endQualification } from '../../mandate/store.ts';
import { employ } from '../employments.ts';
import { isSooner, type HeldFacts, type OtherEnd } from './model.ts';
import { dayOf } from '../../party/day_model.ts';
import { extendRole } from '../../mandate/register_store.ts';

/** Answers how many were shortened. */
export async function endSooner(
  act: Act,
  party: string,
  held: HeldFacts,
  { ours, theirs }: { ours: OtherEnd[]; theirs: OtherEnd[] },
): Promise<number> {
  const sooner = theirs.filter((told, index) => isSooner(told, ours[index]!));
  for (const { fact, key, until } of sooner) {
    const at = until!;
    if (fact === 'qualifications') await endQualification(act.db, party, key!, at);
    else if (fact === 'capacity') await endIncapacity(act.db, party, key, at);
    else if (fact === 'employments') await employ(act, party, key!, dayOf(at));
    else
      for (const { id, role, to } of held.roles)
        if (`${role} ${to}` === key) await extendRole(act.db, id, at);
  }
  return sooner.length;
}
