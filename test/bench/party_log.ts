// `npm run bench party_log`: the log of a person with 1,000 rows and of one with 1,000,000, on
// PostgreSQL: what one visit of each of its parts takes, alone and in the median, and the cost of
// many over few. Prints a table; asserts nothing.
import knex, { type Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { secretId, sha256 } from '../../server/platform/ids.ts';
import { personNumber } from '../support/numbers.ts';
import { prepare } from './operations.ts';
import { http, load, PORT, publicJwk, stage } from './tools.ts';

const VISITS = Number(process.env.BENCH_REQUESTS ?? 100);
const [FEW, MANY] = [1_000, Number(process.env.BENCH_ROWS ?? 1_000_000)];
/** Rows of one statement. */
const LOT = 50_000;
const day = (ago: number): string =>
  new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const PAGES = {
  'what was done': '/log',
  'what was done, powers of attorney alone': '/log?kind=mandates',
  'what was done, one week half a year ago': `/log?since=${day(187)}&until=${day(180)}`,
  'what was done, one service': '/log?resource=mva-melding',
  'what was used': '/log?show=uses',
  'what was used, one week half a year ago': `/log?show=uses&since=${day(187)}&until=${day(180)}`,
  'who searched': '/log?show=seen',
};

/** A moment of the past year, of the row `n` of `of`: they are spread evenly. */
const at = (of: number) => `now() - (interval '365 days' * n / ${of})`;

/** Half of the rows are acts, two fifths uses, the rest searches. */
async function personWith(db: Knex, rows: number): Promise<string> {
  const [id, other, session] = [randomUUID(), randomUUID(), secretId()];
  for (const [party, name] of [
    [id, 'Mange Linjer'],
    [other, 'Annen Person'],
  ] as const)
    await db.raw(
      `insert into party (id, party_id, kind, person_no, name) values (?, nextval('party_number'), 'person', ?, ?)`,
      [party, personNumber(), name],
    );
  await db.raw(
    `insert into login_session (id_hash, party, level, amr, logged_in_at, begun_at, authenticated_at, expires_at) values (?, ?, 4, '{}', now(), now(), now(), now() + interval '1 hour')`,
    [sha256(session), id],
  );
  const { rows: made } = await db.raw(
    `insert into mandate (id, from_party, to_party, to_kind, basis, package, valid_from, given_by, given_at)
      select gen_random_uuid(), ?::uuid, ?::uuid, 'person', 'delegation', (select code from access_package order by code limit 1), now(), ?::uuid, now() returning id`,
    [id, other, id],
  );
  const [acts, uses] = [rows / 2, (rows * 2) / 5];
  const inLots = async (count: number, insert: (series: string) => Promise<unknown>) => {
    for (let from = 0; from < count; from += LOT)
      await insert(`generate_series(${from}, ${Math.min(from + LOT, count) - 1}) as n`);
  };
  // Nothing is placed in the log: that is another bench.
  await db.raw('set session_replication_role = replica');
  await inLots(acts, (series) =>
    db.raw(
      `insert into event (id, type, at, mandate_id, from_party, to_party, by_party)
        select new_event_id(${at(acts)}), 'changed', ${at(acts)}, ?::uuid, ?::uuid, ?::uuid, ?::uuid from ${series}`,
      [made[0].id, id, other, id],
    ),
  );
  await inLots(uses, (series) =>
    db.raw(
      `insert into decision_log (id, at, caller, subject, from_party, resource_id, action, outcome, reason, level, mandates)
        select new_event_id(${at(uses)}), ${at(uses)}, '974761076', ?::uuid, ?::uuid, 'mva-melding', 'read', 'permit', 'permitted', 4, '{}' from ${series}`,
      [other, id],
    ),
  );
  await inLots(rows - acts - uses, (series) =>
    db.raw(
      `insert into search_log (id, at, caller, kind, subject, from_party, resource_id, action, parties)
        select new_event_id(${at(rows / 10)}), ${at(rows / 10)}, '974761076', 'resource', ?::uuid, ?::uuid, 'mva-melding', 'read', array[?, ?]::uuid[] from ${series}`,
      [other, id, id, other],
    ),
  );
  await db.raw('set session_replication_role = origin');
  return `cookie: session=${session}`;
}

const set = await stage();
try {
  const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 1 } });
  await prepare(db, publicJwk);
  await db.raw('set statement_timeout = 0');
  // A year of partitions by month, as a server has them that has run for one.
  for (const whole of ['decision_log', 'search_log']) {
    await db.raw(`drop table ${whole}_before`);
    await db.raw(`select make_partitions(?, 'month', now() - interval '13 months', 16)`, [whole]);
  }
  const cookies = [await personWith(db, FEW), await personWith(db, MANY)];
  await db.raw('vacuum analyze');
  console.log(
    `| part of the log | ${FEW.toLocaleString('en')} rows, ms | ${MANY.toLocaleString('en')}, ms | cost of many |\n|---|---|---|---|`,
  );
  for (const [name, path] of Object.entries(PAGES)) {
    const times: number[] = [];
    for (const cookie of cookies) {
      const [name, value] = cookie.split(': ');
      const { status } = await fetch(`http://127.0.0.1:${PORT}${path}`, {
        headers: { [name!]: value! },
      });
      if (status !== 200) throw new Error(`${path} answers ${status}`);
      const request = http(PORT, path, '', [cookie], 'GET');
      const requests = Array.from({ length: VISITS }, () => request);
      // The first visits are for warming up.
      await load({ port: PORT, connections: 1, requests: requests.slice(0, 10), rate: 0 });
      times.push((await load({ port: PORT, connections: 1, requests, rate: 0 })).p50);
    }
    const [few, many] = times as [number, number];
    console.log(`| ${name} | ${few} | ${many} | ${(many / few).toFixed(2)} |`);
  }
  await db.destroy();
} finally {
  await set.end();
}
