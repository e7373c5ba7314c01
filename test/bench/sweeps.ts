// `npm run bench sweeps`: what one node's sweeps remove in a second, on PostgreSQL, while decisions
// and marks of assertions are made at the top rate of the other benches. Decisions are those that
// no month was made for: a month goes at once. Prints a table; asserts
// nothing.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { letMonthsGo } from '../../server/decision/log/months_store.ts';
import { sweepState } from '../../server/oidc/provider/store.ts';
import { actAlone } from '../../server/platform/act.ts';
import { openDatabase } from '../../server/platform/db/db.ts';
import { migrate } from '../../server/platform/db/migrate.ts';
import { startPostgres } from '../support/run/postgres.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
/** Rows that wait when it begins, so that a sweep never runs dry. */
const WAITING = Number(process.env.BENCH_ROWS ?? 1_500_000);
/** Rows a second that a node makes at its top rate. */
const MADE = { decision_log: 4_808, replay_mark: 3_124 };
const KEPT_DAYS = 365;

const postgres = await startPostgres(true);
if (!postgres) throw new Error('it takes PostgreSQL on this machine');
const database = await openDatabase({
  databaseUrl: postgres.url,
  databasePool: 10,
  dataDir: 'memory:',
});
const { db, background } = database;
await migrate(db);

const make = {
  decision_log: (count: number) =>
    db.raw(
      `insert into decision_log (id, at, caller, subject, from_party, resource_id, action, outcome, reason, level, policy_version, mandates)
       select new_event_id(now() - interval '2 years'), now() - interval '2 years', 'bench', gen_random_uuid(), gen_random_uuid(), 'inntekt', 'read', 'permit', 'role', 4, 1, array[gen_random_uuid()]
       from generate_series(1, ?)`,
      [count],
    ),
  replay_mark: (count: number) =>
    db.raw(
      `insert into replay_mark (id, expires_at) select ? || n, now() - interval '1 hour' from generate_series(1, ?) n`,
      [randomUUID(), count],
    ),
};
const sweep = {
  decision_log: async (goesOn: () => boolean) => {
    while (goesOn()) await letMonthsGo(actAlone(background), KEPT_DAYS, goesOn);
  },
  replay_mark: (goesOn: () => boolean) => sweepState(actAlone(background), goesOn),
};
type Table = keyof typeof make;

const left = async (table: Table): Promise<number> =>
  Number((await db.raw(`select count(*) as count from ${table}`)).rows[0].count);

// What is before the first month would have them all.
await db.raw('drop table decision_log_before');
console.log('| table | made a second | removed a second | removed / made |\n|---|---|---|---|');
for (const table of Object.keys(make) as Table[]) {
  for (let waiting = 0; waiting < WAITING; waiting += 50_000) await make[table](50_000);
  const before = await left(table);
  let isOn = true;
  let made = 0;
  const begun = performance.now();
  const sweeping = sweep[table](() => isOn);
  while (performance.now() - begun < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - begun) / 1000) * MADE[table]) - made;
    if (due > 0) await make[table](due);
    made += Math.max(due, 0);
    await pause(50);
  }
  isOn = false;
  await sweeping;
  const seconds = (performance.now() - begun) / 1000;
  const removed = before + made - (await left(table));
  console.log(
    `| ${table} | ${Math.round(made / seconds)} | ${Math.round(removed / seconds)} | ${(removed / made).toFixed(1)} |`,
  );
  await db.raw(`truncate ${table}`);
}
await database.close();
postgres.stop();
