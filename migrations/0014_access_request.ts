// Relations that hold rights or wait for some; asking for a right: who asks (to), whose standing it
// is about (from), who wrote it, and how it was answered; and what a party should be told.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table relation (
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    kind text not null check (kind in ('rightholder', 'agent', 'supplier')),
    id uuid not null unique,
    by_party uuid not null references party (id),
    at timestamptz not null,
    primary key (from_party, to_party, kind)
  );
  create index relation_to on relation (to_party, kind);
  create table person_lookup (
    actor uuid primary key references party (id),
    failed integer not null,
    since timestamptz not null
  );
  create table access_request (
    id uuid primary key,
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    by_party uuid not null references party (id),
    state text not null check (state in ('draft', 'pending', 'approved', 'partly', 'rejected', 'withdrawn')),
    package text references access_package (code),
    resource_id text references resource (id),
    actions text[],
    given_actions text[],
    valid_to timestamptz,
    redirect_url text,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    changed_by uuid not null references party (id),
    check ((package is null) <> (resource_id is null)),
    check (from_party <> to_party)
  );
  create index access_request_from on access_request (from_party, id);
  create index access_request_to on access_request (to_party, id);
  create unique index access_request_open on access_request (from_party, to_party, package, resource_id) nulls not distinct
    where state in ('draft', 'pending');
  create table notice (
    id uuid primary key,
    party uuid not null references party (id),
    type text not null,
    mandate_id uuid references mandate (id),
    request_id uuid references access_request (id),
    at timestamptz not null,
    read_at timestamptz
  );
  create index notice_party on notice (party, id);
`);

export const down = (knex: Knex) =>
  knex.raw('drop table notice, access_request, person_lookup, relation');
