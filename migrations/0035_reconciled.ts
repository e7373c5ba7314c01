// The corrections that a reconciliation made.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`alter table register_drift add column ended bigint not null default 0, add column begun bigint not null default 0,
    add column held_back text`);

export const down = (knex: Knex) =>
  knex.raw(
    'alter table register_drift drop column ended, drop column begun, drop column held_back',
  );
