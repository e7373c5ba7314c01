// Mandates as they were at a moment, for somebody who reads no later one. It decides nothing.
import { readTermsBefore } from '../event/store.ts';
import type { MandateRow } from '../mandate/delegation_store.ts';
import { asOf } from '../mandate/model.ts';
import type { Db } from '../platform/db/db.ts';

export async function asTheyWere(db: Db, rows: MandateRow[], at: Date): Promise<MandateRow[]> {
  const before = await readTermsBefore(
    db,
    rows.map(({ id }) => id),
    at,
  );
  return rows.map((row) => asOf(row, at, before.get(row.id)));
}
