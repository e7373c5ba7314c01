// What an asker for a right was seen to be at the moment of asking: a lawyer, or an employee.
import type { Knex } from 'knex';

export const up = (knex: Knex) => knex.raw('alter table access_request add column verified text');

export const down = (knex: Knex) => knex.raw('alter table access_request drop column verified');
