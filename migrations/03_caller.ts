// Sessions of people, logins on their way, and what a person has chosen. Only digests of bearer
// values are stored.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- People logged in at the national eID. The id is a name that opens nothing.
  create table login_session (
    id_hash text primary key,
    party uuid not null references party (id),
    level int not null check (level between 0 and 4),
    amr text[] not null,
    logged_in_at timestamptz not null,
    begun_at timestamptz not null,
    expires_at timestamptz not null,
    id uuid not null default gen_random_uuid() unique,
    authenticated_at timestamptz not null,
    asked_by text,
    eid_sid text,
    locale text,
    -- Names of the browser and of what it runs on, for the person to know it by.
    browser text,
    device text
  );
  create index login_session_eid_sid on login_session (eid_sid) where eid_sid is not null;
  create index login_session_expiry on login_session (expires_at);
  create index login_session_party on login_session (party);

  -- The names under which a session's clients know it, and the grants that end with it.
  create table session_client (
    session_id uuid not null references login_session (id) on delete cascade,
    client_id text not null,
    sid text not null,
    since timestamptz not null,
    primary key (session_id, client_id)
  );
  create index session_client_sid on session_client (sid);
  create table session_grant (
    grant_id text primary key,
    session_id uuid not null,
    client_id text not null,
    foreign key (session_id, client_id) references session_client on update cascade on delete cascade
  );
  create index session_grant_client on session_grant (session_id, client_id);

  -- Logins on their way.
  create table login_attempt (
    state_hash text primary key,
    browser_hash text not null,
    sealed text not null,
    expires_at timestamptz not null
  );
  create index login_attempt_expiry on login_attempt (expires_at);

  -- Forms whose session had ended, sealed, for half an hour.
  create table kept_form (
    id_hash text primary key,
    sealed text not null,
    expires_at timestamptz not null
  );
  create index kept_form_expiry on kept_form (expires_at);

  -- A person's choices.
  create table profile (
    person uuid primary key references party (id),
    language text check (language in ('nb', 'nn', 'en')),
    favourites uuid[] not null default '{}'
  );

  -- The parties that a person visited lately.
  create table recent_party (
    person uuid not null references party (id),
    party uuid not null references party (id),
    at timestamptz not null,
    primary key (person, party)
  );
`);
