// Relations between parties, tries to look persons up, and codes that receivers show.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Parties that hold rights of another, or wait for some.
  create table relation (
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    kind text not null check (kind in ('rightholder', 'agent', 'supplier')),
    id uuid not null unique,
    by_party uuid not null references party (id),
    at timestamptz not null,
    ended_at timestamptz,
    primary key (from_party, to_party, kind)
  );
  create index relation_to on relation (to_party, kind) where ended_at is null;

  -- Tries of one who looks persons up by number and name.
  create table person_lookup (
    actor uuid primary key references party (id),
    failed int not null,
    since timestamptz not null
  );

  -- The code that a receiver shows in a session. Somebody enters it, and gives once by it.
  create table giving_code (
    session_id uuid primary key references login_session (id) on delete cascade,
    id uuid not null unique,
    code text not null unique,
    receiver uuid not null references party (id),
    expires_at timestamptz not null,
    entered_by uuid references party (id),
    gift text
  );
`);
