// SQL of failed look-ups of persons: how often somebody guessed wrong within the hour, on whichever
// node.
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';

const reserve: Statement = {
  name: 'reserve_lookup',
  text: `insert into person_lookup as lookup (actor, failed, since) values ($1, 1, $2)
    on conflict (actor) do update set failed = case when lookup.since > $3 then least(lookup.failed + 1, 1000) else 1 end,
      since = case when lookup.since > $3 then lookup.since else excluded.since end returning lookup.failed`,
};
const release: Statement = {
  name: 'release_lookup',
  text: 'update person_lookup lookup set failed = greatest(lookup.failed - 1, 0) where lookup.actor = $1',
};

/**
 * Counts one as failed before it is made, so that many at once are counted too; answers with how
 * many failed since then.
 */
export const reserveLookup = async (db: Db, actor: string, now: Date, since: Date) =>
  (await queryOne<{ failed: number }>(db, reserve, [actor, now, since]))!.failed;
/** It did not fail. */
export const releaseLookup = (db: Db, actor: string) => query(db, release, [actor]);
