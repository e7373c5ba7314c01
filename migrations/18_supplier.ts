// Systems that vendors have registered, and what vendors ask customers to let their systems do.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- A system as its vendor describes it. Its id is <the vendor's organisation number>_<name>.
  create table vendor_system (
    id text primary key check (id ~ '^[0-9]{9}_.'),
    vendor uuid not null references party (id),
    name jsonb not null,
    kind text not null check (kind in ('standard', 'agent')),
    packages text[] not null,
    resources text[] not null,
    redirect_origins text[] not null,
    registered_at timestamptz not null,
    changed_at timestamptz not null,
    ended_at timestamptz
  );
  create index vendor_system_vendor on vendor_system (vendor);

  -- A vendor asks a customer to let its system act, or to change what the system may do. Nobody
  -- answers one that has waited for too long.
  create table system_request (
    id uuid primary key,
    system_id text not null references vendor_system (id),
    customer uuid not null references party (id),
    external_ref text not null default '',
    -- The system user that it is about, or that the yes made.
    system_party uuid references party (id),
    is_change boolean not null,
    packages text[] not null,
    resources text[] not null,
    end_packages text[] not null,
    end_resources text[] not null,
    redirect_url text,
    state text not null check (state in ('created', 'accepted', 'rejected', 'withdrawn')),
    created_at timestamptz not null,
    changed_at timestamptz not null,
    changed_by uuid not null references party (id),
    check (is_change or state = 'accepted' or system_party is null),
    check (state <> 'accepted' or system_party is not null)
  );
  create index system_request_customer on system_request (customer, id);
  create index system_request_system on system_request (system_id, id);
  create index system_request_user on system_request (system_party) where system_party is not null;
`);
