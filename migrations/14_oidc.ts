// The authorization server's own state: clients, what oidc-provider stores, marks, revoked tokens,
// and signing keys.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Private keys are sealed.
  create table signing_key (
    kid text primary key,
    alg text not null check (alg in ('RS256', 'ES256')),
    public_jwk jsonb not null,
    -- None once it signs no more; what it signed is checked by the public half.
    private_jwk_sealed text,
    created_at timestamptz not null,
    active_from timestamptz not null,
    retired_at timestamptz
  );
  create unique index signing_key_slot on signing_key (alg, active_from);

  create table oauth_client (
    client_id text primary key,
    owner uuid references party (id),
    metadata jsonb not null
  );

  -- From where which client has shown who it is lately; addresses by digest, for a day.
  create table client_seen (
    address text not null,
    client_id text not null,
    seen_at timestamptz not null,
    primary key (address, client_id)
  );
  create index client_seen_by_time on client_seen (seen_at);

  -- What oidc-provider stores, by digest.
  create table oidc_state (
    model text not null,
    id_hash text not null,
    payload jsonb not null,
    grant_id text,
    uid text,
    consumed_at timestamptz,
    -- Of a refresh token that was rotated: the one after it, sealed, until that one is used.
    successor text,
    -- When a refresh token last got an access token.
    used_at timestamptz,
    expires_at timestamptz,
    primary key (model, id_hash)
  );
  create index oidc_state_expiry on oidc_state (expires_at);
  create index oidc_state_grant on oidc_state (grant_id) where grant_id is not null;
  -- Permissions of programs, listed by the person who gave them.
  create index oidc_state_person on oidc_state (((payload ->> 'accountId'))) where model = 'Grant';
  create index oidc_state_uid on oidc_state (model, uid) where uid is not null;

  -- Clients that a person lets go on after the login, with the words that were shown.
  create table offline_permission (
    id uuid primary key,
    person uuid not null references party (id),
    client_id text not null,
    allowed_at timestamptz not null,
    shown jsonb not null,
    ended_at timestamptz
  );
  create unique index offline_permission_once on offline_permission (person, client_id) where ended_at is null;

  -- Marks of used assertions.
  create table replay_mark (
    id text primary key,
    expires_at timestamptz not null
  );
  create index replay_mark_expiry on replay_mark (expires_at);

  create table revoked_token (
    jti text primary key,
    expires_at timestamptz not null
  );

  -- Acts after which the bit of a consent in its status list may be another (17_receipt.ts), and the
  -- bits that are not, or were not, 0: valid (1: invalid, 2: suspended).
  create table status_pending (
    event_id uuid primary key,
    consent_id uuid not null
  );
  create sequence status_changed;
  create table status_bit (
    place bigint primary key,
    bit smallint not null check (bit in (0, 1, 2)),
    changed bigint not null
  );
  create index status_bit_changed on status_bit (changed);

  -- Logouts on their way to clients.
  create table logout_notice (
    id uuid primary key,
    client_id text not null,
    party uuid not null references party (id),
    sid text not null,
    due_at timestamptz not null,
    expires_at timestamptz not null,
    tries int not null default 0
  );
  create index logout_notice_due on logout_notice (due_at);
`);
