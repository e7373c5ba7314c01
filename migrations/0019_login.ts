// Stores the eID's answer about a login, the names under which a session's clients know it, and
// logouts on their way to those clients.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table login_session
    add column id uuid not null default gen_random_uuid() unique,
    add column authenticated_at timestamptz,
    add column asked_by text,
    add column eid_sid text,
    add column locale text,
    drop column id_token_sealed;
  update login_session set authenticated_at = logged_in_at;
  alter table login_session alter column authenticated_at set not null;
  create index login_session_party on login_session (party);
  create index login_session_eid_sid on login_session (eid_sid) where eid_sid is not null;

  create table session_client (
    session_id uuid not null references login_session (id) on delete cascade,
    client_id text not null,
    sid text not null,
    since timestamptz not null,
    primary key (session_id, client_id)
  );
  create index session_client_sid on session_client (sid);

  create table logout_notice (
    id uuid primary key,
    client_id text not null,
    party uuid not null references party (id),
    sid text not null,
    due_at timestamptz not null,
    expires_at timestamptz not null,
    tries integer not null default 0
  );
  create index logout_notice_due on logout_notice (due_at);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table logout_notice, session_client;
  alter table login_session
    drop column id, drop column authenticated_at, drop column asked_by, drop column eid_sid, drop column locale,
    add column id_token_sealed text;
`);
