// Events of mandates and consents, for the owners of the resources they are about: an order of its
// own, given where the consent feed gets its places. And decisions, by resource.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table owner_feed (
    position bigint primary key,
    owner uuid not null,
    event_id uuid not null
  );
  create index owner_feed_owner on owner_feed (owner, position);
  create unique index owner_feed_once on owner_feed (event_id, owner);
  create index decision_log_resource on decision_log (resource_id, id);

  insert into owner_feed (position, owner, event_id)
    select row_number() over (order by concerned.id, concerned.owner), concerned.owner, concerned.id from (
      select event.id, resource.owner from event join consent_right held on held.consent_id = event.consent_id join resource on resource.id = held.resource_id
        where event.type in ('approved', 'withdrawn', 'suspended', 'resumed')
      union select event.id, resource.owner from event join mandate on mandate.id = event.mandate_id join resource on resource.id = mandate.resource_id
        where event.type in ('given', 'changed', 'ended', 'renounced', 'suspended', 'resumed')) as concerned
    where concerned.id not in (select waiting.event_id from event_pending waiting);

  create or replace function event_is_pending() returns trigger language plpgsql as
    'begin insert into event_pending select added.id from added where added.consent_id is not null or added.mandate_id is not null; return null; end';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  create or replace function event_is_pending() returns trigger language plpgsql as
    'begin insert into event_pending select added.id from added where added.consent_id is not null; return null; end';
  drop index decision_log_resource;
  drop table owner_feed;
`);
