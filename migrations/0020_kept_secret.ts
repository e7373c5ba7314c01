// Secrets of the database's own, sealed with the configured one.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table kept_secret (
    name text primary key,
    sealed text not null
  );
`);

export const down = (knex: Knex) => knex.raw('drop table kept_secret;');
