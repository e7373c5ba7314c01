// An index that finds the receivers of rights to a service by the service.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create index mandate_resource on mandate (resource_id) where basis = 'delegation' and resource_id is not null;
`);

export const down = (knex: Knex) => knex.raw('drop index mandate_resource');
