// What a register says ends is told of before it does, as what was given is.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  drop index mandate_ends;
  create index mandate_ends on mandate (valid_to) where basis in ('delegation', 'register') and ended_at is null;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop index mandate_ends;
  create index mandate_ends on mandate (valid_to) where basis = 'delegation' and ended_at is null;
`);
