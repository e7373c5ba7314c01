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
    -- Of a grant: where its tokens are in the status lists.
    status_place bigint,
    primary key (model, id_hash)
  );
  create index oidc_state_expiry on oidc_state (expires_at);
  create index oidc_state_grant on oidc_state (grant_id) where grant_id is not null;
  -- Permissions of programs, listed by the person who gave them.
  create index oidc_state_person on oidc_state (((payload ->> 'accountId'))) where model = 'Grant';
  create index oidc_state_client on oidc_state (((payload ->> 'clientId'))) where model = 'Grant';
  create index oidc_state_consent on oidc_state (((payload #>> '{rar,0,id}'))) where model = 'Grant';
  create unique index oidc_state_place on oidc_state (status_place) where status_place is not null;
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

  -- Consents, and places of grants, of which the bit in their status list may be another, since an
  -- act (17_receipt.ts) or by what they rest on, and from when; and the bits that are not, or were
  -- not, 0: valid (1: invalid, 2: suspended).
  create table status_pending (
    id uuid primary key default gen_random_uuid(),
    consent_id uuid,
    place bigint,
    due_at timestamptz not null default '-infinity',
    check (num_nonnulls(consent_id, place) = 1)
  );
  create index status_pending_due on status_pending (due_at);
  create sequence status_changed;
  create table status_bit (
    place bigint primary key,
    bit smallint not null check (bit in (0, 1, 2)),
    changed bigint not null
  );
  create index status_bit_changed on status_bit (changed);
  -- Of all consents that a party, or a unit of it, gave: at once, and at each of the instants to
  -- come.
  create function status_of_given(giver uuid, variadic instants timestamptz[]) returns void language plpgsql as $$
    begin insert into status_pending (consent_id, due_at) select request.id, due.at
    from consent_request request, (select '-infinity'::timestamptz union select one.at from unnest(instants) as one(at) where one.at > now()) as due(at)
    where request.state = 'approved' and request.status_place is not null and request.valid_to > now()
      and request.from_party in (select giver union all select unit.id from party unit where unit.parent = giver); end
  $$;
  -- A court takes or gives back a capacity, of which nothing is stored with the consent.
  create function status_of_capacity() returns trigger language plpgsql as $$
    declare fact incapacity := coalesce(new, old);
    begin perform status_of_given(fact.person, fact.valid_from, fact.ended_at); return null; end
  $$;
  create trigger status_of_capacity after insert or update or delete on incapacity for each row execute function status_of_capacity();
  -- Nobody can read a register's line of an office any more, or an estate stops who holds it.
  create function status_of_office() returns trigger language plpgsql as $$
    begin perform status_of_given(new.from_party, new.suspended_at, new.estate_at); return null; end
  $$;
  create trigger status_of_office after update on mandate for each row
    when (new.basis = 'register' and (old.suspended_at is distinct from new.suspended_at or old.estate_at is distinct from new.estate_at))
    execute function status_of_office();
  -- It was used up when it fell: that is stored without an event.
  create function status_of_fall() returns trigger language plpgsql as $$
    begin insert into status_pending (consent_id) values (new.id); return null; end
  $$;
  create trigger status_of_fall after update of fallen_reason on consent_request for each row
    when (new.state = 'approved' and new.status_place is not null and old.fallen_reason is distinct from new.fallen_reason)
    execute function status_of_fall();
  -- A grant is gone before its end.
  create function status_of_grant() returns trigger language plpgsql as $$
    begin insert into status_pending (place) values (old.status_place); return null; end
  $$;
  create trigger status_of_grant after delete on oidc_state for each row
    when (old.status_place is not null and old.expires_at > now()) execute function status_of_grant();
  -- A client is nobody's any more, or may not ask for what it did.
  create function status_of_client() returns trigger language plpgsql as $$
    begin insert into status_pending (place) select held.status_place from oidc_state held
    where held.model = 'Grant' and held.payload ->> 'clientId' = old.client_id and held.expires_at > now(); return null; end
  $$;
  create trigger status_of_client after update on oauth_client for each row
    when (old.owner is distinct from new.owner or old.metadata -> 'authorization_details_types' is distinct from new.metadata -> 'authorization_details_types')
    execute function status_of_client();
  create trigger status_of_gone_client after delete on oauth_client for each row execute function status_of_client();
  -- Whose grants they are, or whose clients have them, is no more, now or from an instant to come.
  create function status_of_party() returns trigger language plpgsql as $$
    begin insert into status_pending (place, due_at) select held.status_place, due.at
    from (select '-infinity'::timestamptz union select new.ended_at where new.ended_at > now()) as due(at), (
        select own.status_place, own.expires_at from oidc_state own where own.model = 'Grant' and own.payload ->> 'accountId' = new.id::text
        union select given.status_place, given.expires_at from oauth_client client join oidc_state given on given.model = 'Grant' and given.payload ->> 'clientId' = client.client_id
          where client.owner = new.id) as held
    where held.expires_at > now(); return null; end
  $$;
  create trigger status_of_party after update of ended_at on party for each row when (old.ended_at is distinct from new.ended_at)
    execute function status_of_party();

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
