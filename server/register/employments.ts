// Employees who have left and still hold rights: each employer gets a notice of them.
import type { Act } from '../platform/act.ts';
import { notify } from '../notice/store.ts';
import { findLeavers, saveEmployment } from './store.ts';

/** An employment, with its last day when it has one. */
export async function employ(
  act: Act,
  employer: string,
  employee: string,
  endedOn: string | null,
): Promise<void> {
  await saveEmployment(act.db, employer, employee, endedOn);
  const left = await findLeavers(act, employer, { employee });
  for (const one of left) await notify(act, [employer], { type: 'leaver', mandateId: one.id });
}

/** Somebody who no longer works there, from today. */
export const endEmployment = (act: Act, employer: string, employee: string) =>
  employ(act, employer, employee, act.now.toISOString().slice(0, 10));
