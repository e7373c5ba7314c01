// Whether those concerned were told that something ends before long (of a mandate, when); and that
// the first use of a mandate is told of once.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table mandate add column ends_told timestamptz;
  alter table consent_request add column ends_told boolean not null default false;
  create unique index notice_of_first_use on notice (mandate_id) where type = 'mandate_used';
  create index mandate_ends on mandate (valid_to) where basis = 'delegation' and ended_at is null;
  create index consent_request_ends on consent_request (valid_to) where state = 'approved' and not ends_told;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop index consent_request_ends;
  drop index mandate_ends;
  drop index notice_of_first_use;
  alter table consent_request drop column ends_told;
  alter table mandate drop column ends_told;
`);
