// An index that pages through the events of a party's consents, whatever else happened to it.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create index event_of_consents on event (from_party, id) where consent_id is not null;
`);

export const down = (knex: Knex) => knex.raw('drop index event_of_consents');
