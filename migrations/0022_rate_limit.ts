// Counts of what guards guessing and of rows that strangers make (rate-limiter-flexible's table).
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table rate_limit (
    key varchar(255) primary key,
    points integer not null default 0,
    expire bigint
  );
  create index rate_limit_expire on rate_limit (expire);
`);

export const down = (knex: Knex) => knex.raw('drop table rate_limit;');
