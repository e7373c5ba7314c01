// Evidence of acts, and the order in which it is read. Events and their places are partitioned by
// range, so that what is old can be moved whole.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Rises with every event of the same consent or mandate, as their rows are held by one act at a time.
  create sequence event_pos;

  -- Append-only, written in the transaction of the act. Ids are UUIDv7: the key is the order.
  create table event (
    id uuid primary key,
    type text not null,
    at timestamptz not null,
    consent_id uuid,
    -- None of what is about no party: a policy, a client, a key, an act of the operator.
    from_party uuid,
    to_party uuid,
    handled_by uuid,
    by_party uuid,
    by_role text,
    detail jsonb,
    mandate_id uuid,
    request_id uuid,
    -- 128 random bits from which the salts of its members are made (event/payload_model.ts).
    seed bytea not null default substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16),
    -- Made by the node that did the act (event/mac_model.ts); without a right one it gets no place in the log.
    mac bytea,
    pos bigint not null default nextval('event_pos')
  ) partition by range (id);
  create table event_rest partition of event default;
  create index event_consent on event (consent_id, id);
  -- What fell is listed by party, among everything that ever happened to it.
  create index event_fallen_from on event (from_party, id) where type in ('withdrawn', 'ended') and ((detail \\? 'reason') or (detail \\? 'because'));
  create index event_fallen_to on event (to_party, id) where type in ('withdrawn', 'ended') and ((detail \\? 'reason') or (detail \\? 'because'));
  create index event_from on event (from_party, id);
  create index event_handled_by on event (handled_by, id) where handled_by is not null;
  create index event_look_from on event (from_party, id) where type in ('support_asked', 'support_looked', 'log_opened');
  create index event_look_to on event (to_party, id) where type in ('support_asked', 'support_looked', 'log_opened');
  create index event_mandate on event (mandate_id, id) where mandate_id is not null;
  -- The events of a party's consents, whatever else happened to it.
  create index event_of_consents on event (from_party, id) where consent_id is not null;
  create index event_request on event (request_id, id) where request_id is not null;
  create index event_to on event (to_party, id);

  -- Names, words, rights and authority as they stood, of each event that a receipt is made of
  -- (17_receipt.ts). Append-only like the event, and let go with it.
  create table event_content (
    event_id uuid primary key,
    content json not null
  );

  -- What is left of an event that was let go: that there was one, its kind and time.
  create table event_let_go (
    id uuid primary key,
    type text not null,
    at timestamptz not null,
    -- The bytes of its leaf, with the digests of its members: the log stays as it was signed.
    leaf text not null
  );

  -- What has happened waits here from the act on, until it gets its place (17_receipt.ts).
  create table event_pending (
    event_id uuid not null
  );

  -- The feed's own order: neither positions nor dates ever run backwards for a reader.
  create table event_feed (
    position bigint primary key,
    event_id uuid not null,
    changed_at timestamptz not null,
    type text not null,
    consent_id uuid not null,
    to_party uuid not null,
    handled_by uuid
  ) partition by range (position);
  create table event_feed_rest partition of event_feed default;
  -- A place is found by an event of earlier days; that each has one follows from event_pending.
  create index event_feed_event on event_feed (event_id);
  create index event_feed_handled_by on event_feed (handled_by, position) where handled_by is not null;
  create index event_feed_to on event_feed (to_party, position);

  -- A UUIDv7 of an instant, for acts that change as many rows as there are.
  create function new_event_id(instant timestamptz) returns uuid language plpgsql volatile as $$
    declare
      hex constant text := replace(gen_random_uuid()::text, '-', '');
    begin
      return (lpad(to_hex(floor(extract(epoch from instant) * 1000)::bigint), 12, '0') || '7' || substr(hex, 14, 3) || substr(hex, 17, 16))::uuid;
    end
  $$;
  -- Only within a function of the role that owns the table (let_events_go) does one go.
  create function event_is_append_only() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('tillit.lets_go', true) = 'on'
        and current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then return null; end if;
      raise exception 'an event is never changed or removed';
    end
  $$;
  create trigger event_append_only before delete or update on event for each statement execute function event_is_append_only();
  -- A partition that is named itself fires no trigger of the whole.
  create trigger event_append_only before delete or update on event_rest for each statement execute function event_is_append_only();
  create trigger event_let_go_append_only before delete or update on event_let_go for each statement execute function event_is_append_only();

  -- By year: of a party all partitions are read. The feed by ten million places. Answers with how
  -- many of what should be there is not.
  create function make_event_partitions(instant timestamptz) returns int language plpgsql
    security definer set search_path = public, pg_temp as $$
    declare
      lot constant bigint := 10000000;
      missing int := make_partitions('event', 'year', instant, 1);
      last bigint := coalesce((select position from event_feed order by position desc limit 1), 0);
    begin
      for n in last / lot .. last / lot + 1 loop
        missing := missing + (not make_partition('event_feed', 'event_feed_' || n, quote_literal(n * lot), quote_literal((n + 1) * lot)))::int;
      end loop;
      return missing;
    end
  $$;
  -- Whole partitions of places that were all given before this instant, never that of the newest.
  -- Those of events never go. Dates rise with the places, so that the last of each is its youngest.
  create function drop_feed_partitions(before timestamptz) returns int language plpgsql
    security definer set search_path = public, pg_temp set lock_timeout = '1s' as $$
    declare
      found record;
      youngest timestamptz;
      gone int := 0;
      last bigint := (select position from event_feed order by position desc limit 1);
    begin
      for found in with ends as materialized (select * from partition_ends('event_feed'))
        select ends.part, ends.ends_before::bigint as ends_before from ends where ends.ends_before is not null order by 2 loop
        exit when last is null or found.ends_before > last;
        execute format('select changed_at from %I order by position desc limit 1', found.part) into youngest;
        exit when youngest >= before;
        execute format('drop table %I', found.part);
        gone := gone + 1;
      end loop;
      return gone;
    exception when lock_not_available or deadlock_detected then return 0;
    end
  $$;
  revoke execute on function make_event_partitions, drop_feed_partitions from public;
  select make_event_partitions(now());
`);
