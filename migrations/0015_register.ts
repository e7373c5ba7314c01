// Where each authoritative source's feed has come to, what it stopped at, and what the nightly
// reconciliation found.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table register_cursor (
    source text primary key,
    cursor text not null,
    moved_at timestamptz not null,
    fault text,
    fault_at timestamptz
  );
  create table register_drift (
    id uuid primary key,
    source text not null,
    at timestamptz not null,
    checked bigint not null,
    drift jsonb not null
  );
  create index register_drift_source on register_drift (source, id);
  create table employment (
    employer uuid not null references party (id),
    employee uuid not null references party (id),
    ended_on date,
    primary key (employer, employee)
  );
`);

export const down = (knex: Knex) =>
  knex.raw('drop table employment, register_drift, register_cursor');
