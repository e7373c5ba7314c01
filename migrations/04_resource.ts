// The catalogue of task-oriented access; resources with immutable versions and policies; access
// lists, consent templates, API scopes, resource servers.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- One row counts the versions: what a node remembers is never older than a decision.
  create table catalogue (
    single boolean primary key default true check (single),
    version bigint not null
  );

  -- Authoritative sources. usable_by: owners that may name it in rules, by number, or all.
  insert into catalogue (version) values (1);

  create table source (
    code text primary key,
    name jsonb not null,
    legal_basis jsonb not null,
    purpose jsonb not null,
    visibility text not null check (visibility in ('open', 'secret')),
    usable_by text[]
  );

  create table role (
    code text primary key,
    name jsonb not null,
    key_role boolean not null default false,
    given_by text not null check (given_by in ('person', 'organization')),
    urns text[] not null default '{}',
    source text references source (code),
    after_death boolean not null default false,
    reaches_owner boolean not null default false,
    not_key_in text[] not null default '{}',
    usable_by text[]
  );

  create table access_area (
    code text primary key,
    for_kind text not null check (for_kind in ('person', 'organization')),
    name jsonb not null,
    description jsonb not null,
    guarded boolean not null default false
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
    give_level int not null default 3 check (give_level between 0 and 4),
    decides_from smallint,
    parent_until smallint,
    receiver_from smallint,
    usable_by text[],
    of_estate boolean not null default true,
    endless boolean not null default false,
    by_code boolean not null default false,
    must_accept boolean not null default false,
    parents text check (parents in ('any', 'all')),
    together jsonb,
    constraint access_package_ages check (coalesce(parent_until, decides_from, 18) >= coalesce(decides_from, 18))
  );
  create index access_package_area on access_package (area);

  -- The role that carries a package, and whether it may give it on.
  create table role_package (
    role text not null references role (code),
    package text not null references access_package (code),
    unit_type text not null default '',
    has_access boolean not null,
    may_give boolean not null,
    primary key (role, package, unit_type)
  );

  -- Policies as immutable versions; the current one is the resource's.
  create table policy_version (
    version bigint primary key generated always as identity,
    resource_id text not null,
    hash text not null,
    content jsonb not null,
    created_at timestamptz not null,
    constraint policy_version_resource_id_hash_key unique (resource_id, hash)
  );
  -- Policies that open what they do not deny are found by a search for resources, whoever asks.
  create index policy_version_open on policy_version (version) where (content ->> 'combining') = 'permit-unless-deny';

  create table resource (
    id text primary key,
    owner uuid not null references party (id),
    type text not null,
    current_version bigint not null,
    policy_version bigint references policy_version (version),
    access_list_mode boolean not null default false,
    changed_at timestamptz,
    ended_at timestamptz
  );

  create table resource_version (
    version bigint primary key generated always as identity,
    resource_id text not null references resource (id) deferrable initially deferred,
    hash text not null,
    content jsonb not null,
    created_at timestamptz not null,
    constraint resource_version_resource_id_hash_key unique (resource_id, hash)
  );

  -- When each policy of a resource began to hold, by whom, and why; by nobody's hand in an import.
  create table policy_publication (
    id bigint primary key generated always as identity,
    resource_id text not null references resource (id),
    version bigint not null references policy_version (version),
    at timestamptz not null,
    by_party uuid references party (id),
    comment text
  );
  create index policy_publication_resource on policy_publication (resource_id, id);

  -- An index of the current policies by subject.
  create table policy_rule (
    resource_id text not null references resource (id),
    action text not null,
    subject_kind text not null,
    subject text not null default '',
    primary key (resource_id, action, subject_kind, subject)
  );
  create index policy_rule_subject on policy_rule (subject_kind, subject);

  -- Instances that owners register: whose they are, and what holds of them.
  create table resource_instance (
    resource_id text not null references resource (id),
    instance text not null,
    party uuid not null references party (id),
    attributes jsonb not null,
    changed_at timestamptz not null,
    ended_at timestamptz,
    primary key (resource_id, instance)
  );
  create index resource_instance_name on resource_instance (instance) where ended_at is null;

  create table consent_template (
    id text not null,
    version int not null,
    content jsonb not null,
    primary key (id, version)
  );

  -- The only origins that an organisation's redirects may go to.
  create table consent_origin (
    party uuid not null references party (id),
    origin text not null,
    primary key (party, origin)
  );

  -- Packages that came to open a service of another kind, until all who gave them are notified.
  create table package_growth (
    id bigint generated always as identity primary key,
    package text not null,
    resource_id text not null references resource (id),
    at timestamptz not null,
    -- The last of the givers, by id, who is notified.
    reached uuid not null default '00000000-0000-0000-0000-000000000000'
  );

  -- Owners that may register a package for others, on paper.
  create table package_registrar (
    owner uuid not null references party (id),
    package text not null references access_package (code),
    primary key (owner, package)
  );

  -- Named by its owner and its own id: nobody makes a list that another's policy trusts.
  create table access_list (
    id text primary key,
    owner uuid not null references party (id),
    name text not null,
    description text not null default '',
    ended_at timestamptz
  );

  create table access_list_member (
    list_id text not null references access_list (id),
    party uuid not null references party (id),
    ended_at timestamptz,
    primary key (list_id, party)
  );
  create index access_list_member_party on access_list_member (party) where ended_at is null;

  create table access_list_resource (
    list_id text not null references access_list (id),
    resource_id text not null references resource (id),
    actions text[],
    ended_at timestamptz,
    primary key (list_id, resource_id)
  );
  create index access_list_resource_resource on access_list_resource (resource_id) where ended_at is null;

  create table api_scope (
    name text primary key,
    owner uuid not null references party (id),
    token_lifetime_seconds int check (token_lifetime_seconds between 10 and 3600),
    -- Whether every organisation holds it.
    is_open boolean not null default false,
    ended_at timestamptz
  );

  create table api_scope_holder (
    scope text not null references api_scope (name),
    party uuid not null references party (id),
    consumer uuid references party (id),
    ended_at timestamptz
  );
  create unique index api_scope_holder_once on api_scope_holder (scope, party, consumer) nulls not distinct;

  -- An owner registers scopes under its prefix, and hands them out.
  create table scope_prefix (
    prefix text primary key,
    owner uuid not null references party (id)
  );
  create index scope_prefix_owner on scope_prefix (owner);

  create table resource_server (
    identifier text primary key,
    owner uuid not null references party (id),
    scopes text[] not null,
    signing_alg text not null check (signing_alg in ('RS256', 'ES256')),
    -- Its owner says that it reads the status list, or asks, about each token.
    checks_status boolean not null default false
  );

  alter table policy_version add foreign key (resource_id) references resource (id) deferrable initially deferred;
`);
