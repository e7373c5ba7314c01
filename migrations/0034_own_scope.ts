// Consents that are drawn only with an API scope of the owner of what they are about.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw('alter table consent_request add column own_scope boolean not null default false');

export const down = (knex: Knex) => knex.raw('alter table consent_request drop column own_scope');
