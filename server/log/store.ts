// SQL of the log: its leaves, its tiles, its keys and what was signed of it. It knows no event but
// by its id, and no caller.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { logged, takenEvents, takePending } from '../event/feed_store.ts';
import type { LoggedEvent } from '../event/payload_model.ts';
import type { Tile } from './tree_model.ts';

interface Edge {
  /** The number of the log that is written. */
  log: number;
  /** Its name; null until it is signed for the first time. */
  origin: string | null;
  /** The last tile of each level. */
  edge: Tile[];
  /** The MAC of the tree; null while nothing is in it. */
  made: string | null;
  /** Whether events wait that could not be placed. */
  isWaiting: boolean;
}

/** The log that is written: the last one. */
const written = '(select log.* from log order by log.number desc limit 1) as written';

// A level above the highest that has one has none.
const edge: Statement = {
  name: 'log_edge',
  text: `select written.number as log, written.origin, written.made, exists (select from log_pending) as "isWaiting", coalesce((select jsonb_agg(jsonb_build_object('level', last.level, 'tile', last.tile, 'hashes', encode(last.hashes, 'hex')))
      from generate_series(0, 6) as every(level) cross join lateral (select held.* from log_tile held
        where held.log = written.number and held.level = every.level order by held.tile desc limit 1) as last), '[]') as edge
    from ${written}`,
};

type Hexed = Omit<Tile, 'hashes'> & { hashes: string };
const unhexed = ({ hashes, ...tile }: Hexed): Tile => ({
  ...tile,
  hashes: Buffer.from(hashes, 'hex'),
});

/** The right edge of the tree of the log that is written. */
export async function readEdge(db: Db): Promise<Edge> {
  const row = await queryOne<Omit<Edge, 'edge'> & { edge: Hexed[] }>(db, edge);
  return { ...row!, edge: row!.edge.map(unhexed) };
}

const tiles: Statement = {
  name: 'log_tiles',
  text: `select held.level, held.tile, encode(held.hashes, 'hex') as hashes
    from jsonb_to_recordset($2::jsonb) as wanted(level smallint, tile bigint) join log_tile held on held.log = $1 and held.level = wanted.level and held.tile = wanted.tile`,
};
export const readTiles = async (
  db: Db,
  log: number,
  wanted: Pick<Tile, 'level' | 'tile'>[],
): Promise<Tile[]> => (await query<Hexed>(db, tiles, [log, JSON.stringify(wanted)])).map(unhexed);

const append: Statement = {
  name: 'append_leaves',
  text: `with placed as (
      insert into log_leaf (log, position, event_id)
      select $1, $2::bigint + leaf.n - 1, leaf.id from unnest($3::uuid[]) with ordinality as leaf(id, n)),
    made as (update log set made = $5 where log.number = $1)
    insert into log_tile (log, level, tile, hashes)
    select $1, held.level, held.tile, decode(held.hashes, 'hex') from jsonb_to_recordset($4::jsonb) as held(level smallint, tile bigint, hashes text)
    on conflict (log, level, tile) do update set hashes = excluded.hashes`,
};
/** Adds leaves from a position on, the tiles that they change, and the MAC of the tree then. */
export const appendLeaves = (
  db: Db,
  {
    log,
    from,
    ids,
    changed,
    made,
  }: { log: number; from: number; ids: (string | null)[]; changed: Tile[]; made: string },
) =>
  query(db, append, [
    ...[log, from, ids],
    JSON.stringify(changed.map((tile) => ({ ...tile, hashes: tile.hashes.toString('hex') }))),
    made,
  ]);

const sealTree: Statement = {
  name: 'seal_log_tree',
  text: 'update log set made = $2 where log.number = $1 and log.made = $3',
};
/** Keeps the MAC of a tree by another secret, unless the tree has grown since it was read. */
export const sealLogTree = (db: Db, log: number, made: string, before: string) =>
  query(db, sealTree, [log, made, before]);

