// Rows that a test holds while others wait for them. On PostgreSQL only: the embedded database has
// one connection.
import { until } from './until.ts';
import { world } from './world.ts';

/** Resolves once so many statements wait for somebody's lock. */
export const untilWaiting = (count: number): Promise<void> =>
  until(`${count} wait`, async () => {
    const { rows } = await world.database.db.raw(
      "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    return rows[0].count >= count;
  });

/** Lets go of a row once so many of the statements of this work wait for it. */
const whileHeld =
  (table: string) =>
  async <Result>(id: string, count: number, work: () => Promise<Result>): Promise<Result> => {
    const { begun } = await world.database.db.transaction(async (trx) => {
      await trx.raw(`select from ${table} where id = ? for update`, [id]);
      const working = work();
      await untilWaiting(count);
      return { begun: working };
    });
    return begun;
  };

export const whileRequestHeld = whileHeld('consent_request');
export const whileAccessRequestHeld = whileHeld('access_request');
