// The one rights store: from lets to do something, on a basis, between two instants. Consents and
// register roles are rows of the same kind.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table mandate (
    id uuid primary key,
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    basis text not null check (basis in ('register', 'delegation', 'customer', 'consent')),
    role text references role (code),
    consent_id uuid,
    valid_from timestamptz not null,
    valid_to timestamptz,
    ended_at timestamptz,
    uses bigint not null default 0,
    use_limit integer,
    last_used_at timestamptz,
    check ((basis = 'register') = (role is not null)),
    check ((basis = 'consent') = (consent_id is not null))
  ) with (fillfactor = 80);
  create unique index mandate_register on mandate (from_party, to_party, role) where basis = 'register';
  create unique index mandate_consent on mandate (consent_id) where basis = 'consent';
  create index mandate_to on mandate (to_party) where basis <> 'consent';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table mandate;
`);
