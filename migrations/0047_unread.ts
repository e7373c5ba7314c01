// An index that finds unread notices without reading old ones.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create index notice_unread on notice (party) where read_at is null;
`);

export const down = (knex: Knex) => knex.raw('drop index notice_unread');
