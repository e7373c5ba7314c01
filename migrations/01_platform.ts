// Secrets of the database's own, counts of what guards guessing, and which version of Tillit the
// database was made by.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- The version whose migrations made the database, and the oldest whose nodes may serve on it
  -- (server/platform/db/migrate.ts).
  create table schema_version (
    version text primary key,
    serves_from text not null
  );

  -- Secrets of the database's own, sealed with the configured one.
  create table kept_secret (
    name text primary key,
    sealed text not null
  );

  -- Nodes that serve or did lately. seals_with, accepts: secrets of each, by a keyed digest.
  create table node (
    id uuid primary key,
    version text not null,
    seals_with text not null,
    accepts text[] not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    has_left boolean not null default false
  ) with (fillfactor = 50);

  -- Acts of the operator at the command line. is_logged: whether a node has written it to its log.
  create table operator_act (
    id uuid primary key,
    at timestamptz not null,
    command text not null,
    detail jsonb not null,
    is_logged boolean not null default false
  );
  create index operator_act_unlogged on operator_act (id) where not is_logged;
  create function operator_act_is_append_only() returns trigger language plpgsql as $$
    begin raise exception 'an act of the operator is never changed or removed'; end
  $$;
  create trigger operator_act_append_only before delete or update of id, at, command, detail on operator_act
    for each statement execute function operator_act_is_append_only();

  -- Counts of what guards guessing (rate-limiter-flexible's table).
  create table rate_limit (
    key varchar(255) primary key,
    points int not null default 0,
    expire bigint
  );
  create index rate_limit_expire on rate_limit (expire);

  -- Work that goes on by itself: when it is due, and which node has taken it until when.
  create table job (
    name text primary key,
    due_at timestamptz not null,
    taken_by uuid,
    taken_until timestamptz,
    begun_at timestamptz,
    ended_at timestamptz,
    fault text
  ) with (fillfactor = 50);
`);
