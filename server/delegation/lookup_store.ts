// SQL of failed look-ups of persons: how often somebody guessed wrong within the hour, on whichever node.
import { query, queryOne, type Db, type Statement } from '../platform/db.ts';

const count: Statement = {
  name: 'failed_lookups',
  text: 'select lookup.failed from person_lookup lookup where lookup.actor = $1 and lookup.since > $2',
};
const add: Statement = {
  name: 'count_lookup',
  text: `insert into person_lookup as lookup (actor, failed, since) values ($1, 1, $2)
    on conflict (actor) do update set failed = case when lookup.since > $3 then lookup.failed + 1 else 1 end,
      since = case when lookup.since > $3 then lookup.since else excluded.since end`,
};
const clear: Statement = { name: 'clear_lookups', text: 'delete from person_lookup where person_lookup.actor = $1' };

export const failedLookups = async (db: Db, actor: string, since: Date) => (await queryOne<{ failed: number }>(db, count, [actor, since]))?.failed ?? 0;
export const countLookup = (db: Db, actor: string, now: Date, since: Date) => query(db, add, [actor, now, since]);
export const clearLookups = (db: Db, actor: string) => query(db, clear, [actor]);
