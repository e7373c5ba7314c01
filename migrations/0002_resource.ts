// The subjects of rights: resources with immutable versions, the rules of who may do what on them,
// consent templates, access lists; API scopes with owner and holders, resource servers.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table resource (
    id text primary key,
    owner uuid not null references party (id),
    type text not null,
    current_version bigint not null
  );

  create table resource_version (
    version bigint generated always as identity primary key,
    resource_id text not null references resource (id) deferrable initially deferred,
    hash text not null,
    content jsonb not null,
    created_at timestamptz not null,
    unique (resource_id, hash)
  );

  create table policy_rule (
    resource_id text not null references resource (id),
    action text not null,
    subject_kind text not null check (subject_kind in ('self', 'role', 'key_role', 'organization', 'access_list')),
    subject text not null default '',
    primary key (resource_id, action, subject_kind, subject)
  );

  create table consent_template (
    id text not null,
    version integer not null,
    content jsonb not null,
    primary key (id, version)
  );

  create table access_list (
    id text primary key,
    owner uuid not null references party (id),
    name text not null
  );

  create table access_list_member (
    list_id text not null references access_list (id),
    party uuid not null references party (id),
    primary key (list_id, party)
  );

  create table api_scope (
    name text primary key,
    owner uuid not null references party (id),
    token_lifetime_seconds integer check (token_lifetime_seconds between 10 and 3600)
  );

  create table api_scope_holder (
    scope text not null references api_scope (name),
    party uuid not null references party (id),
    consumer uuid references party (id)
  );
  create unique index api_scope_holder_once on api_scope_holder (scope, party, consumer) nulls not distinct;

  create table resource_server (
    identifier text primary key,
    owner uuid not null references party (id),
    scopes text[] not null,
    signing_alg text not null check (signing_alg in ('RS256', 'ES256'))
  );

  create table consent_origin (
    party uuid not null references party (id),
    origin text not null,
    primary key (party, origin)
  );
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table consent_origin, resource_server, api_scope_holder, api_scope, access_list_member, access_list,
    consent_template, policy_rule, resource_version, resource;
`);
