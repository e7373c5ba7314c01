// Permissions of programs, listed by the person who gave them.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(
    `create index oidc_state_person on oidc_state ((payload ->> 'accountId')) where model = 'Grant'`,
  );

export const down = (knex: Knex) => knex.raw('drop index oidc_state_person');
