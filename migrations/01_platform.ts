// Secrets of the database's own, counts of what guards guessing, which version of Tillit the
// database was made by, and how tables are cut in partitions.
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

  -- Times that the database was restored to a point before an accident (server/import/restore.ts).
  -- epoch: part of every place in a feed, since places of before may be another event's now.
  create table restoration (
    epoch int primary key,
    point timestamptz not null,
    at timestamptz not null
  );
  create function restoration_is_append_only() returns trigger language plpgsql as $$
    begin raise exception 'a restoration is never changed or removed'; end
  $$;
  create trigger restoration_append_only before delete or update on restoration for each statement execute function restoration_is_append_only();

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

  -- Partitions by range. Each table has one for what is before its first (_before), and one for what
  -- none was made for (_rest). Functions of the columns call these as the role that migrates: the
  -- one that serves changes no table.
  create function partition_ends(whole text) returns table (part text, ends_before text) language sql stable as $$
    select child.relname::text, substring(pg_get_expr(child.relpartbound, child.oid) from 'TO \\(''([^'']+)''\\)')
    from pg_inherits join pg_class child on child.oid = inhrelid where inhparent = whole::regclass
  $$;
  -- Makes one, unless it is there; false where the table is held, or rows of that range are in the
  -- rest. What guards the rest guards it too.
  create function make_partition(whole text, part text, lower text, upper text) returns boolean language plpgsql
    set lock_timeout = '1s' as $$
    declare
      guard text;
      key text := (select quote_ident(attname) from pg_partitioned_table join pg_attribute on attrelid = partrelid and attnum = partattrs[0] where partrelid = whole::regclass);
      is_taken boolean;
    begin
      if exists (select from partition_ends(whole) found where found.part = make_partition.part) then return true; end if;
      if not exists (select from partition_ends(whole) where ends_before is not null) then lower := 'minvalue'; end if;
      -- By the key, before the rest is held while it is looked through.
      execute format('select exists (select from %I where %s %s < %s)', whole || '_rest',
        case lower when 'minvalue' then '' else format('%s >= %s and', key, lower) end, key, upper) into is_taken;
      if is_taken then return false; end if;
      execute format('create table %I (like %I including all)', part, whole);
      for guard in select pg_get_triggerdef(oid) from pg_trigger where tgrelid = (whole || '_rest')::regclass and not tgisinternal loop
        execute replace(guard, whole || '_rest', part);
      end loop;
      execute format('alter table %I attach partition %I for values from (%s) to (%s)', whole, part, lower, upper);
      return true;
    exception when lock_not_available or deadlock_detected or check_violation or query_canceled then return false;
    end
  $$;
  create function least_id(instant timestamp) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
  $$;
  -- Of a table by UUIDv7: for the year or month of the instant, in UTC, and so many after it.
  -- Answers with how many are not there.
  create function make_partitions(whole text, unit text, instant timestamptz, ahead int) returns int language plpgsql as $$
    declare
      step interval := ('1 ' || unit)::interval;
      first timestamp := date_trunc(unit, instant at time zone 'UTC');
      missing int := 0;
    begin
      if not exists (select from partition_ends(whole) where ends_before is not null) then
        perform make_partition(whole, whole || '_before', 'minvalue', quote_literal(least_id(first)));
      end if;
      for n in 0..ahead loop
        missing := missing + (not make_partition(whole, whole || to_char(first + n * step, case unit when 'year' then '_YYYY' else '_YYYY_MM' end),
          quote_literal(least_id(first + n * step)), quote_literal(least_id(first + (n + 1) * step))))::int;
      end loop;
      return missing;
    end
  $$;
  -- Lets whole partitions by UUIDv7 go that end at this one or before it. Answers with how many; none
  -- while the table is held.
  create function drop_partitions(whole text, oldest uuid) returns int language plpgsql set lock_timeout = '1s' as $$
    declare
      gone int := 0;
      ended text;
    begin
      -- Ends are read as ids only of this table's: those of others may be none.
      for ended in with ends as materialized (select * from partition_ends(whole)) select ends.part from ends where ends.ends_before::uuid <= oldest loop
        execute format('drop table %I', ended);
        gone := gone + 1;
      end loop;
      return gone;
    exception when lock_not_available or deadlock_detected then return 0;
    end
  $$;
`);
