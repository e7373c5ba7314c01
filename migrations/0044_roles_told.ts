// A role that a register is about to end gets its notice before it does, as a power of attorney
// does.
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
