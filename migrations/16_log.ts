// The log: every event in one sequence, as the leaves of a Merkle tree, and what was signed of it.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- One is written at a time, the last. Each later one begins with the checkpoint where the one
  -- before it ended.
  create table log (
    number smallint primary key,
    opened_at timestamptz not null,
    -- The name under which it is signed: the issuer's host, as it was when it was signed first.
    origin text,
    -- The leaf that it begins with; the first log has none.
    beginning text,
    -- The MAC of its tree, by the node that last added to it (log/made.ts).
    made text
  );
  -- The place of each event; none stands for the leaf that a log begins with.
  create table log_leaf (
    -- Of log, which whoever adds a leaf has read: a key that is checked costs each event 2 µs.
    log smallint not null,
    position bigint not null check (position >= 0),
    event_id uuid,
    check (event_id is not null or (position = 0 and log > 1)),
    primary key (log, position)
  );
  -- An event whose place was never signed gets another in the next log.
  create index log_leaf_event on log_leaf (event_id);
  -- Events that could not be placed, or whose log ended before it was signed.
  create table log_pending (
    event_id uuid not null
  );
  -- Events that no node is known to have made, until the operator has looked.
  create table log_refused (
    event_id uuid primary key,
    found_at timestamptz not null,
    -- Whether a node's log has named it.
    is_named boolean not null default false
  );
  -- Hashes of the tree, 256 a tile; each full tile is an entry of the level above.
  create table log_tile (
    log smallint not null references log,
    level smallint not null,
    tile bigint not null,
    hashes bytea not null,
    primary key (log, level, tile)
  );
  create table log_checkpoint (
    log smallint not null references log,
    size bigint not null,
    at timestamptz not null,
    note text not null,
    primary key (log, size)
  );
  create table log_key (
    id uuid primary key,
    log smallint not null references log,
    -- The 32 bytes of RFC 8032.
    public bytea not null,
    sealed_private text not null,
    signs_from timestamptz not null,
    signs_until timestamptz
  );
  insert into log (number, opened_at) values (1, now());
`);
