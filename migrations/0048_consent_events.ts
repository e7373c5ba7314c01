// What happened to somebody's consents is paged by what happened, whatever happened to the rest.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create index event_of_consents on event (from_party, id) where consent_id is not null;
`);

export const down = (knex: Knex) => knex.raw('drop index event_of_consents');
