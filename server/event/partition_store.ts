// SQL of the partitions of events and of their places in the feed: made ahead, and of places let go
// where the operator wants it. Partitions of events never go.
import type { Act } from '../platform/act.ts';
import { queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { sweepAll, sweepStatement } from '../platform/db/sweep_store.ts';
import { uuidv7Floor } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';

const make: Statement = {
  name: 'make_event_partitions',
  text: 'select make_event_partitions($1) as missing',
};
/** Answers with how many partitions, of those that should be there by now, are not. */
export const makeEventPartitions = async ({ db, now }: Act): Promise<number> =>
  (await queryOne<{ missing: number }>(db, make, [now]))!.missing;

// Dates rise with the places, so that all before this one are older. The newest place stays: the
// next one is after it.
const lastOld: Statement = {
  name: 'last_old_place',
  text: `select least(
      (select feed.position from event_feed feed where feed.event_id < $1 and feed.changed_at < $2 order by feed.event_id desc limit 1),
      (select max(newest.position) - 1 from event_feed newest))::text as place
    where exists (select from event_feed feed where feed.event_id < $1 and feed.changed_at < $2)`,
};
const drop: Statement = {
  name: 'drop_feed_partitions',
  text: 'select drop_feed_partitions($1::bigint + 1)',
};
const rest = sweepStatement('event_feed', 'position <= $1', 'position');

/** Lets places go that were given before an instant: whole partitions, and of the rest by rows. */
export async function letPlacesGo(db: Db, before: Date, goesOn: GoesOn): Promise<void> {
  const found = await queryOne<{ place: string }>(db, lastOld, [uuidv7Floor(before), before]);
  if (!found) return;
  await queryOne(db, drop, [found.place]);
  await sweepAll(db, rest, found.place, goesOn);
}
