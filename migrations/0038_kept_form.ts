// Forms whose session had ended, sealed, for half an hour.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table kept_form (
    id_hash text primary key,
    sealed text not null,
    expires_at timestamptz not null
  );
  create index kept_form_expiry on kept_form (expires_at);
`);

export const down = (knex: Knex) => knex.raw('drop table kept_form');
