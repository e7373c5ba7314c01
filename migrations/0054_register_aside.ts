// Lines of registers that cannot be read or used are set aside, the last of each relation, until
// they can; lines about nobody are counted. And when each feed was last read to its end.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table register_aside (
    id uuid primary key,
    source text not null references register_cursor,
    relation text not null,
    number text not null,
    line text not null,
    why text not null,
    at timestamptz not null,
    catalogue bigint not null,
    -- Numbers that have to be known before it can be used; none of one that may be told any moment.
    waits text[],
    unique (source, relation)
  );
  alter table register_cursor add column unnamed integer not null default 0, add column read_at timestamptz;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table register_aside;
  alter table register_cursor drop column unnamed, drop column read_at;
`);
