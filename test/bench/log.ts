// `npm run bench log`: how many events get a place in the log a second on PostgreSQL, feeds with
// them, and how long a proof takes among a million stored leaves and among ten million of a tree
// that is made up. Prints a table; asserts nothing.
import { randomBytes, randomUUID } from 'node:crypto';
import { appendEvents } from '../../server/event/store.ts';
import { actAlone } from '../../server/platform/act.ts';
import { openDatabase } from '../../server/platform/db/db.ts';
import { migrate } from '../../server/platform/db/migrate.ts';
import { readEnv } from '../../server/platform/env/env.ts';
import { onTree } from '../../server/log/tree.ts';
import { consistency, inclusion, treeRoot } from '../../server/log/tree_model.ts';
import { placeEvents } from '../../server/notice_due/feed.ts';
import { startPostgres } from '../support/run/postgres.ts';
import { median } from './tools.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const MADE_UP = 10_000_000;
const PROOFS = 200;

const postgres = await startPostgres(true);
if (!postgres) throw new Error('it takes PostgreSQL on this machine');
const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: postgres.url });
const database = await openDatabase(env);
const { db } = database;
await migrate(db);

const seconds = async (work: () => unknown): Promise<number> => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
};
const told = (what: string, value: string) => console.log(`| ${what} | ${value} |`);

await db.raw('set statement_timeout = 0');
const LOT = 10_000;
const detail = { scope: 'testskatt:inntekt', n: 1 };
for (let made = 0; made < EVENTS; made += LOT) {
  const act = actAlone(db);
  const uses = Array.from({ length: Math.min(LOT, EVENTS - made) }, () => ({
    ...{ type: 'used' as const, consentId: randomUUID(), handledBy: null, detail },
    ...{ fromParty: randomUUID(), toParty: randomUUID(), byParty: randomUUID() },
  }));
  await appendEvents(act, uses);
}
await db.raw('vacuum analyze event');
console.log('| | |\n|---|---|');
const placing = await seconds(() => placeEvents(actAlone(db)));
told('events that get a place, a second', Math.round(EVENTS / placing).toLocaleString('en'));

const each = async (work: (index: number) => unknown): Promise<string> => {
  const times: number[] = [];
  for (let n = 0; n < PROOFS; n += 1) times.push(await seconds(() => work(Math.random())));
  return `${(median(times) * 1000).toFixed(2)} ms`;
};
const at = (share: number, size: number) => Math.floor(share * size);
told(
  `a proof of inclusion among ${EVENTS.toLocaleString('en')}, read from the database`,
  await each((share) => onTree(db, 1, (read) => inclusion(read, at(share, EVENTS), EVENTS))),
);
told('their root', await each(() => onTree(db, 1, (read) => treeRoot(read, EVENTS))));
const tile = randomBytes(256 * 32);
const read = () => tile;
told(
  `a proof of inclusion among ${MADE_UP.toLocaleString('en')}, of a tree made up`,
  await each((share) => inclusion(read, at(share, MADE_UP), MADE_UP)),
);
told(
  'a proof of growth to as many',
  await each((share) => consistency(read, at(share, MADE_UP) + 1, MADE_UP)),
);
await database.close();
postgres.stop();
