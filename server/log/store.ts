// SQL of the log: its leaves, its tiles, its keys and what was signed of it. It knows no event but
// by its id, and no caller.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { Tile } from './tree_model.ts';

interface Edge {
  /** The number of the log that is written. */
  log: number;
  /** The last tile of each level. */
  edge: Tile[];
}

// A level above the highest that has one has none.
const edge: Statement = {
  name: 'log_edge',
  text: `select written.log, coalesce((select jsonb_agg(jsonb_build_object('level', last.level, 'tile', last.tile, 'hashes', encode(last.hashes, 'hex')))
      from generate_series(0, 6) as every(level) cross join lateral (select held.* from log_tile held
        where held.log = written.log and held.level = every.level order by held.tile desc limit 1) as last), '[]') as edge
    from (select max(log.number) as log from log) as written`,
};

type Hexed = Omit<Tile, 'hashes'> & { hashes: string };
const unhexed = ({ hashes, ...tile }: Hexed): Tile => ({
  ...tile,
  hashes: Buffer.from(hashes, 'hex'),
});

/** The right edge of the tree of the log that is written. */
export async function readEdge(db: Db): Promise<Edge> {
  const row = await queryOne<{ log: number; edge: Hexed[] }>(db, edge);
  return { log: row!.log, edge: row!.edge.map(unhexed) };
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
      select $1, $2::bigint + leaf.n - 1, leaf.id from unnest($3::uuid[]) with ordinality as leaf(id, n))
    insert into log_tile (log, level, tile, hashes)
    select $1, held.level, held.tile, decode(held.hashes, 'hex') from jsonb_to_recordset($4::jsonb) as held(level smallint, tile bigint, hashes text)
    on conflict (log, level, tile) do update set hashes = excluded.hashes`,
};
/** Adds leaves from a position on, with the tiles that they change. */
export const appendLeaves = (
  db: Db,
  {
    log,
    from,
    ids,
    changed,
  }: { log: number; from: number; ids: (string | null)[]; changed: Tile[] },
) =>
  query(db, append, [
    ...[log, from, ids],
    JSON.stringify(changed.map((tile) => ({ ...tile, hashes: tile.hashes.toString('hex') }))),
  ]);

const leaf: Statement = {
  name: 'leaf_of_event',
  text: 'select leaf.log, leaf.position from log_leaf leaf where leaf.event_id = $1',
};
/** Where an event has its place; undefined where it has none. */
export const findLeaf = (
  db: Db,
  event: string,
): Promise<{ log: number; position: number } | undefined> => queryOne(db, leaf, [event]);

export interface CheckpointRow {
  origin: string;
  size: number;
  log: number;
  note: string;
}

const last: Statement = {
  name: 'last_checkpoint',
  text: 'select signed.origin, signed.size, signed.log, signed.note from log_checkpoint signed where signed.origin = $1 order by signed.size desc limit 1',
};
/** The newest of a log by its name; undefined before there is one. */
export const lastCheckpoint = (db: Db, origin: string): Promise<CheckpointRow | undefined> =>
  queryOne<CheckpointRow>(db, last, [origin]);

const written: Statement = {
  name: 'last_log',
  text: 'select max(log.number) as log from log',
};
/** The number of the log that is written. */
export const lastLog = async (db: Db): Promise<number> =>
  (await queryOne<{ log: number }>(db, written))!.log;

const publish: Statement = {
  name: 'publish_checkpoint',
  text: 'insert into log_checkpoint (origin, size, log, at, note) values ($1, $2, $3, $4, $5) on conflict do nothing',
};
export const publishCheckpoint = (db: Db, { origin, size, log, note }: CheckpointRow, at: Date) =>
  query(db, publish, [origin, size, log, at, note]);

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
const logs: Statement = {
  name: 'list_logs',
  text: 'select log.number, log.opened_at as "openedAt", log.beginning from log order by log.number',
};
export const listLogs = (
  db: Db,
): Promise<{ number: number; openedAt: Date; beginning: string | null }[]> => query(db, logs);

/** The keys of a log sign until an instant, and no longer. */
export const endLogKeys = (db: Db, log: number, until: Date) => query(db, endKeys, [log, until]);

const open: Statement = {
  name: 'open_log',
  text: 'insert into log (number, opened_at, beginning) values ($1, $2, $3)',
};
export const openLog = (db: Db, log: number, at: Date, beginning: string) =>
  query(db, open, [log, at, beginning]);

const lock: Statement = { name: 'lock_log', text: 'select pg_advisory_xact_lock(727284)' };
/** Nobody else makes keys or opens a log before the end of the transaction. */
export const lockLog = (db: Db) => query(db, lock);
