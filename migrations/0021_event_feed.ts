// The feed's own order. What has happened waits in event_pending from the act on; one at a time,
// what is committed gets the next positions and dates there, so that neither ever runs backwards
// for a reader, whenever a transaction commits and whatever clock its node has. That a request has
// run out becomes an event too, once its time has passed.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table consent_request add column expiry_noted boolean not null default false;
  alter table event disable trigger event_append_only;
  insert into event (id, type, at, consent_id, from_party, to_party, handled_by)
    select request.expiry_event_id, 'expired', request.valid_to, request.id, request.from_party, request.to_party, request.handled_by
    from consent_request request where request.valid_to <= now()
      and coalesce(request.rejected_at, request.withdrawn_at, request.valid_to) >= request.valid_to
    on conflict (id) do nothing;
  update consent_request set expiry_noted = true where valid_to <= now();
  alter table event enable trigger event_append_only;
  create index consent_request_expiry on consent_request (valid_to) where not expiry_noted;
  drop index consent_request_expiry_to;
  drop index consent_request_expiry_handled_by;

  create table event_pending (event_id uuid not null);
  create table event_feed (
    position bigint primary key,
    event_id uuid not null unique references event (id),
    changed_at timestamptz not null,
    type text not null,
    consent_id uuid not null,
    to_party uuid not null,
    handled_by uuid
  );
  insert into event_feed (position, event_id, changed_at, type, consent_id, to_party, handled_by)
    select row_number() over (order by event.id), event.id, max(event.at) over (order by event.id) + row_number() over (order by event.id) * interval '1 microsecond',
      event.type, event.consent_id, event.to_party, event.handled_by
    from event where event.consent_id is not null;
  create index event_feed_to on event_feed (to_party, position);
  create index event_feed_handled_by on event_feed (handled_by, position) where handled_by is not null;

  create function event_is_pending() returns trigger language plpgsql as
    'begin insert into event_pending select added.id from added where added.consent_id is not null; return null; end';
  create trigger event_is_pending after insert on event referencing new table as added
    for each statement execute function event_is_pending();
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop trigger event_is_pending on event;
  drop function event_is_pending();
  drop table event_feed, event_pending;
  alter table event disable trigger event_append_only;
  delete from event where type = 'expired';
  alter table event enable trigger event_append_only;
  create index consent_request_expiry_to on consent_request (to_party, expiry_event_id);
  create index consent_request_expiry_handled_by on consent_request (handled_by, expiry_event_id) where handled_by is not null;
  alter table consent_request drop column expiry_noted;
`);
