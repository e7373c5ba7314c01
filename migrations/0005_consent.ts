// Consent requests, their rights, and what the person was shown when answering. Expiry is never
// stored: it is what the clock says of valid_to; expiry_event_id only gives that derived event its
// place in the feed.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  create table consent_request (
    id uuid primary key,
    from_party uuid not null references party (id),
    to_party uuid not null references party (id),
    handled_by uuid references party (id),
    required_delegator uuid references party (id),
    from_named text not null check (from_named in ('number', 'uuid', 'nobody')),
    delegator_named text check (delegator_named in ('number', 'uuid')),
    state text not null check (state in ('requested', 'approved', 'rejected', 'withdrawn')),
    valid_to timestamptz not null,
    template_id text not null,
    template_version integer not null,
    request_message jsonb,
    redirect_url text,
    portal_view_mode text not null check (portal_view_mode in ('hide', 'show')),
    one_time boolean not null,
    content_hash text not null,
    client_id text,
    expiry_event_id uuid not null,
    requested_at timestamptz not null,
    approved_at timestamptz,
    rejected_at timestamptz,
    withdrawn_at timestamptz,
    answered_by uuid references party (id),
    answered_role text,
    foreign key (template_id, template_version) references consent_template (id, version)
  ) with (fillfactor = 80);
  create index consent_request_from on consent_request (from_party, id);
  create index consent_request_answered_by on consent_request (answered_by) where answered_by is not null;
  create index consent_request_expiry_to on consent_request (to_party, expiry_event_id);
  create index consent_request_expiry_handled_by on consent_request (handled_by, expiry_event_id)
    where handled_by is not null;

  create table consent_right (
    consent_id uuid not null references consent_request (id),
    ordinal integer not null,
    resource_id text not null references resource (id),
    resource_version bigint not null references resource_version (version),
    actions text[] not null,
    metadata jsonb not null,
    primary key (consent_id, ordinal)
  );

  create table consent_shown (
    consent_id uuid primary key references consent_request (id),
    language text not null check (language in ('nb', 'nn', 'en')),
    shown_by text not null check (shown_by in ('page', 'portal', 'import')),
    hash text not null,
    text jsonb not null,
    shown_at timestamptz not null
  );
`);

export const down = (knex: Knex) =>
  knex.raw(`
  drop table consent_shown, consent_right, consent_request;
`);
