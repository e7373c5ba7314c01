// Instances that owners of resources register: whose they are, and what holds of them, so that a
// question may name an instance alone.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table resource_instance (
    resource_id text not null references resource (id),
    instance text not null,
    party uuid not null references party (id),
    attributes jsonb not null,
    changed_at timestamptz not null,
    primary key (resource_id, instance)
  );
  create index resource_instance_name on resource_instance (instance);
  create index mandate_instance on mandate (instance) where instance is not null;
`);

export const down = (knex: Knex) =>
  knex.raw('drop index mandate_instance; drop table resource_instance;');
