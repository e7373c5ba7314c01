// Streams of what happens, for systems that act on it: where each is heard, and what is on its way.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- Where a client of an organisation hears of what happens. A push stream or a webhook has an
  -- address; a poll stream is read.
  create table signal_stream (
    id uuid primary key,
    owner uuid not null references party (id),
    client text not null,
    -- The organisation that keeps it for its owner, which lets it use the scopes of signals.
    supplier uuid references party (id),
    method text not null check (method in ('push', 'poll', 'webhook')),
    endpoint text,
    -- Sealed: what is sent as Authorization, and the secrets that a webhook is signed with.
    authorization_header text,
    secret text,
    other_secret text,
    other_until timestamptz,
    description text,
    -- Kinds that are wanted; null for all.
    kinds text[],
    status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
    reason text,
    -- Paused here, since its receiver refused, and not by its client.
    stopped boolean not null default false,
    paused_at timestamptz,
    made_at timestamptz not null,
    -- When its address proved that it wants what is sent there.
    verified_at timestamptz,
    verification_at timestamptz,
    ended_at timestamptz,
    constraint signal_stream_endpoint check ((method = 'poll') = (endpoint is null)),
    constraint signal_stream_secret check ((method = 'webhook') = (secret is not null))
  );
  create index signal_stream_client on signal_stream (client) where ended_at is null;
  create index signal_stream_owner on signal_stream (owner) where ended_at is null;
  -- Consents and mandates that a client wants no more of, but for their end.
  create table signal_removed (
    stream_id uuid not null references signal_stream (id),
    subject uuid not null,
    primary key (stream_id, subject)
  );

  -- What has happened waits here from the act on, with what holds after it, until it is known who
  -- hears of it (17_receipt.ts).
  create table signal_pending (
    event_id uuid primary key,
    after jsonb
  );

  -- What a stream hears, once for each event. The sum of states is all that there is to hear.
  create table signal_delivery (
    stream_id uuid not null references signal_stream (id),
    event_id uuid not null,
    subject uuid,
    pos bigint not null,
    kind text not null,
    is_state boolean not null,
    said jsonb not null,
    state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead', 'let_go', 'superseded', 'dropped')),
    why text,
    tries int not null default 0,
    made_at timestamptz not null,
    next_at timestamptz not null,
    -- Until when a node is sending it.
    taken_until timestamptz,
    settled_at timestamptz,
    primary key (stream_id, event_id)
  );
  create index signal_delivery_waiting on signal_delivery (stream_id, tries, pos) where state = 'waiting';
  create index signal_delivery_stops on signal_delivery (stream_id, pos)
    where state = 'waiting' and tries = 0 and kind in ('consent-deleted', 'consent-refused', 'consent-replaced', 'consent-withdrawn', 'consent-fallen', 'consent-expired', 'mandate-ended', 'consent-suspended', 'mandate-suspended');
  create index signal_delivery_again on signal_delivery (stream_id, next_at) where state = 'waiting' and tries > 0;
  create index signal_delivery_own on signal_delivery (stream_id) where state = 'waiting' and kind in ('verification', 'stream-updated');
  create index signal_delivery_subject on signal_delivery (stream_id, subject, pos) where is_state;
  create index signal_delivery_dead on signal_delivery (stream_id, pos) where state = 'dead';
  create index signal_delivery_lately on signal_delivery (stream_id, settled_at) where state = 'delivered';
  create index signal_delivery_settled on signal_delivery (settled_at) where settled_at is not null;
`);
