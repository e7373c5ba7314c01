// SQL of the months of the logs, decisions and searches alike: made ahead, and let go whole.
import type { Act } from '../../platform/act.ts';
import { queryOne, type Statement } from '../../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../../platform/ids.ts';
import type { GoesOn } from '../../platform/job.ts';

const make: Statement = {
  name: 'make_log_partitions',
  text: 'select make_log_partitions($1) as missing',
};
/** Answers with how many months, of those that should be there by now, are not. */
export const makeMonths = async ({ db, now }: Act): Promise<number> =>
  (await queryOne<{ missing: number }>(db, make, [now]))!.missing;

const drop: Statement = {
  name: 'drop_log_partitions',
  text: 'select drop_log_partitions($1) as gone',
};
/** Rows that no month was made for. */
const rests = ['decision_log_rest', 'search_log_rest'].map((table) =>
  sweepStatement(table, 'id < $1', 'id'),
);

/** Lets go what is older than `days`: a month when all of it is, what has no month by rows. */
export async function letMonthsGo({ db, now }: Act, days: number, goesOn: GoesOn): Promise<void> {
  const oldest = uuidv7Floor(new Date(now.getTime() - days * 86_400_000));
  await queryOne(db, drop, [oldest]);
  for (const rest of rests) await sweepAll(db, rest, oldest, goesOn);
}
