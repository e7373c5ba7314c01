// SQL of the partitions of events and of their places in the feed: made ahead, and of places let go
// where the operator wants it. Partitions of events never go.
import type { Act } from '../platform/act.ts';
import { queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepOldest } from '../platform/db/sweep_store.ts';
import type { GoesOn } from '../platform/job.ts';

const make: Statement = {
  name: 'make_event_partitions',
  text: 'select make_event_partitions($1) as missing',
};
/** Answers with how many partitions, of those that should be there by now, are not. */
export const makeEventPartitions = async ({ db, now }: Act): Promise<number> =>
  (await queryOne<{ missing: number }>(db, make, [now]))!.missing;

const drop: Statement = {
  name: 'drop_feed_partitions',
  text: 'select drop_feed_partitions($1)',
};
const rest = sweepOldest('event_feed', 'changed_at');

/** Lets places go that were given before an instant: whole partitions, and of the rest by rows. */
export async function letPlacesGo(db: Db, before: Date, goesOn: GoesOn): Promise<void> {
  await queryOne(db, drop, [before]);
  await sweepAll(db, rest, before, goesOn);
}
