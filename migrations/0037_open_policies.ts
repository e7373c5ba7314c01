// Policies that open whatever they do not deny: found by a search for resources, whoever asks.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(
    `create index policy_version_open on policy_version (version) where content ->> 'combining' = 'permit-unless-deny'`,
  );

export const down = (knex: Knex) => knex.raw('drop index policy_version_open');
