// A party's inbox: what happened to its mandates, consents and requests.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  create table notice (
    id uuid primary key,
    party uuid not null references party (id),
    type text not null,
    mandate_id uuid,
    request_id uuid,
    at timestamptz not null,
    read_at timestamptz,
    consent_id uuid,
    by_party uuid,
    shown_at timestamptz
  );
  -- The first use of a mandate is told of once.
  create unique index notice_of_first_use on notice (mandate_id) where type = 'mandate_used';
  create index notice_party on notice (party, id);
  -- Acts of one's own are shown once, at a later login.
  create index notice_own on notice (by_party, id) where by_party is not null and shown_at is null;
  -- Unread notices are found without reading old ones.
  create index notice_unread on notice (party) where read_at is null;
  -- Parties that want to be sent nothing more by another, which does not learn it.
  create table silence (
    party uuid not null references party (id),
    sender uuid not null references party (id),
    at timestamptz not null,
    by_party uuid not null references party (id),
    -- Known by its asking for consent alone, which not everybody who administers may see.
    of_consent boolean not null default false,
    primary key (party, sender)
  );
`);
