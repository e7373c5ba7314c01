// The way to the archive: the same database restored to its end, beside the one that was set back
// to a point (server/import/restore.ts). It is only read.
import knex from 'knex';
import { liftLimits, serverConfig, type Db } from './db.ts';

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
