// Support staff: what they looked at, and what they suspended when somebody asked them to.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- One of the staff looks at what a party has. Of a party with a protected address another of the
  -- staff lets it.
  create table support_case (
    id uuid primary key,
    staff uuid not null references party (id),
    party uuid not null references party (id),
    case_no text not null,
    reason text not null check (reason in ('asked', 'fault', 'complaint', 'letter')),
    opened_at timestamptz not null,
    -- Whether the address was protected then: nothing is shown before another lets it.
    was_protected boolean not null,
    approved_by uuid references party (id),
    approved_at timestamptz,
    check (staff <> party),
    check (approved_by <> staff and approved_by <> party),
    check ((approved_by is null) = (approved_at is null))
  );
  create index support_case_waiting on support_case (opened_at) where approved_by is null;
  create index support_case_party on support_case (party);
  create index support_case_staff on support_case (staff);
  create index support_case_approved_by on support_case (approved_by) where approved_by is not null;

  -- A mandate that staff suspended last, and in which case.
  create table support_suspension (
    mandate_id uuid primary key references mandate (id) on delete cascade,
    case_id uuid not null references support_case (id),
    at timestamptz not null
  );
  create index support_suspension_case on support_suspension (case_id);
`);
