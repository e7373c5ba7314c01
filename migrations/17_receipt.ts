// The content of an event that a receipt is made of: names, words, rights and authority as they
// stood when the act was done, kept by its own statement.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

export const up = (knex: Knex) =>
  knex.raw(`
  -- A party as a receipt names it; a person's number stands apart, for who may open it.
  create function receipt_party(party_id uuid) returns jsonb language plpgsql stable as $$
    begin return (select jsonb_build_object('name', one.name, 'kind', one.kind, 'organizationNo', one.organization_no) from party one where one.id = $1); end
  $$;
  create function receipt_instant(instant timestamptz) returns text language plpgsql immutable as $$
    begin return to_char(instant at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'); end
  $$;
  create function receipt_number(party_id uuid) returns text language plpgsql stable as $$
    begin return (select one.person_no from party one where one.id = $1); end
  $$;

  -- By what somebody acts for a party: a role by its register, since when, there or in the main unit.
  create function receipt_authority(party_id uuid, by_id uuid, role_code text, moment timestamptz) returns jsonb language plpgsql stable as $$
    begin return (select jsonb_build_object('role', role.code, 'name', role.name, 'register', source.name,
        'since', (select receipt_instant(min(held.valid_from)) from mandate held join party giver on giver.id = $1
          where held.to_party = $2 and held.from_party in (giver.id, giver.parent) and held.basis = 'register' and held.role = role.code
            and held.valid_from <= $4 and (held.ended_at is null or held.ended_at > $4)))
      from role left join source on source.code = role.source where role.code = $3); end
  $$;

  create function content_of_consent(happened event) returns jsonb language plpgsql stable as $$
    begin return (select jsonb_build_object(
        'authority', coalesce(receipt_authority(request.from_party, happened.by_party, happened.by_role, happened.at), '{}')
          || jsonb_build_object('on', case when happened.type = 'approved' then request.rested_on end, 'mandates', to_jsonb(request.rested_mandates)),
        'rights', (select coalesce(jsonb_agg(jsonb_build_object('resource', given.resource_id, 'version', given.resource_version, 'title', version.content -> 'title',
            'actions', to_jsonb(given.actions), 'metadata', given.metadata) order by given.ordinal), '[]')
          from consent_right given join resource_version version on version.version = given.resource_version
          where given.consent_id = request.id and given.chosen and given.dropped_at is null),
        'terms', jsonb_build_object('template', request.template_id, 'templateVersion', request.template_version, 'message', request.request_message, 'language', shown.language),
        'conditions', jsonb_build_object('requestedAt', receipt_instant(request.requested_at), 'approvedAt', receipt_instant(request.approved_at), 'validTo', receipt_instant(request.valid_to),
          'oneTime', request.one_time, 'uses', request.uses, 'reference', request.reference),
        'level', request.answered_level,
        'page', case when happened.type = 'approved' then jsonb_build_object('shownBy', shown.shown_by, 'hash', shown.hash, 'text', shown.text) end,
        'replaces', request.replaces)
      from consent_request request left join consent_shown shown on shown.consent_id = request.id where request.id = happened.consent_id); end
  $$;

  create function content_of_mandate(happened event) returns jsonb language plpgsql stable as $$
    begin return (select jsonb_build_object(
        'authority', coalesce(receipt_authority(given.from_party, happened.by_party, coalesce(happened.by_role, given.given_role), happened.at), '{}'),
        'rights', jsonb_build_array(jsonb_build_object('package', given.package, 'resource', given.resource_id, 'version', service.current_version,
          'title', coalesce(package.name, version.content -> 'title'), 'actions', to_jsonb(given.actions), 'instance', given.instance)),
        'terms', null,
        'conditions', jsonb_build_object('givenAt', receipt_instant(given.given_at), 'validFrom', receipt_instant(given.valid_from), 'validTo', receipt_instant(given.valid_to), 'reference', given.reference,
          'subunits', given.subunits, 'mayPassOn', given.may_pass_on, 'needs', given.needs),
        'level', null, 'page', null, 'replaces', null)
      from mandate given left join access_package package on package.code = given.package left join resource service on service.id = given.resource_id
        left join resource_version version on version.version = service.current_version where given.id = happened.mandate_id); end
  $$;

  -- After the statement of the act, which may write the event before what it is about.
  create function keep_content() returns trigger language plpgsql as $$
    begin
      insert into event_content (event_id, content)
      select new.id, (case when new.consent_id is not null then content_of_consent(new) else content_of_mandate(new) end) || jsonb_build_object(
        'fromParty', receipt_party(new.from_party), 'fromPersonNo', receipt_number(new.from_party),
        'toParty', receipt_party(new.to_party), 'toPersonNo', receipt_number(new.to_party),
        'handledByParty', receipt_party(new.handled_by), 'byParty', receipt_party(new.by_party), 'byPersonNo', receipt_number(new.by_party))
      on conflict (event_id) do nothing;
      return null;
    end
  $$;
  create trigger keep_content after insert on event for each row
    when ((new.consent_id is not null and new.type in ('approved', 'rejected', 'withdrawn', 'deleted', 'changed', 'suspended', 'resumed'))
      or (new.mandate_id is not null and new.type in ('given', 'changed', 'ended', 'renounced', 'suspended', 'resumed')))
    execute function keep_content();
  create trigger event_content_append_only before delete or update on event_content for each statement execute function event_is_append_only();
`);
