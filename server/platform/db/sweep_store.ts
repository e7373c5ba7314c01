// SQL of sweeps: rows that have run out are removed lot after lot until none is left, so that a
// sweep keeps up with whatever makes them. No row is removed by two nodes.
import type { Act } from '../act.ts';
import type { GoesOn } from '../job.ts';
import { queryOne, type Db, type Statement } from './db.ts';

/** Rows of one statement, which a request on the same rows may have to wait for. */
export const LOT = 10_000;

/**
 * Removes a lot of a table's rows of which this is true of `$1`. The rows of a table in partitions
 * are found by their primary key.
 */
export const sweepStatement = (table: string, condition: string, key = 'ctid'): Statement => ({
  name: `sweep_${table}`,
  text: `with gone as (
      delete from ${table} where ${key} = any(array(
        select swept.${key} from ${table} swept where swept.${condition} limit ${LOT} for update skip locked))
      returning 1)
    select count(*)::int as count from gone`,
});

/**
 * Removes a lot of a feed's lines, from its beginning to the first that is not older than `$1`;
 * never the newest, as the next place is after it.
 */
export const sweepOldest = (table: string, at: string): Statement => ({
  name: `sweep_${table}`,
  text: `with gone as (
      delete from ${table} where position = any(array(
        select lot.position from (
          select line.position, bool_and(line.${at} < $1) over (order by line.position) as is_old
          from (select feed.position, feed.${at} from ${table} feed order by feed.position limit ${LOT}) line) lot
        where lot.is_old and lot.position < (select max(newest.position) from ${table} newest)))
      returning 1)
    select count(*)::int as count from gone`,
});

/** Removes what there is, until `goesOn` says otherwise. */
export async function sweepAll(
  db: Db,
  statement: Statement,
  value: unknown,
  goesOn: GoesOn,
): Promise<void> {
  for (let count = LOT; count === LOT && goesOn(); )
    ({ count } = (await queryOne<{ count: number }>(db, statement, [value]))!);
}

/** The sweep of tables whose rows say when they run out. */
export function sweepExpired(tables: string[]) {
  const statements = tables.map((table) => sweepStatement(table, 'expires_at < $1'));
  return async ({ db, now }: Act, goesOn: GoesOn): Promise<void> => {
    for (const statement of statements) await sweepAll(db, statement, now, goesOn);
  };
}
