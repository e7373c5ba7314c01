// Room on each page for the next version of a mandate: marking one as used then touches no index.
// Applies to pages written from now on.
import type { Knex } from 'knex';

export const up = (knex: Knex) => knex.raw('alter table mandate set (fillfactor = 80)');

export const down = (knex: Knex) => knex.raw('alter table mandate reset (fillfactor)');
