// A main unit's mandate reaches its sub-units unless the giver leaves them out; passing it on
// reaches no further.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw('alter table mandate add column subunits boolean not null default true');

export const down = (knex: Knex) => knex.raw('alter table mandate drop column subunits');
