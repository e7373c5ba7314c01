// Mandates of every grain: a role, an access package, actions on a resource, one instance of it;
// given by whom and on what evidence, passed on through which other mandate, suspended or not. A
// chain names its ancestors, which never change.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table mandate
    add column to_kind text,
    add column package text references access_package (code),
    add column resource_id text references resource (id),
    add column actions text[],
    add column instance text,
    add column through uuid references mandate (id),
    add column chain uuid[] not null default '{}',
    add column may_pass_on boolean not null default false,
    add column suspended_at timestamptz,
    add column suspended_by uuid references party (id),
    add column given_by uuid references party (id),
    add column given_role text,
    add column given_at timestamptz,
    add column needs text,
    add column evidence jsonb;
  update mandate set to_kind = party.kind from party where party.id = mandate.to_party;
  alter table mandate
    alter column to_kind set not null,
    add constraint mandate_grain_check check ((basis in ('delegation', 'customer')) = ((package is not null) <> (resource_id is not null))
      and (package is null or resource_id is null)),
    add constraint mandate_right_check check ((resource_id is not null) = (actions is not null) and (instance is null or resource_id is not null)),
    add constraint mandate_customer_check check (basis <> 'customer' or through is not null),
    add constraint mandate_chain_check check ((through is not null) = (cardinality(chain) > 0) and cardinality(chain) <= 5);
  create index mandate_pair on mandate (from_party, to_party) where basis <> 'consent';
  create index mandate_from_organization on mandate (from_party) where basis <> 'consent' and to_kind in ('organization', 'subunit');
  create index mandate_through on mandate (through) where through is not null;
  create unique index mandate_package on mandate (from_party, to_party, package, through) nulls not distinct
    where package is not null and ended_at is null;
  create unique index mandate_right on mandate (from_party, to_party, resource_id, instance, through) nulls not distinct
    where resource_id is not null and ended_at is null;
  alter table event add column mandate_id uuid, add column request_id uuid;
  create index event_from on event (from_party, id);
  create index event_mandate on event (mandate_id, id) where mandate_id is not null;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop index event_mandate, event_from;
  alter table event drop column request_id, drop column mandate_id;
  drop index mandate_right, mandate_package, mandate_through, mandate_from_organization, mandate_pair;
  delete from mandate where basis in ('delegation', 'customer');
  alter table mandate drop constraint mandate_grain_check, drop constraint mandate_right_check,
    drop constraint mandate_customer_check, drop constraint mandate_chain_check,
    drop column to_kind, drop column package, drop column resource_id, drop column actions, drop column instance,
    drop column through, drop column chain, drop column may_pass_on, drop column suspended_at, drop column suspended_by,
    drop column given_by, drop column given_role, drop column given_at, drop column needs, drop column evidence;
`);
