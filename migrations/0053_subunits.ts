// What a main unit gives reaches its sub-units unless the giver leaves them out; what is passed on
// reaches no further than what it was passed on through.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw('alter table mandate add column subunits boolean not null default true');

export const down = (knex: Knex) => knex.raw('alter table mandate drop column subunits');
