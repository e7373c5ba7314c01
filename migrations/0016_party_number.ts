// Party ids that are not given by a register come from a sequence in a range of their own, so that
// two imports at once never give out the same one.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create sequence party_number as bigint start 1000000000;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop sequence party_number;
`);
