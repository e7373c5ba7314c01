// The moment at which a sub-unit came under another main unit; null for one that has stayed. A
// leader of the main unit before a bankruptcy reads nothing of a unit that came later.
import type { Knex } from 'knex';

export const up = (knex: Knex) => knex.raw('alter table party add column parent_at timestamptz');

export const down = (knex: Knex) => knex.raw('alter table party drop column parent_at');
