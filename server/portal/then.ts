// Mandates as they were at a moment, for somebody who reads no later one. It decides nothing.
import { readTermsBefore } from '../event/store.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import { asOf } from '../mandate/model.ts';
import type { Act } from '../platform/act.ts';

/** As they were at the act's moment. */
export async function asTheyWere({ db, now }: Act, rows: MandateRow[]): Promise<MandateRow[]> {
  const before = await readTermsBefore(
    db,
    rows.map(({ id }) => id),
    now,
  );
  return rows.map((row) => asOf(row, now, before.get(row.id)));
}
