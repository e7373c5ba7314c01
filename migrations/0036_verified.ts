// The asker's standing at the moment of asking for a right: a lawyer, or an employee.
import type { Knex } from 'knex';

export const up = (knex: Knex) => knex.raw('alter table access_request add column verified text');

export const down = (knex: Knex) => knex.raw('alter table access_request drop column verified');
