// Parties: persons, organisations, sub-units. National numbers are unique; a party is never
// deleted, it ends.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table party (
    id uuid primary key,
    party_id bigint not null unique,
    user_id bigint unique,
    kind text not null check (kind in ('person', 'organization', 'subunit')),
    person_no text unique,
    organization_no text unique,
    name text not null,
    parent uuid references party (id),
    unit_type text,
    ended_at timestamptz,
    check ((kind = 'person') = (person_no is not null)),
    check ((kind = 'person') = (organization_no is null)),
    check (kind = 'subunit' or parent is null)
  );
  create index party_parent on party (parent) where parent is not null;

  create table role (
    code text primary key,
    name jsonb not null,
    key_role boolean not null default false,
    given_by text not null check (given_by in ('person', 'organization'))
  );
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table role;
  drop table party;
`);
