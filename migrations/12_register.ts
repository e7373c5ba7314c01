// How far the feeds of authoritative sources have come, what they set aside, and what comparing
// found.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  create table employment (
    employer uuid not null references party (id),
    employee uuid not null references party (id),
    ended_on date,
    primary key (employer, employee)
  );
  -- Mandates that ask for an employee do not hold after the last day at work.
  create function basis_of_employment() returns trigger language plpgsql as $$
    begin insert into basis_change (party, due_at) select new.employee, due.at
      from (select now() as at union select new.ended_on::timestamp at time zone 'Europe/Oslo' where new.ended_on > now()::date) as due; return null; end
  $$;
  create trigger basis_of_employment after update on employment for each row when (old.ended_on is distinct from new.ended_on) execute function basis_of_employment();

  -- How far each feed has come, what it stopped at, and when it was last read to its end.
  create table register_cursor (
    source text primary key,
    cursor text not null,
    moved_at timestamptz not null,
    fault text,
    fault_at timestamptz,
    unnamed int not null default 0,
    read_at timestamptz
  );

  -- Comparisons with a register: one that was asked for or is under way, and those that have ended.
  -- run: the node's taking up of it; after: the last party that was compared.
  create table register_comparison (
    id uuid primary key,
    source text not null,
    asked_at timestamptz,
    begun_at timestamptz,
    run uuid,
    after uuid not null default '00000000-0000-0000-0000-000000000000',
    is_walked boolean not null default false,
    checked bigint not null default 0,
    facts bigint not null default 0,
    extra bigint not null default 0,
    found bigint not null default 0,
    ended bigint not null default 0,
    begun bigint not null default 0,
    held_back text,
    ended_at timestamptz
  );
  create unique index register_comparison_open on register_comparison (source) where ended_at is null;
  create index register_comparison_source on register_comparison (source, id);
  create index register_comparison_ended on register_comparison (ended_at);

  -- What a comparison found, and what was done about it. extra: facts of the party that the
  -- register no longer says; is_open: it is still to be put right.
  create table register_difference (
    comparison uuid not null references register_comparison (id) on delete cascade,
    party uuid not null,
    what text not null,
    ours jsonb,
    theirs jsonb,
    done text,
    extra bigint not null default 0,
    is_open boolean not null,
    primary key (comparison, party, what)
  );
  create index register_difference_open on register_difference (comparison, party) where is_open;

  -- Lines that cannot be used, the last of each relation. waits: numbers to be known first.
  create table register_aside (
    id uuid primary key,
    source text not null references register_cursor (source),
    relation text not null,
    number text not null,
    line text not null,
    why text not null,
    at timestamptz not null,
    catalogue bigint not null,
    waits text[],
    constraint register_aside_source_relation_key unique (source, relation)
  );
`);
