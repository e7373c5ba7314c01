// The feeds of owners of resources, and the changes that wait for their lines there.
import type { Knex } from 'knex';

export { noWayBack as down } from '../server/platform/db/migration.ts';

/** The columns of a mandate that decide whether, and for what, it holds. */
const DECIDING =
  'valid_from, valid_to, ended_at, suspended_at, accept_by, estate_at, actions, subunits, given_by, needs';

/** A trigger after one act on a table. */
const after = (table: string, act: string, call: string, when = '') =>
  `create trigger access_changes_on_${act.split(' ')[0]} after ${act} on ${table} for each row ${when} execute function ${call};`;
const changed = (...columns: string[]) =>
  `when ((${columns.map((column) => `old.${column}`).join(', ')}) is distinct from (${columns.map((column) => `new.${column}`).join(', ')}))`;

export const up = (knex: Knex) =>
  knex.raw(`
  -- Lines about whom the services of an owner are open to, in an order of its own: of an event, or
  -- of a change without one.
  create table owner_feed (
    position bigint primary key,
    owner uuid not null,
    id uuid not null,
    at timestamptz not null,
    type text not null,
    cause text not null,
    event_id uuid,
    mandate_id uuid,
    party uuid,
    resources text[] not null,
    parties uuid[] not null
  );
  create unique index owner_feed_once on owner_feed (event_id, owner) where event_id is not null;
  create index owner_feed_owner on owner_feed (owner, position);

  -- Every change of what decisions rest on, whoever writes it, from its transaction on; what holds
  -- from a later instant is due then.
  create table access_change (
    id bigint generated always as identity primary key,
    due_at timestamptz not null,
    cause text not null,
    mandate_id uuid,
    party uuid,
    parents uuid[] not null default '{}',
    resource_id text,
    list_id text
  );
  create index access_change_due on access_change (due_at);
  -- Changes without an event, on their way to the feed.
  create table owner_change (like access_change including defaults);

  create function at_instants(variadic instants timestamptz[]) returns setof timestamptz language plpgsql volatile as $$
    begin return query select now() union select one.instant from unnest(instants) as one(instant) where one.instant > clock_timestamp(); end
  $$;

  -- Changes are dated by the database, readers by their own clock, whichever is ahead.
  create function due_by(instant timestamptz) returns timestamptz language sql stable as $$ select greatest(instant, now()) $$;

  create function mandate_changes() returns trigger language plpgsql as $$
    begin
      insert into access_change (due_at, cause, mandate_id)
      select instant, case when instant > now() then 'time' when new.role is not null then 'role' else 'mandate' end, new.id
      from at_instants(new.valid_from, new.valid_to, new.ended_at, new.suspended_at, new.estate_at) as instant;
      return null;
    end
  $$;
  ${after('mandate', 'insert', 'mandate_changes()', `when (new.basis <> 'consent' and new.accept_by is null)`)}
  create trigger access_changes_on_update after update of ${DECIDING} on mandate for each row
    when (new.basis <> 'consent' and (old.accept_by is null or new.accept_by is null) and (${DECIDING.replaceAll(/(\w+)/g, 'old.$1')}) is distinct from (${DECIDING.replaceAll(/(\w+)/g, 'new.$1')}))
    execute function mandate_changes();

  -- A sole proprietorship stands for its owner until two years after its end.
  create function party_changes() returns trigger language plpgsql as $$
    begin
      insert into access_change (due_at, cause, party, parents)
      select instant, 'party', new.id, array_remove(array[new.parent, case when tg_op = 'UPDATE' then old.parent end], null)
      from at_instants(new.ended_at, new.ended_at + interval '2 years', new.estate_at) as instant;
      return null;
    end
  $$;
  ${after('party', 'insert', 'party_changes()', 'when (new.parent is not null or new.ended_at is not null)')}
  ${after('party', 'update', 'party_changes()', changed('kind', 'ended_at', 'parent', 'unit_type', 'username', 'organization_no', 'estate_at', 'suspended_at'))}

  -- A court's word about a person's capacity is told of no person: what the person gave changes.
  create function capacity_changes() returns trigger language plpgsql as $$
    declare fact incapacity := coalesce(new, old);
    begin
      insert into access_change (due_at, cause, mandate_id)
      select instant, 'mandate', given.id from at_instants(fact.valid_from, fact.ended_at) as instant, (
          select own.* from mandate own where own.from_party = fact.person and own.basis <> 'consent'
          union all select passed.* from (select distinct got.from_party from mandate got where got.to_party = fact.person and got.basis <> 'consent') as near
            join mandate passed on passed.from_party = near.from_party and passed.basis <> 'consent' and passed.given_by = fact.person and passed.from_party <> fact.person) as given
      where given.basis in ('delegation', 'customer') and (given.ended_at is null or given.ended_at > now())
        and (fact.role is null or is_given_of_matter(fact.role, given.resource_id, given.package));
      return null;
    end
  $$;
  ${after('incapacity', 'insert or delete', 'capacity_changes()')}
  ${after('incapacity', 'update', 'capacity_changes()', changed('valid_from', 'ended_at'))}

  -- Called with the columns that name the party and bound the time.
  create function fact_changes() returns trigger language plpgsql as $$
    declare fact jsonb := to_jsonb(coalesce(new, old));
    begin
      insert into access_change (due_at, cause, party)
      select instant, 'party', (fact ->> tg_argv[0])::uuid
      from at_instants((fact ->> tg_argv[1])::timestamptz, case tg_argv[2] when 'ended_on' then (fact ->> 'ended_on')::date::timestamp at time zone 'Europe/Oslo'
        else (fact ->> tg_argv[2])::timestamptz end) as instant;
      return null;
    end
  $$;
  ${after('qualification', 'insert or delete', `fact_changes('party', 'valid_from', 'ended_at')`)}
  ${after('qualification', 'update', `fact_changes('party', 'valid_from', 'ended_at')`, changed('valid_from', 'ended_at'))}
  ${after('employment', 'insert or delete', `fact_changes('employee', 'none', 'ended_on')`)}
  ${after('employment', 'update', `fact_changes('employee', 'none', 'ended_on')`, changed('ended_on'))}

  create function list_changes() returns trigger language plpgsql as $$
    begin
      insert into access_change (due_at, cause, party, list_id) select now(), 'service', one.party, one.list_id from (select coalesce(new.party, old.party) as party, coalesce(new.list_id, old.list_id) as list_id) as one;
      return null;
    end
  $$;
  ${after('access_list_member', 'insert or delete', 'list_changes()')}
  ${after('access_list_member', 'update', 'list_changes()', changed('ended_at'))}

  -- Called with whether the rows are of a party, from which one may have moved.
  create function service_changes() returns trigger language plpgsql as $$
    declare row jsonb := to_jsonb(coalesce(new, old));
    begin
      insert into access_change (due_at, cause, resource_id, party)
      select instant, 'service', coalesce(row ->> 'resource_id', row ->> 'id'), near.id from at_instants((row ->> 'ended_at')::timestamptz) as instant,
        (select (row ->> 'party')::uuid as id union select (to_jsonb(old) ->> 'party')::uuid) as near where tg_argv[0] = 'all' or near.id is not null;
      return null;
    end
  $$;
  ${after('access_list_resource', 'insert or delete', `service_changes('all')`)}
  ${after('access_list_resource', 'update', `service_changes('all')`, changed('actions', 'ended_at'))}
  ${after('resource_instance', 'insert or delete', `service_changes('party')`)}
  ${after('resource_instance', 'update', `service_changes('party')`, changed('party', 'attributes', 'ended_at'))}
  ${after('resource', 'update', `service_changes('all')`, changed('owner', 'current_version', 'policy_version', 'access_list_mode', 'ended_at'))}

  create function catalogue_changes() returns trigger language plpgsql as $$
    begin insert into access_change (due_at, cause) values (now(), 'service'); return null; end
  $$;
  ${after('catalogue', 'update', 'catalogue_changes()')}

  -- Services that a mandate opens, by a right of its own or by rules about what it gives.
  create function services_of(held_role text, held_package text, held_resource text) returns setof text language sql stable as $$
    select held_resource where held_resource is not null
    union select rule.resource_id from policy_rule rule where rule.subject_kind = 'package' and rule.subject = held_package
    union select rule.resource_id from policy_rule rule where rule.subject_kind = 'role' and rule.subject = held_role
    union select rule.resource_id from role join policy_rule rule on rule.subject_kind = 'key_role' where role.code = held_role and role.key_role
    union select rule.resource_id from role_package carried join policy_rule rule on rule.subject_kind = 'package' and rule.subject = carried.package
      where carried.role = held_role and carried.has_access
  $$;
  -- Parties for which a mandate of one counts too: its sub-units, the owners of a sole
  -- proprietorship, the companies whose estate it is.
  create function counted_by(giver uuid[]) returns setof uuid language plpgsql stable as $$
    begin return query with reached as (
      select one.id from unnest(giver) as one(id)
      union select owns.to_party from mandate owns join role on role.code = owns.role and role.key_role
        join party firm on firm.id = owns.from_party and firm.unit_type = 'ENK' where owns.from_party = any(giver) and owns.basis = 'register'
      union select debtor.to_party from mandate debtor where debtor.from_party = any(giver) and debtor.basis = 'register' and debtor.role = 'kdeb')
    select reached.id from reached union select unit.id from reached join party unit on unit.parent = reached.id;
    end
  $$;

  -- Whether an event may go: of a consent or mandate that had ended by one of these instants, null
  -- for none of a kind, and of which its parties were notified thirty to sixty days before. Whoever
  -- asks, none of what ended less than a year ago by the database's own clock, or has no end.
  create function may_let_go(consent uuid, given uuid, happened timestamptz, of_consents timestamptz, of_mandates timestamptz) returns boolean language plpgsql stable as $$
    declare
      youngest constant timestamptz := now() - interval '365 days';
      notified constant tstzrange := tstzrange(now() - interval '60 days', now() - interval '30 days', '[]');
    begin
      of_consents := case when of_consents is not null then least(of_consents, youngest) end;
      of_mandates := case when of_mandates is not null then least(of_mandates, youngest) end;
      if consent is not null then return exists (select from consent_request ended where ended.id = consent and happened <= of_consents
        and least(ended.valid_to, ended.withdrawn_at, ended.rejected_at) <= of_consents and (coalesce(ended.approved_at, ended.rejected_at) is null or ended.erasing_told_at <@ notified));
      end if;
      return exists (select from mandate ended where ended.id = given and happened <= of_mandates
        and least(ended.valid_to, ended.ended_at) <= of_mandates and (ended.basis = 'register' or ended.erasing_told_at <@ notified));
    end
  $$;

  -- Lets these events go, as far as they may, with their places in the feeds; what stays is their
  -- leaves in the log, and on the thing when it was and after how many days. Answers with how many went.
  create function let_events_go(leaves jsonb, of_consents timestamptz, of_mandates timestamptz, consent_days int, mandate_days int) returns int language plpgsql
    security definer set search_path = public, pg_temp as $$
    declare
      gone int;
    begin
      perform set_config('tillit.lets_go', 'on', true);
      with named as materialized (select * from jsonb_to_recordset(leaves) as named(id uuid, leaf text)),
        over as materialized (
          select named.id, named.leaf from named join event on event.id = named.id
          where may_let_go(event.consent_id, event.mandate_id, event.at, of_consents, of_mandates)),
        placed as (delete from event_feed using over where event_feed.event_id = over.id and event_feed.position < (select max(newest.position) from event_feed newest)),
        lined as (delete from owner_feed using over where owner_feed.event_id = over.id and owner_feed.position < (select max(newest.position) from owner_feed newest)),
        let_go as (delete from event using over where event.id = over.id returning event.id, event.type, event.at, event.consent_id, event.mandate_id, over.leaf),
        bare as (delete from event_content using over where event_content.event_id = over.id),
        consents as (update consent_request ended set erased_at = coalesce(ended.erased_at, now()), erased_after = consent_days from (select distinct let_go.consent_id as id from let_go) as one where ended.id = one.id),
        mandates as (update mandate ended set erased_at = coalesce(ended.erased_at, now()), erased_after = mandate_days from (select distinct let_go.mandate_id as id from let_go) as one where ended.id = one.id),
        kept as (insert into event_let_go select let_go.id, let_go.type, let_go.at, let_go.leaf from let_go on conflict (id) do nothing)
        select count(*) from let_go into gone;
      perform set_config('tillit.lets_go', '', true);
      return gone;
    end
  $$;
  revoke execute on function let_events_go from public;
`);
