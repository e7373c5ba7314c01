// Searches: by whom, which question, and every party that it was about or that the answer named.
// Beside the log of decisions, kept as long, and found by each of those parties.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
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
  );
  create index search_log_parties on search_log using gin (parties);
`);

export const down = (knex: Knex) => knex.raw('drop table search_log');
