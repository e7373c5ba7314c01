// How far the feeds of authoritative sources have come, what they set aside, and what comparing
// found.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table employment (
    employer uuid not null references party (id),
    employee uuid not null references party (id),
    ended_on date,
    primary key (employer, employee)
  );

  -- How far each feed has come, what it stopped at, and when it was last read to its end.
  create table register_cursor (
    source text primary key,
    cursor text not null,
    moved_at timestamptz not null,
    fault text,
    fault_at timestamptz,
    unnamed int not null default 0,
    read_at timestamptz
  );

  -- The differences that the nightly reconciliation found and corrected.
  create table register_drift (
    id uuid primary key,
    source text not null,
    at timestamptz not null,
    checked bigint not null,
    drift jsonb not null,
    ended bigint not null default 0,
    begun bigint not null default 0,
    held_back text
  );
  create index register_drift_source on register_drift (source, id);

  -- A comparison that was asked for or is under way: how far it has come. wrong: parties of which
  -- the register says otherwise, to be put right when all are compared.
  create table register_comparison (
    source text primary key,
    asked_at timestamptz,
    begun_at timestamptz,
    after uuid not null default '00000000-0000-0000-0000-000000000000',
    is_walked boolean not null default false,
    checked bigint not null default 0,
    facts bigint not null default 0,
    extra bigint not null default 0,
    ended bigint not null default 0,
    begun bigint not null default 0,
    drift jsonb not null default '[]',
    wrong jsonb not null default '[]'
  );

  -- Lines that cannot be used, the last of each relation. waits: numbers to be known first.
  create table register_aside (
    id uuid primary key,
    source text not null references register_cursor (source),
    relation text not null,
    number text not null,
    line text not null,
    why text not null,
    at timestamptz not null,
    catalogue bigint not null,
    waits text[],
    constraint register_aside_source_relation_key unique (source, relation)
  );
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table register_comparison, register_aside, register_drift, register_cursor, employment cascade;
`);
