// The feeds of owners of resources.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Events of mandates and consents for the owners of the resources they are about, in an order of
  -- its own.
  create table owner_feed (
    position bigint primary key,
    owner uuid not null,
    event_id uuid not null
  );
  create unique index owner_feed_once on owner_feed (event_id, owner);
  create index owner_feed_owner on owner_feed (owner, position);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table owner_feed cascade;
`);
