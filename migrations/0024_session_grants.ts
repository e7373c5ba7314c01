// A grant that lasts as long as the session, so that it ends with it.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`alter table session_client add column grants text[] not null default '{}'`);

export const down = (knex: Knex) => knex.raw('alter table session_client drop column grants');
