// Sessions of people logged in at the national eID, and logins on their way. Only digests of bearer
// values are stored.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table login_session (
    id_hash text primary key,
    party uuid not null references party (id),
    level integer not null check (level between 0 and 4),
    amr text[] not null,
    logged_in_at timestamptz not null,
    expires_at timestamptz not null,
    id_token_sealed text
  );
  create index login_session_expiry on login_session (expires_at);

  create table login_attempt (
    state_hash text primary key,
    browser_hash text not null,
    sealed text not null,
    expires_at timestamptz not null
  );
  create index login_attempt_expiry on login_attempt (expires_at);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table login_attempt, login_session;
`);
