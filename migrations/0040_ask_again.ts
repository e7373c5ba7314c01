// After a no, the one who asked may not ask the same again for a while, unless the person opens it.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table consent_request add column may_ask_again boolean not null default false;
  create index consent_request_refused on consent_request (from_party, to_party, rejected_at) where state = 'rejected';
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop index consent_request_refused;
  alter table consent_request drop column may_ask_again;
`);
