// `npm run bench outage`: consents are withdrawn, narrowed and suspended while all who hear of them
// are down and a node is killed; the clock goes on by ten minutes, and they are up again. How soon
// what holds is with each of them, and whether anything is missing or came under two ids.
import knex, { type Knex } from 'knex';
import { prepare } from './operations.ts';
import { act, givers, listen, ownersOf, subscribe, type Place } from './streams.ts';
import { here, load, PORT, publicJwk, stage } from './tools.ts';

const RATE = Number(process.env.BENCH_RATE ?? 100);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
/** Narrowed, then suspended, then resumed, all while nobody hears. */
const TURNED = 100;
/** Half minutes by which the clock goes on. */
const HALVES = 20;
const PATIENCE_MILLIS = 60_000;
const pause = (millis: number) => new Promise((done) => setTimeout(done, millis));

interface Subject {
  id: string;
  /** The place of its newest event. */
  pos: number;
}

/**
 * What was done, as the database has it: the newest of each consent. A source hears of one no more
 * once its own service was taken out of it.
 */
async function happened(db: Knex, bank: string, source: string | null): Promise<Subject[]> {
  const { rows } = await db.raw(
    `select event.consent_id as id, max(event.pos)::float8 as pos from event join consent_request request on request.id = event.consent_id
    where request.to_party = ? and event.type in ('withdrawn', 'changed', 'suspended', 'resumed')
      and not exists (select from consent_right held join resource on resource.id = held.resource_id join party owner on owner.id = resource.owner
        where held.consent_id = request.id and owner.organization_no = ? and held.dropped_at < event.at)
    group by 1`,
    [bank, source],
  );
  return rows;
}

/** The newest state of each consent that an address has. */
function newestOf({ heard }: Place) {
  const newest = new Map<string, Place['heard'][0]>();
  for (const one of heard)
    if (one.state.pos > (newest.get(one.subject)?.state.pos ?? -1)) newest.set(one.subject, one);
  return newest;
}
const missingOf = (place: Place, subjects: Subject[]): number => {
  const newest = newestOf(place);
  return subjects.filter(({ id, pos }) => newest.get(id)?.state.pos !== pos).length;
};
/** Events that came under more than one id. */
function twiceOf({ heard }: Place): number {
  const ids = new Map<string, Set<string>>();
  for (const { event, jti } of heard) ids.set(event, (ids.get(event) ?? new Set()).add(jti));
  return [...ids.values()].filter(({ size }) => size > 1).length;
}

process.env.SSF = 'true';
const set = await stage({ preload: here('moved_watch.ts') });
const db = knex({ client: 'pg', connection: set.postgres.url, pool: { min: 1, max: 2 } });
const places: Place[] = [];
try {
  const { bank, bankNo } = await prepare(db, publicJwk);
  const sources = await ownersOf(db);
  for (const number of [bankNo, ...sources]) {
    const place = await listen();
    places.push(place);
    await subscribe(number, place.url);
  }
  const other = await set.addNode(PORT + 3);
  const all = await givers(db, RATE * SECONDS + TURNED);
  const [turned, rest] = [all.slice(0, TURNED), all.slice(TURNED)];
  for (const place of places) place.isDown = true;
  setTimeout(() => other.kill('SIGKILL'), (SECONDS * 1_000) / 2);
  for (const how of ['narrow', 'suspend', 'resume'] as const) {
    const requests = await Promise.all(turned.map((one) => act(one, how)));
    await load({ port: PORT, requests, rate: RATE });
  }
  const withdrawals = await Promise.all(rest.map((one) => act(one, 'withdraw')));
  await load({ port: PORT, requests: withdrawals, rate: RATE });
  for (let half = 0; half < HALVES; half += 1) {
    set.children[0]!.kill('SIGUSR2');
    await pause(500);
  }
  const wanted: Subject[][] = [];
  for (const source of [null, ...sources]) wanted.push(await happened(db, bank, source));
  for (const place of places) place.isDown = false;
  const up = Date.now();
  const isAnyMissing = () => places.some((place, at) => missingOf(place, wanted[at]!) > 0);
  while (isAnyMissing() && Date.now() < up + PATIENCE_MILLIS) await pause(200);
  const ids = new Set(turned.map(({ id }) => id));
  console.log(
    '| who hears | consents | s until all is there | missing | twice | narrow, of all that turned |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const [at, place] of places.entries()) {
    const newest = [...newestOf(place).values()];
    const last = Math.max(...newest.map((one) => one.at));
    const narrow = newest.filter(
      ({ subject, state: { status, approvedRights } }) =>
        ids.has(subject) && status === 'Accepted' && String(approvedRights) === '0',
    );
    const name = ['the requester', 'a source', 'another source'][at];
    const figures = [wanted[at]!.length, ((last - up) / 1_000).toFixed(1)];
    const wrong = [missingOf(place, wanted[at]!), twiceOf(place)];
    console.log(`| ${[name, ...figures, ...wrong, `${narrow.length} of ${TURNED}`].join(' | ')} |`);
  }
} finally {
  for (const place of places) place.close();
  await db.destroy();
  await set.end();
}
