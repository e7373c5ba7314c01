// Employees who have left and still hold rights: each unit that they have them of gets a notice.
import type { Act } from '../platform/act.ts';
import { notify } from '../notice/store.ts';
import { dayOf } from '../party/day_model.ts';
import { findAround, findLeavers, saveEmployment } from './store.ts';

/** An employment, with its last day when it has one. */
export async function employ(
  act: Act,
  employer: string,
  employee: string,
  endedOn: string | null,
): Promise<void> {
  await saveEmployment(act.db, employer, employee, endedOn);
  const units = await findAround(act, employer);
  const left = await findLeavers(act, units, { employee });
  for (const { id, unit } of left) await notify(act, [unit], { type: 'leaver', mandateId: id });
}

/** Somebody who no longer works there, from today. */
export const endEmployment = (act: Act, employer: string, employee: string) =>
  employ(act, employer, employee, dayOf(act.now));
