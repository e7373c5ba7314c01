// `npm run bench status_list`: a status list of a million consents, of which none, one of a hundred
// and one of ten are over: how large it is, in what time it is made, what PostgreSQL reads for it,
// and how soon it says that a consent was withdrawn.
import { inflateSync } from 'node:zlib';
import { decodeJwt } from 'jose';
import knex, { type Knex } from 'knex';
import { grow, prepare, SMALL } from './operations.ts';
import { act } from './streams.ts';
import { load, median, PORT, publicJwk, stage } from './tools.ts';

const CONSENTS = Number(process.env.BENCH_CONSENTS ?? 1_000_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
/** Withdrawn between two lists. */
const WITHDRAWN = 100;
const SHARES = [0, 0.01, 0.1];
/** A list is given out again for five seconds; a node looks for what changed in less. */
const STALE_MILLIS = 6_000;
/** An idle backend says after ten seconds at most what it has read. */
const SAID_MILLIS = 11_000;
const BLOCK = 8_192;
const pause = (millis: number) => new Promise((done) => setTimeout(done, millis));

interface Fetched {
  millis: number;
  /** Bytes of the answer as it is without content encoding, and as it is with. */
  bytes: number;
  isOver: (place: number) => boolean;
}

async function fetchList(port = PORT): Promise<Fetched> {
  const began = performance.now();
  const answer = await fetch(`http://127.0.0.1:${port}/status-lists/1`);
  const text = await answer.text();
  const millis = performance.now() - began;
  if (answer.status !== 200) throw new Error(text);
  const { status_list: list } = decodeJwt<{ status_list: { lst: string } }>(text);
  const bits = inflateSync(Buffer.from(list.lst, 'base64url'));
  const isOver = (place: number) => ((bits[place >> 2]! >> ((place & 3) * 2)) & 3) === 1;
  return { millis, bytes: text.length, isOver };
}

/** Bytes of blocks that PostgreSQL has read so far, from memory or from the disk. */
async function bytesRead(db: Knex): Promise<number> {
  await pause(SAID_MILLIS);
  const { rows } = await db.raw(
    `select (blks_hit + blks_read)::float8 * ${BLOCK} as bytes from pg_stat_database where datname = current_database()`,
  );
  return rows[0].bytes;
}
/** Megabytes that PostgreSQL reads in as long as a list is fresh, while something is done. */
async function readBy(db: Knex, work: () => Promise<unknown> = async () => {}): Promise<number> {
  const [before, began] = [await bytesRead(db), Date.now()];
  await work();
  await pause(Math.max(0, STALE_MILLIS - (Date.now() - began)));
  return ((await bytesRead(db)) - before) / 1e6;
}

interface Consent {
  id: string;
  person: string;
  place: number;
}

/** Consents that hold, each withdrawn once. */
async function holding(db: Knex, most: number): Promise<Consent[]> {
  const { rows } = await db.raw(
    `select request.id, request.from_party as person, request.status_place::float8 as place from consent_request request
    where request.state = 'approved' and not exists (select from status_bit where status_bit.place = request.status_place) order by request.id limit ?`,
    [most],
  );
  return rows;
}

/** Notes so many of the consents as over, those with the last ids. */
async function noteOver(db: Knex, count: number): Promise<void> {
  await db.raw(
    `insert into status_bit (place, bit, changed) select request.status_place, 1, nextval('status_changed') from (
      select status_place from consent_request where status_place is not null order by id desc limit ?) as request on conflict do nothing`,
    [count],
  );
}

/** Seconds from the answer to the last of some withdrawals until a list says all of them. */
async function withdrawn(consents: Consent[]): Promise<number> {
  const requests = await Promise.all(consents.map((one) => act(one, 'withdraw')));
  // The longest wait: a list has just been made.
  await fetchList();
  const { failed } = await load({ port: PORT, requests, rate: WITHDRAWN });
  if (failed) throw new Error(`${failed} were not withdrawn`);
  const began = Date.now();
  for (;;) {
    const { isOver } = await fetchList();
    if (consents.every(({ place }) => isOver(place))) return (Date.now() - began) / 1_000;
    await pause(100);
  }
}

process.env.STATUS_LIST = 'true';
const set = await stage();
const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 2 } });
try {
  const { bank } = await prepare(db, publicJwk);
  console.log(`growing to ${CONSENTS.toLocaleString('en')} consents`);
  await grow(db, bank, SMALL, CONSENTS);
  // What it reads by itself would count as read for a list.
  await db.raw('alter system set autovacuum = off');
  await db.raw('select pg_reload_conf()');
  await db.raw('vacuum analyze');
  console.log(
    '| over | kB | made in, ms | MB read with it | without | said after, s | first, ms |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [step, share] of SHARES.entries()) {
    await noteOver(db, CONSENTS * share);
    await fetchList();
    const [made, said, read, idle]: number[][] = [[], [], [], []];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      said!.push(await withdrawn(await holding(db, WITHDRAWN)));
      // What follows an act, its place in the log and its signals, is over by then.
      await pause(10_000);
      idle!.push(await readBy(db));
      await noteOver(db, CONSENTS * share + WITHDRAWN * (round + 1));
      const work = async () => {
        const list = await fetchList();
        made!.push(list.millis);
        bytes = list.bytes;
      };
      read!.push(await readBy(db, work));
    }
    const port = PORT + 3 + step;
    const node = await set.addNode(port);
    const first = await fetchList(port);
    node.kill('SIGTERM');
    const figures = [
      ...[`${share * 100} %`, (bytes / 1_000).toFixed(0), median(made!).toFixed(0)],
      ...[median(read!).toFixed(1), median(idle!).toFixed(1)],
      ...[median(said!).toFixed(1), first.millis.toFixed(0)],
    ];
    console.log(`| ${figures.join(' | ')} |`);
  }
} finally {
  await db.destroy();
  await set.end();
}