const leaf: Statement = {
  name: 'leaf_of_event',
  text: 'select leaf.log, leaf.position from log_leaf leaf where leaf.event_id = $1 order by leaf.log desc limit 1',
};
/** Where an event has its place; undefined where it has none. */
export const findLeaf = (
  db: Db,
  event: string,
): Promise<{ log: number; position: number } | undefined> => queryOne(db, leaf, [event]);

const waits: Statement = {
  name: 'waits_for_leaf',
  text: 'select exists (select from event_pending one where one.event_id = $1) or exists (select from log_pending one where one.event_id = $1) as waits',
};
/** Whether an event has happened, and waits for its place. */
export const waitsForLeaf = async (db: Db, event: string): Promise<boolean> =>
  (await queryOne<{ waits: boolean }>(db, waits, [event]))!.waits;

export interface CheckpointRow {
  log: number;
  size: number;
  note: string;
}

const last: Statement = {
  name: 'last_checkpoint',
  text: `select signed.log, signed.size, signed.note from log_checkpoint signed
    where signed.log = coalesce($1::smallint, (select written.number from ${written})) and ($2::bigint is null or signed.size = $2) order by signed.size desc limit 1`,
};
/** The newest of a log, or of the one that is written; undefined before there is one. */
export const lastCheckpoint = (
  db: Db,
  log?: number,
  size?: number,
): Promise<CheckpointRow | undefined> =>
  queryOne<CheckpointRow>(db, last, [log ?? null, size ?? null]);

const unsigned: Statement = {
  name: 'log_unsigned',
  text: `select case when exists (select from log_pending) or coalesce((select max(leaf.position) + 1 from log_leaf leaf where leaf.log = written.number), 0) > coalesce(signed.size, 0)
      then extract(epoch from clock_timestamp() - coalesce(signed.at, written.opened_at)) else 0 end::float8 as seconds
    from ${written}
    left join lateral (select one.size, one.at from log_checkpoint one where one.log = written.number order by one.size desc limit 1) as signed on true`,
};
/** Seconds since the newest checkpoint, while something is not signed; 0 where all is. */
export const secondsUnsigned = async (db: Db): Promise<number> =>
  Math.max(0, (await queryOne<{ seconds: number }>(db, unsigned))!.seconds);

const publish: Statement = {
  name: 'publish_checkpoint',
  text: 'insert into log_checkpoint (log, size, at, note) values ($1, $2, $3, $4) on conflict do nothing',
};
export const publishCheckpoint = (db: Db, { log, size, note }: CheckpointRow, at: Date) =>
  query(db, publish, [log, size, at, note]);

export interface LogKeyRow {
  id: string;
  log: number;
  /** Hexadecimal. */
  publicKey: string;
  sealedPrivate: string;
  signsFrom: Date;
  signsUntil: Date | null;
}

const keys: Statement = {
  name: 'log_keys',
  text: `select key.id, key.log, encode(key.public, 'hex') as "publicKey", key.sealed_private as "sealedPrivate", key.signs_from as "signsFrom", key.signs_until as "signsUntil"
    from log_key key order by key.signs_from, key.id`,
};
/** Every key that ever signed, oldest first. */
export const listLogKeys = (db: Db): Promise<LogKeyRow[]> => query<LogKeyRow>(db, keys);

const addKey: Statement = {
  name: 'add_log_key',
  text: `insert into log_key (id, log, public, sealed_private, signs_from, signs_until) values ($1, $2, decode($3, 'hex'), $4, $5, $6)`,
};
export const addLogKey = (db: Db, key: LogKeyRow) =>
  query(db, addKey, [
    ...[key.id, key.log, key.publicKey, key.sealedPrivate],
    ...[key.signsFrom, key.signsUntil],
  ]);

const sealAgain: Statement = {
  name: 'seal_log_key',
  text: 'update log_key set sealed_private = $2 where log_key.id = $1 and log_key.sealed_private = $3',
};
/** Puts a key's sealed part in place of the one that was read. */
export const sealLogKey = (db: Db, id: string, sealed: string, before: string) =>
  query(db, sealAgain, [id, sealed, before]);

