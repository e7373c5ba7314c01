// Logs decisions: who asked, about whom, for whom, the answer, why, and the mandates that carried
// it. Written in batches beside the answer, searchable by the parties it concerns, removed when its
// days are over.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
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
    level integer not null,
    policy_version bigint,
    mandates uuid[] not null
  );
  create index decision_log_from on decision_log (from_party, id);
  create index decision_log_subject on decision_log (subject, id);
`);

export const down = (knex: Knex) => knex.raw('drop table decision_log');
