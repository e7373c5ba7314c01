// Employees who have left and still hold rights: each employer gets a notice of them.
import { notify } from '../event/notice_store.ts';
import type { Db } from '../platform/db/db.ts';
import { findLeavers, saveEmployment } from './store.ts';

/** An employment, with its last day when it has one. */
export async function employ(
  trx: Db,
  employer: string,
  employee: string,
  endedOn: string | null,
  now: Date,
): Promise<void> {
  await saveEmployment(trx, employer, employee, endedOn);
  const left = (await findLeavers(trx, employer, now)).filter((one) => one.employee === employee);
  for (const one of left) await notify(trx, [employer], { type: 'leaver', mandateId: one.id }, now);
}

/** Somebody who no longer works there, from today. */
export const leave = (trx: Db, employer: string, employee: string, now: Date) =>
  employ(trx, employer, employee, now.toISOString().slice(0, 10), now);
