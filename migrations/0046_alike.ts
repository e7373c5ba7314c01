// The subject of a consent as one value, so that consents that are alike are counted together and
// judged by one; one of its own is judged alone, and so are those that a server of before writes.
// And a party's consents in the order in which they are listed.
import type { Knex } from 'knex';

export const up = (knex: Knex) =>
  knex.raw(`
  alter table consent_request add column about uuid;
  update consent_request set about = coalesce(substr(encode(sha256(convert_to((
      select jsonb_agg(jsonb_build_array(asked.resource_id, asked.resource_version, asked.actions) order by asked.ordinal)
      from consent_right asked where asked.consent_id = consent_request.id)::text, 'UTF8')), 'hex'), 1, 32)::uuid, gen_random_uuid());
  alter table consent_request alter column about set default gen_random_uuid(), alter column about set not null;
  create index consent_request_open on consent_request (from_party, about, to_party, rested_roles, (coalesce(parent_until, 0::smallint)))
    include (id, parent_until, state, valid_to, one_time, portal_view_mode, required_delegator, answered_by)
    where state in ('requested', 'approved') and not expiry_noted;
  create index consent_request_latest on consent_request (from_party, (coalesce(approved_at, requested_at)) desc, id);
  drop index consent_request_from;
`);

export const down = (knex: Knex) =>
  knex.raw(`
  create index consent_request_from on consent_request (from_party, id);
  alter table consent_request drop column about;
  drop index consent_request_latest;
`);