const endKeys: Statement = {
  name: 'end_log_keys',
  text: 'update log_key set signs_until = $2 where log_key.log = $1 and (log_key.signs_until is null or log_key.signs_until > $2)',
};
/** The keys of a log sign until an instant, and no longer. */
export const endLogKeys = (db: Db, log: number, until: Date) => query(db, endKeys, [log, until]);

interface KnownLog {
  number: number;
  /** Its name; null until it is signed for the first time. */
  origin: string | null;
  openedAt: Date;
  beginning: string | null;
}

const logs: Statement = {
  name: 'list_logs',
  text: 'select log.number, log.origin, log.opened_at as "openedAt", log.beginning from log order by log.number',
};
export const listLogs = (db: Db): Promise<KnownLog[]> => query<KnownLog>(db, logs);

const name: Statement = {
  name: 'name_log',
  text: 'update log set origin = $2 where log.number = $1 and log.origin is null',
};
/** Gives a log the name under which it is signed from then on. */
export const nameLog = (db: Db, log: number, origin: string) => query(db, name, [log, origin]);

const put: Statement = {
  name: 'put_off_leaves',
  text: 'insert into log_pending select unnest($1::uuid[])',
};
/** Events that wait until the log takes them. */
export const putOff = (db: Db, ids: string[]) => query(db, put, [ids]);

const waiting: Statement = {
  name: 'take_waiting_leaves',
  text: `with taken as (
      ${takePending('$1', 'log_pending')}),
    happened as (${takenEvents})
    select ${logged} as events`,
};
/** Takes so many of the events that wait. */
export const takeWaiting = async (db: Db, most: number): Promise<LoggedEvent[]> =>
  (await queryOne<{ events: LoggedEvent[] }>(db, waiting, [most]))!.events;

const refuse: Statement = {
  name: 'refuse_events',
  text: 'insert into log_refused (event_id, found_at) select unnest($1::uuid[]), $2 on conflict do nothing',
};
/** Events that get no place until the operator has looked. */
export const refuseEvents = (db: Db, ids: string[], at: Date) => query(db, refuse, [ids, at]);

const refused: Statement = {
  name: 'refused_events',
  text: 'select one.event_id as id, one.found_at as at from log_refused one order by one.found_at, one.event_id limit 1000',
};
/** The first thousand that got no place, oldest first. */
export const listRefused = (db: Db) => query<{ id: string; at: Date }>(db, refused);

const unnamed: Statement = {
  name: 'take_unnamed_refused',
  text: 'update log_refused set is_named = true where not log_refused.is_named returning log_refused.event_id as id',
};
/** Refused events that no node's log has named yet; they are this node's to name. */
export const takeUnnamed = async (db: Db): Promise<string[]> =>
  (await query<{ id: string }>(db, unnamed)).map(({ id }) => id);

const countRefused: Statement = {
  name: 'count_refused_events',
  text: 'select count(*)::int as count from log_refused',
};
export const refusedEvents = async (db: Db): Promise<number> =>
  (await queryOne<{ count: number }>(db, countRefused))!.count;

const judge: Statement = {
  name: 'judge_refused_again',
  text: 'with taken as (delete from log_refused returning event_id) insert into log_pending select taken.event_id from taken',
};
/** Has those that got no place wait for one again. */
export const judgeAgain = (db: Db) => query(db, judge);

const again: Statement = {
  name: 'place_leaves_again',
  text: 'insert into log_pending select leaf.event_id from log_leaf leaf where leaf.log = $1 and leaf.position >= $2 and leaf.event_id is not null',
};
/** Lets the events of a log from a position on wait for a place in another. */
export const placeAgain = (db: Db, log: number, from: number) => query(db, again, [log, from]);

const open: Statement = {
  name: 'open_log',
  text: 'insert into log (number, origin, opened_at, beginning) values ($1, $2, $3, $4)',
};
export const openLog = (
  db: Db,
  one: { log: number; origin: string; at: Date; beginning: string },
) => query(db, open, [one.log, one.origin, one.at, one.beginning]);

const lock: Statement = { name: 'lock_log', text: 'select pg_advisory_xact_lock(727284)' };
/** Nobody else makes keys or opens a log before the end of the transaction. */
export const lockLog = (db: Db) => query(db, lock);
