// The way to the archive: the same database restored to its end, beside the one that was set back
// to a point (server/import/restore.ts). It is only read.
import knex from 'knex';
import { liftLimits, query, queryOne, serverConfig, type Db, type Statement } from './db.ts';

/** One transaction that reads: all that is read is of one moment, and nothing is changed. */
export async function openArchive(url: string): Promise<{ db: Db; close(): Promise<void> }> {
  const config = serverConfig({ databaseUrl: url, databasePool: 1, dataDir: '' });
  const pool = knex({
    ...config,
    connection: { ...(config.connection as object), query_timeout: 0 },
  });
  const db = await pool.transaction({ isolationLevel: 'repeatable read', readOnly: true });
  await liftLimits(db);
  return {
    db,
    async close() {
      await db.rollback();
      await pool.destroy();
    },
  };
}

const SAME_LOCK = 727281;
/** Whether two connections lead to one database: what the one holds, the other cannot have. */
export const isSameDatabase = (one: Db, other: Db): Promise<boolean> =>
  one.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [SAME_LOCK]);
    const { rows } = await other.raw('select pg_try_advisory_xact_lock(?) as free', [SAME_LOCK]);
    return !rows[0].free;
  });

/**
 * Ends rows of a table, by their ids, that the archive alone has as ended since an instant; where
 * `condition` is true of `ended`, a row of the archive. `column` is another that stops a row.
 * Answers with how many.
 */
export function endedAgain(table: string, condition = 'true', column = 'ended_at') {
  const read: Statement = {
    name: `${table}_with_${column}_since`,
    text: `select coalesce(jsonb_agg(jsonb_build_object('id', ended.id, 'at', ended.${column})), '[]') as rows
      from ${table} ended where ended.${column} > $1 and ${condition}`,
  };
  const end: Statement = {
    name: `set_${column}_of_${table}_again`,
    text: `update ${table} set ${column} = ended.at from jsonb_to_recordset($1::jsonb) as ended(id uuid, at timestamptz)
      where ${table}.id = ended.id and ${table}.${column} is null returning ${table}.id`,
  };
  return async (db: Db, archive: Db, since: Date): Promise<number> => {
    const { rows } = (await queryOne<{ rows: object[] }>(archive, read, [since]))!;
    return (await query(db, end, [JSON.stringify(rows)])).length;
  };
}
