// Seed files that have been loaded, so that a demo world is loaded once and then left to its users.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  create table seeded_file (
    path text primary key,
    loaded_at timestamptz not null
  );
`);
