// Parties: persons, organisations, sub-units, system users, self-identified users. National numbers
// are unique; a party is never deleted, it ends.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Ids that no register gives, in a range of their own: no two are the same.
  create sequence party_number as bigint start 1000000000;

  create table party (
    id uuid primary key,
    party_id bigint not null unique,
    user_id bigint unique,
    kind text not null check (kind in ('person', 'organization', 'subunit', 'system_user', 'self_identified')),
    person_no text unique,
    organization_no text unique,
    name text not null,
    parent uuid references party (id),
    unit_type text,
    ended_at timestamptz,
    username text unique,
    owner uuid references party (id),
    system_id text,
    system_kind text check (system_kind in ('standard', 'agent')),
    -- Of a system: its organisation lets it do nothing, until it says otherwise.
    suspended_at timestamptz check (suspended_at is null or kind = 'system_user'),
    born_on date,
    protected_address boolean not null default false,
    estate_at timestamptz,
    estate_on date,
    estate_court text,
    parent_at timestamptz,
    signing jsonb,
    constraint party_check2 check (kind = 'subunit' or parent is null),
    constraint party_organization_no_check check ((kind in ('organization', 'subunit')) = (organization_no is not null)),
    constraint party_person_no_check check ((kind = 'person') = (person_no is not null)),
    constraint party_system_check check (((kind = 'system_user') = (owner is not null)) and ((kind = 'system_user') = (system_id is not null)) and ((kind = 'system_user') = (system_kind is not null))),
    constraint party_username_check check ((kind = 'self_identified') = (username is not null))
  );
  create index party_owner on party (owner) where owner is not null;
  create index party_parent on party (parent) where parent is not null;
`);
