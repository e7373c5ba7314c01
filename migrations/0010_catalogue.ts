// The catalogue of task-oriented access: sources, areas, access packages, which role carries which
// package and may give it on. One row counts its versions, so that what a node remembers of it is
// never older than the decision.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table source (
    code text primary key,
    name jsonb not null,
    legal_basis jsonb not null,
    purpose jsonb not null,
    visibility text not null check (visibility in ('open', 'secret'))
  );
  alter table role
    add column urns text[] not null default '{}',
    add column source text references source (code),
    add column after_death boolean not null default false,
    add column reaches_owner boolean not null default false,
    add column not_key_in text[] not null default '{}';
  create table access_area (
    code text primary key,
    for_kind text not null check (for_kind in ('person', 'organization')),
    name jsonb not null,
    description jsonb not null
  );
  create table access_package (
    code text primary key,
    area text not null references access_area (code),
    for_kind text not null check (for_kind in ('person', 'organization')),
    name jsonb not null,
    description jsonb not null,
    assignable boolean not null,
    delegable boolean not null,
    in_policies boolean not null,
    to_kinds text[],
    needs text,
    give_level integer not null default 3 check (give_level between 0 and 4)
  );
  create index access_package_area on access_package (area);
  create table role_package (
    role text not null references role (code),
    package text not null references access_package (code),
    unit_type text not null default '',
    has_access boolean not null,
    may_give boolean not null,
    primary key (role, package, unit_type)
  );
  create table package_registrar (
    owner uuid not null references party (id),
    package text not null references access_package (code),
    primary key (owner, package)
  );
  create table catalogue (
    single boolean primary key default true check (single),
    version bigint not null
  );
  insert into catalogue (version) values (1);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table catalogue, package_registrar, role_package, access_package, access_area;
  alter table role drop column not_key_in, drop column reaches_owner, drop column after_death, drop column source, drop column urns;
  drop table source;
`);
