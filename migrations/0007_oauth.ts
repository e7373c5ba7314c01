// The authorization server's own state: clients, what oidc-provider stores (by digest), marks of
// used assertions, revoked tokens, and signing keys (sealed).
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table oauth_client (
    client_id text primary key,
    owner uuid references party (id),
    metadata jsonb not null
  );

  create table oidc_state (
    model text not null,
    id_hash text not null,
    payload jsonb not null,
    grant_id text,
    uid text,
    consumed_at timestamptz,
    expires_at timestamptz,
    primary key (model, id_hash)
  );
  create index oidc_state_grant on oidc_state (grant_id) where grant_id is not null;
  create index oidc_state_uid on oidc_state (model, uid) where uid is not null;
  create index oidc_state_expiry on oidc_state (expires_at);

  create table replay_mark (
    id text primary key,
    expires_at timestamptz not null
  );
  create index replay_mark_expiry on replay_mark (expires_at);

  create table revoked_token (
    jti text primary key,
    expires_at timestamptz not null
  );

  create table signing_key (
    kid text primary key,
    alg text not null check (alg in ('RS256', 'ES256')),
    public_jwk jsonb not null,
    private_jwk_sealed text not null,
    created_at timestamptz not null,
    active_from timestamptz not null,
    retired_at timestamptz
  );
  create unique index signing_key_slot on signing_key (alg, active_from);
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table signing_key, revoked_token, replay_mark, oidc_state, oauth_client;
`);
