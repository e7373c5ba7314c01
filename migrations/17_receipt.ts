// The content of an event that a receipt is made of: names, words, rights and authority as they
// stood when the act was done, kept by its own statement.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

const OF_CONSENT = `(happened.consent_id is not null and happened.type in ('approved', 'rejected', 'withdrawn', 'changed', 'suspended', 'resumed'))`;
/** Events after which the list says something else of a consent's tokens. */
const OF_STATUS = `(happened.consent_id is not null and happened.type in ('withdrawn', 'suspended', 'resumed'))`;
const OF_MANDATE = `(happened.mandate_id is not null and happened.type in ('given', 'changed', 'ended', 'renounced', 'suspended', 'resumed'))`;

/** Events that streams hear (server/signal/model.ts has their names). */
const OF_STREAMS = [
  ...[
    'requested',
    'deleted',
    'approved',
    'answered',
    'rejected',
    'changed',
    'suspended',
    'resumed',
  ],
  ...['withdrawn', 'expired', 'used', 'fetched', 'deletion_asked'],
  ...['given', 'ended', 'renounced', 'withheld', 'released', 'policy_published'],
]
  .map((type) => `'${type}'`)
  .join(', ');

// Each found by its key, however many rows are expected.
const party = (name: string, id: string) =>
  `left join lateral (select one.* from party one where one.id = ${id} offset 0) as ${name} on true`;
/** The parties of an event, and the role that somebody acts by. */
const partiesOf = (
  role: string,
) => `${party('giver', 'happened.from_party')} ${party('receiver', 'happened.to_party')}
          ${party('handler', 'happened.handled_by')} ${party('doer', 'happened.by_party')}
          left join lateral (select one.code, one.name, one.source from role one where one.code = ${role} offset 0) as role on true`;

const named = (name: string) =>
  `case when ${name}.id is not null then json_build_object('name', ${name}.name, 'kind', ${name}.kind, 'organizationNo', ${name}.organization_no) end`;
/** A person's number stands apart, for who may open it. */
const PARTIES = `'fromParty', ${named('giver')}, 'fromPersonNo', giver.person_no, 'toParty', ${named('receiver')}, 'toPersonNo', receiver.person_no,
            'handledByParty', ${named('handler')}, 'byParty', ${named('doer')}, 'byPersonNo', doer.person_no`;

