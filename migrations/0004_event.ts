// Append-only evidence, written in the transaction of the act. Ids are UUIDv7, so the key is also
// the order.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table event (
    id uuid primary key,
    type text not null,
    at timestamptz not null,
    consent_id uuid,
    from_party uuid not null,
    to_party uuid not null,
    handled_by uuid,
    by_party uuid,
    by_role text,
    detail jsonb
  );
  create index event_consent on event (consent_id, id);
  create index event_to on event (to_party, id);
  create index event_handled_by on event (handled_by, id) where handled_by is not null;

  create function event_is_append_only() returns trigger language plpgsql as
    'begin raise exception ''an event is never changed or removed''; end';
  create trigger event_append_only before update or delete on event
    for each statement execute function event_is_append_only();
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table event;
  drop function event_is_append_only();
`);
