// Relations between parties, and tries to look persons up.
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
`);