/** An instant in UTC, as RFC 3339 has it. */
const instant = (at: string) =>
  `to_char(${at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** By what somebody acts: a role by its register, since when, there or in the main unit. */
const authority = (
  from: string,
) => `'role', role.code, 'name', role.name, 'register', case when role.code is not null then (select source.name from source where source.code = role.source and source.visibility <> 'secret') end,
              'since', case when role.code is not null and not exists (select from source where source.code = role.source and source.visibility = 'secret')
                then (select ${instant('min(held.valid_from)')} from mandate held where held.to_party = doer.id and held.from_party in (${from}, giver.parent) and held.basis = 'register'
                  and held.role = role.code and held.valid_from <= happened.at and (held.ended_at is null or held.ended_at > happened.at)) end`;

export const up = (knex: Knex) =>
  knex.raw(`
  -- After the statement of the act, which may write an event before what it is about: it waits for
  -- its place, and what it was about is kept; of one that is put back, as the archive has it.
  create function event_is_written() returns trigger language plpgsql as $$
    declare
      of_consents boolean;
      of_mandates boolean;
      of_status boolean;
      is_heard boolean;
    begin
      -- One statement: each more costs every act.
      with put as (insert into event_pending (event_id) select added.id from added)
      select bool_or(${OF_CONSENT}), bool_or(${OF_MANDATE}), bool_or(${OF_STATUS}), exists (select from signal_stream stream where stream.ended_at is null)
        into of_consents, of_mandates, of_status, is_heard from added happened;
      if of_status then
        insert into status_pending (consent_id) select happened.consent_id from added happened where ${OF_STATUS};
      end if;
      -- Streams hear what holds after it, as this act leaves it.
      if is_heard then
        insert into signal_pending (event_id, after) select happened.id, case
            when happened.consent_id is not null then (select jsonb_build_object('state', request.state, 'validTo', ${instant('request.valid_to')},
                'suspended', request.withheld or coalesce((select given.suspended_at is not null from mandate given where given.consent_id = request.id and given.basis = 'consent'), false),
                'rights', (select coalesce(jsonb_agg(held.ordinal order by held.ordinal), '[]') from consent_right held where held.consent_id = request.id and held.chosen and held.dropped_at is null))
              from consent_request request where request.id = happened.consent_id)
            when happened.mandate_id is not null then (select jsonb_build_object('validTo', ${instant('given.valid_to')}, 'endedAt', ${instant('given.ended_at')}, 'withheld', given.withheld, 'suspended', given.suspended_at is not null
                or exists (select from party system where system.id = given.to_party and system.suspended_at is not null))
              from mandate given where given.id = happened.mandate_id and given.basis <> 'register')
            end
          from added happened where happened.type in (${OF_STREAMS}) and (happened.consent_id is not null or happened.mandate_id is not null or happened.type = 'policy_published');
      end if;
      -- Nothing that was brought in from elsewhere has a receipt of ours; what is put back has its own.
      if current_setting('tillit.brings_in', true) = 'on' then
        perform set_config('tillit.brings_in', '', true);
        return null;
      end if;
      if of_consents then
        insert into event_content (event_id, content) select happened.id, json_build_object(${PARTIES},
            'authority', json_build_object(${authority('request.from_party')},
              'on', case when happened.type = 'approved' then request.rested_on end,
              'together', case when happened.type = 'approved' and request.rested_together is not null then (select json_agg(json_build_object('name', one.name, 'role', yes.role, 'at', ${instant('yes.at')}) order by yes.at, yes.by_party)
                from consent_yes yes join party one on one.id = yes.by_party where yes.consent_id = request.id) end),
            'rights', (select coalesce(json_agg(json_build_object('resource', given.resource_id, 'version', given.resource_version, 'title', version.content -> 'title',
                'actions', given.actions, 'metadata', given.metadata) order by given.ordinal), '[]')
              from (select wanted.* from consent_right wanted where wanted.consent_id = request.id and wanted.chosen and wanted.dropped_at is null offset 0) as given
              cross join lateral (select one.content from resource_version one where one.version = given.resource_version offset 0) as version),
            'terms', json_build_object('template', request.template_id, 'templateVersion', request.template_version, 'message', request.request_message, 'language', case when happened.type = 'approved' then shown.language end),
            'conditions', json_build_object('requestedAt', ${instant('request.requested_at')}, 'approvedAt', ${instant('request.approved_at')},
              'validTo', ${instant('request.valid_to')}, 'oneTime', request.one_time, 'uses', request.uses, 'reference', request.reference),
            'level', case when happened.type = 'approved' then request.answered_level end,
            'page', case when happened.type = 'approved' then json_build_object('shownBy', shown.shown_by, 'hash', shown.hash) end,
            'replaces', request.replaces)
          from added happened ${partiesOf('happened.by_role')}
          cross join lateral (select one.* from consent_request one where one.id = happened.consent_id offset 0) as request
          left join lateral (select one.* from consent_shown one where one.consent_id = request.id offset 0) as shown on true
          where ${OF_CONSENT} and (happened.type <> 'withdrawn' or request.approved_at is not null) on conflict (event_id) do nothing;
      end if;
      if of_mandates then
        insert into event_content (event_id, content) select happened.id, json_build_object(${PARTIES},
            'authority', json_build_object(${authority('given.from_party')}),
            'rights', json_build_array(json_build_object('package', given.package, 'resource', given.resource_id, 'version', service.version,
              'title', coalesce(package.name, service.title), 'actions', given.actions, 'instance', given.instance)),
            'conditions', json_build_object('givenAt', ${instant('given.given_at')}, 'validFrom', ${instant('given.valid_from')},
              'validTo', ${instant('given.valid_to')}, 'reference', given.reference, 'subunits', given.subunits, 'mayPassOn', given.may_pass_on, 'needs', given.needs))
          from added happened
          cross join lateral (select one.* from mandate one where one.id = happened.mandate_id offset 0) as given
          ${partiesOf("coalesce(happened.by_role, case when happened.type = 'given' then given.given_role end)")}
          left join lateral (select one.name from access_package one where one.code = given.package offset 0) as package on true
          left join lateral (select version.version, version.content -> 'title' as title from resource one join resource_version version on version.version = one.current_version
            where one.id = given.resource_id offset 0) as service on true
          where ${OF_MANDATE} on conflict (event_id) do nothing;
      end if;
      return null;
    end
  $$;
  create trigger event_is_written after insert on event referencing new table as added for each statement execute function event_is_written();
  create trigger event_content_append_only before delete or update on event_content for each statement execute function event_is_append_only();
`);
