// The feed's row no longer proves by a key that its event is there: events are append-only, and the
// proof locked each event once more, one by one.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw('alter table event_feed drop constraint event_feed_event_id_fkey');

export const down = (knex: Knex) =>
  knex.raw(
    'alter table event_feed add constraint event_feed_event_id_fkey foreign key (event_id) references event (id)',
  );
