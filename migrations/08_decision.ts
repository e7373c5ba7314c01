// Logs of decisions and searches, written in batches beside the answer, found by the parties they
// concern, and removed when their days are over.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- The caller, about whom, for whom, the answer, why, and the mandates that carried it.
  create table decision_log (
    id uuid primary key,
    at timestamptz not null,
    caller text not null,
    subject uuid,
    from_party uuid,
    resource_id text,
    action text not null,
    instance text,
    outcome text not null check (outcome in ('permit', 'deny', 'not_applicable', 'indeterminate')),
    reason text not null,
    level int not null,
    policy_version bigint,
    mandates uuid[] not null
  ) partition by range (id);
  create table decision_log_rest partition of decision_log default;
  create index decision_log_from on decision_log (from_party, id);
  create index decision_log_resource on decision_log (resource_id, id);
  create index decision_log_subject on decision_log (subject, id);

  -- Searches, and every party that they were about or that the answer named.
  create table search_log (
    id uuid primary key,
    at timestamptz not null,
    caller text not null,
    kind text not null check (kind in ('subject', 'resource', 'action', 'authorized_parties')),
    subject uuid,
    from_party uuid,
    resource_id text,
    action text,
    parties uuid[] not null
  ) partition by range (id);
  create table search_log_rest partition of search_log default;
  create index search_log_parties on search_log using gin (parties);

  -- By month, three ahead. Answers with how many of what should be there is not.
  create function make_log_partitions(instant timestamptz) returns int language sql
    security definer set search_path = public, pg_temp as $$
    select make_partitions('decision_log', 'month', instant, 3) + make_partitions('search_log', 'month', instant, 3)
  $$;
  -- Whole months that are over before this id.
  create function drop_log_partitions(oldest uuid) returns int language sql
    security definer set search_path = public, pg_temp as $$
    select drop_partitions('decision_log', oldest) + drop_partitions('search_log', oldest)
  $$;
  revoke execute on function make_log_partitions, drop_log_partitions from public;
  select make_log_partitions(now());
`);
