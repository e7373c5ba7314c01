// Requests that wait and rest on what a register said of the asker are found by themselves.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`create index access_request_resting on access_request (id)
    where verified is not null and state in ('draft', 'pending')`);

export const down = (knex: Knex) => knex.raw('drop index access_request_resting');
