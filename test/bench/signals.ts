// `npm run bench signals`: how soon after its act an event is with those who hear of it, while a
// hundred consents are withdrawn a second for a minute, and others are suspended, narrowed and
// fall: a requester and two sources by push, on PostgreSQL. An event counts from the instant of its
// act, which is before its commit.
import knex, { type Knex } from 'knex';
import { prepare, type World } from './operations.ts';
import { act, givers, listen, ownersOf, subscribe, type Heard, type Place } from './streams.ts';
import { load, PORT, publicJwk, stage } from './tools.ts';

const RATE = Number(process.env.BENCH_RATE ?? 100);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
/** Seconds of withdrawals before those that are measured. */
const WARM_SECONDS = 5;
/** Of each of the other acts. */
const OTHERS = 100;
const PATIENCE_MILLIS = 60_000;
/** Does it all, and answers when what is measured began. */
async function run(db: Knex): Promise<number> {
  const all = await givers(db, RATE * (SECONDS + WARM_SECONDS) + 3 * OTHERS);
  const [suspended, narrowed, dying] = [0, 1, 2].map((n) =>
    all.slice(n * OTHERS, (n + 1) * OTHERS),
  ) as [typeof all, typeof all, typeof all];
  const warming = all.slice(3 * OTHERS, 3 * OTHERS + RATE * WARM_SECONDS);
  const rest = all.slice(3 * OTHERS + RATE * WARM_SECONDS);
  const warm = await Promise.all(warming.map((one) => act(one, 'withdraw')));
  await load({ port: PORT, requests: warm, rate: RATE });
  const begun = Date.now();
  const others = [
    ...(await Promise.all(suspended.map((one) => act(one, 'suspend')))),
    ...(await Promise.all(narrowed.map((one) => act(one, 'narrow')))),
  ];
  const withdrawals = await Promise.all(rest.map((one) => act(one, 'withdraw')));
  // Spread among the withdrawals.
  const every = Math.floor(withdrawals.length / others.length);
  others.forEach((one, n) => withdrawals.splice(n * (every + 1), 0, one));
  const falling = new Promise<void>((done, failed) => {
    setTimeout(
      () =>
        db
          .raw(`update party set ended_at = now() where id = any(?)`, [
            dying.map(({ person }) => person),
          ])
          .then(() => done(), failed),
      (SECONDS * 1_000) / 2,
    );
  });
  const { p50, p99 } = await load({ port: PORT, requests: withdrawals, rate: RATE });
  await falling;
  console.log(`acts at ${RATE} a second: p50 ${p50} ms, p99 ${p99} ms`);
  return begun;
}

const share = (values: number[], part: number) =>
  values[Math.min(values.length - 1, Math.floor(values.length * part))]!;

async function report(
  db: Knex,
  { bank }: World,
  heards: Map<string, Heard[]>,
  begun: number,
): Promise<void> {
  const { rows } = await db.raw(
    `select event.id, event.type, (extract(epoch from event.at) * 1000)::float8 as at from event join consent_request request on request.id = event.consent_id
    where request.to_party = ? and event.type in ('withdrawn', 'suspended', 'changed') and event.at >= to_timestamp(? / 1000.0)`,
    [bank, begun],
  );
  const happened = new Map<string, number>(rows.map(({ id, at }: any) => [id, at]));
  console.log('\n| who hears | events | p50, ms | p99, ms | longest, ms | missing | twice |');
  console.log('|---|---|---|---|---|---|---|');
  for (const [name, heard] of heards) {
    const of = heard.filter(({ event }) => happened.has(event));
    const ids = new Set(of.map(({ event }) => event));
    const waits = of.map(({ event, at }) => at - happened.get(event)!).sort((a, b) => a - b);
    const figures = [0.5, 0.99, 1].map((part) => Math.round(share(waits, part)));
    console.log(
      `| ${[name, ids.size, ...figures, happened.size - ids.size, of.length - ids.size].join(' | ')} |`,
    );
  }
}

process.env.SSF = 'true';
const set = await stage();
const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 2 } });
const places: Place[] = [];
try {
  const world = await prepare(db, publicJwk);
  const numbers = [world.bankNo, ...(await ownersOf(db))];
  const names = ['the requester', 'a source', 'another source'];
  const heards = new Map<string, Heard[]>();
  for (const [at, number] of numbers.entries()) {
    const place = await listen();
    places.push(place);
    heards.set(names[at]!, place.heard);
    await subscribe(number, place.url);
  }
  const begun = await run(db);
  const wanted = (RATE * (SECONDS + WARM_SECONDS) + 3 * OTHERS) * 3;
  const count = () => [...heards.values()].reduce((sum, { length }) => sum + length - 1, 0);
  for (const end = Date.now() + PATIENCE_MILLIS; count() < wanted && Date.now() < end; )
    await new Promise((done) => setTimeout(done, 200));
  await report(db, world, heards, begun);
} finally {
  for (const place of places) place.close();
  await db.destroy();
  await set.end();
}
