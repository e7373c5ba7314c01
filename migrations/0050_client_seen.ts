// From where which client has shown who it is lately: too many failures at an address shut out
// those alone that have not. Addresses are kept by digest, for a day.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table client_seen (
    address text not null,
    client_id text not null,
    seen_at timestamptz not null,
    primary key (address, client_id)
  );
  create index client_seen_by_time on client_seen (seen_at);
`);

export const down = (knex: Knex) => knex.raw('drop table client_seen');
