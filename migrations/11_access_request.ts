// Asking for a right, and how it was answered.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- The asker (to), whose standing it is about (from), who wrote it, and how it was answered.
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
    verified text,
    reference text not null default new_reference(),
    -- What the giver's side wants to give, which several must say yes to, with its terms.
    offered boolean not null default false,
    instance text,
    may_pass_on boolean not null default false,
    subunits boolean not null default true,
    -- How often those have been reminded whose yes is awaited.
    reminders smallint not null default 0,
    -- What the asker writes to the giver, and how often the asker has reminded of it.
    message text check (length(message) <= 300),
    asked_again smallint not null default 0,
    asked_again_at timestamptz,
    -- Why the answer was no, where whoever gave it says so.
    no_because text,
    constraint access_request_check check ((package is null) <> (resource_id is null)),
    constraint access_request_check1 check (from_party <> to_party),
    constraint access_request_reference unique (reference)
  );
  create index access_request_from on access_request (from_party, id);
  create unique index access_request_open on access_request (from_party, to_party, package, resource_id, instance, offered) nulls not distinct where state in ('draft', 'pending');
  -- Requests that wait and rest on what a register said of the asker, or on yeses.
  create index access_request_resting on access_request (id) where (verified is not null or offered) and state in ('draft', 'pending');
  create index access_request_to on access_request (to_party, id);

  -- Yeses to what several must give together, while others are awaited.
  create table access_request_yes (
    request_id uuid not null references access_request (id),
    by_party uuid not null references party (id),
    at timestamptz not null,
    level smallint not null,
    actions text[],
    primary key (request_id, by_party)
  );

  alter table notice add foreign key (request_id) references access_request (id);
`);
