// A reference that a person can read out and find a consent by: ten characters without those that
// look alike (Crockford's base 32).
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create function new_reference() returns text language sql volatile as
    $$ select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + floor(random() * 32)::int, 1), '') from generate_series(1, 10) $$;
  alter table consent_request add column reference text not null default new_reference();
  alter table consent_request add constraint consent_request_reference unique (reference);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  alter table consent_request drop column reference;
  drop function new_reference();
`);
