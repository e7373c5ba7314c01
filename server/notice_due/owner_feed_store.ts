// SQL of the feed for owners of resources: whom their services are open to, as it changes, in an
// order of its own. A line is of an event, or of a change of the facts that decisions rest on,
// which triggers note whoever writes it (migrations/13_notice_due.ts). It knows no caller.
import { isProtected } from '../party/facts_store.ts';
import { wasHeld } from '../consent/basis/store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { DEBTOR, RESPONSIBILITY } from '../resource/catalogue/model.ts';

/** The events that concern the owner of a resource: that somebody may, or no longer. */
const OF_CONSENTS = `('approved', 'answered', 'withdrawn', 'suspended', 'resumed', 'withheld', 'released', 'changed')`;
/** The feed's word: a consent is suspended by what lies outside it too. */
const TYPE = `case event.type when 'withheld' then 'suspended' when 'released' then 'resumed' else event.type end`;
/** A source's word of what no token let be fetched, which is for the source. */
const isBeyond = `event.type = 'fetched' and event.detail ? 'beyond' and event.by_party = resource.owner and event.detail -> 'resources' ? resource.id`;
const OF_MANDATES = `('given', 'changed', 'ended', 'renounced', 'suspended', 'resumed')`;

const lastPosition =
  'coalesce((select feed.position from owner_feed feed order by feed.position desc limit 1), 0)';
const line =
  'insert into owner_feed (position, owner, id, at, type, cause, event_id, mandate_id, party, resources, parties)';

/**
 * As parts of a statement that has `happened`, events: each its line for every owner whom it
 * concerns; and the changes that are due at an instant, so many of them, but those of which
 * an event among these is.
 */
export const ownersPlaces = (now: string, most: string) => `owners as (
      select event.id, event.at, ${TYPE} as type, 'consent' as cause, null::uuid as mandate, resource.owner, array_agg(distinct resource.id) as resources,
        array[event.from_party, event.to_party] as parties
      from happened event join consent_right held on held.consent_id = event.consent_id and ${wasHeld('held', 'event.at')} join resource on resource.id = held.resource_id
      where (event.type in ${OF_CONSENTS} and (event.type <> 'withdrawn' or exists (select from consent_request given where given.id = event.consent_id and given.approved_at is not null)))
        or (${isBeyond}) group by event.id, event.at, event.type, event.from_party, event.to_party, resource.owner
      union all
      select event.id, event.at, event.type, 'mandate', mandate.id, resource.owner, array_agg(distinct resource.id),
        array(select counted_by(array[mandate.from_party]) union select mandate.to_party)
      from happened event join mandate on mandate.id = event.mandate_id and mandate.basis <> 'register' and mandate.accept_by is null
        cross join lateral services_of(null, mandate.package, mandate.resource_id) as opened(id) join resource on resource.id = opened.id
      where event.type in ${OF_MANDATES} group by event.id, event.at, event.type, mandate.id, resource.owner),
    placed_with_owners as (
      ${line}
      select ${lastPosition} + row_number() over (order by owners.id, owners.owner),
        owners.owner, owners.id, owners.at, owners.type, owners.cause, owners.id, owners.mandate, null, owners.resources, owners.parties from owners),
    due as (delete from access_change where access_change.id in (select change.id from access_change change
      where change.due_at <= due_by(${now}) order by change.due_at limit ${most}) returning access_change.*),
    waiting as (
      insert into owner_change select distinct on (due.cause, due.mandate_id, due.party, due.resource_id, due.list_id) due.* from due
      where not (due.cause = 'mandate' and exists (select from happened known where known.mandate_id = due.mandate_id and known.type in ${OF_MANDATES})))`;

/** Whether changes are due that have no line yet. */
export const isOwnersFeedBehind = (now: string) =>
  `(exists (select from owner_change) or coalesce((select min(change.due_at) from access_change change) <= due_by(${now}), false))`;

// One at a time: whoever gives lines their places, of events too, has it last.
const lock: Statement = {
  name: 'lock_owners_feed',
  text: 'select pg_advisory_xact_lock(727279)',
};
export const lockOwnersFeed = (db: Db) => query(db, lock);

// Secret sources are nobody's to hear of.
const open = (mandate: string) =>
  `(${mandate}.role is null or not exists (select from role join source on source.code = role.source where role.code = ${mandate}.role and source.visibility = 'secret'))`;
const isKey = (mandate: string) =>
  `exists (select from role where role.code = ${mandate}.role and role.key_role) and ${mandate}.basis = 'register'`;
/** Mandates that stand when a change is due, each with the parties to which it matters. */
const standing = (parties: string, where: string) =>
  `select mandate.role, mandate.package, mandate.resource_id, ${parties} from mandate
    where mandate.basis <> 'consent' and (mandate.ended_at is null or mandate.ended_at > change.due_at) and ${open('mandate')} and ${where}`;
const led = (firms: string) =>
  `mandate.to_party in (select unit.id from party unit where unit.id = any(${firms}) or unit.parent = any(${firms}))`;
const leadersOf = (firms: string) =>
  `array(select leads.to_party from mandate leads where leads.from_party in (${firms}) and ${isKey('leads')})`;
const counted = (party: string) => `array(select counted_by(array[${party}]))`;
// A mandate bears on its own services, on those of the companies that it lets somebody lead, and of
// the sole proprietorship or the estate that it ties to somebody.
const ofMandate = `select changed.role, changed.package, changed.resource_id, ${counted('changed.from_party')} || changed.to_party where ${open('changed')}
  union all ${standing('array[changed.to_party]', `${led('array[changed.from_party]')} and ${isKey('changed')}`)}
  union all ${standing('array[changed.to_party]', `mandate.from_party = changed.from_party and ${isKey('changed')} and exists (select from party firm where firm.id = changed.from_party and firm.unit_type = 'ENK')`)}
  union all ${standing(counted('changed.to_party'), `mandate.from_party = changed.from_party and changed.role = '${DEBTOR}'`)}`;
const ownFirms = `array(select owns.from_party from mandate owns where owns.to_party = change.party and ${isKey('owns')})`;
// The state of a party bears on all that it gave, got, or leads somebody to.
const itsLeaders = leadersOf('select change.party union select unnest(change.parents)');
const reachesOwner =
  'exists (select from role where role.code = mandate.role and role.reaches_owner)';
const ofParty = `${standing(
  // Owners of a sole proprietorship, which it may have been until now.
  `${counted('change.party')} || case when ${reachesOwner} then ${itsLeaders} else '{}' end`,
  `mandate.from_party in (select change.party union select unnest(change.parents)
      union select debtor.from_party from mandate debtor where debtor.to_party = change.party and debtor.basis = 'register' and debtor.role = '${DEBTOR}')`,
)}
  union all ${standing('array[change.party]', `mandate.from_party in (select unnest(${ownFirms}))`)}
  union all ${standing(
    `array[change.party] || ${itsLeaders}
      || case when exists (select from mandate passed where passed.through = mandate.id) then ${counted('mandate.from_party')} else '{}' end`,
    led('array[change.party]'),
  )}
  union all ${standing('array[change.party]', led(ownFirms))}`;
// One look into the index each, whatever the planner thinks of how many there are.
const mandateOf =
  'select one.* from mandate one where one.id = change.mandate_id offset 0) as changed';
const opensEach =
  'cross join lateral services_of(bearing.role, bearing.package, bearing.resource) as opened(id)';
const bearing = 'as bearing(role, package, resource, parties)';

const expand: Statement = {
  name: 'place_owners_changes',
  // Many at once, as of an import, are one line: to be asked about anew is everything. What is of
  // one service is its owner's alone.
  text: `with taken as (delete from owner_change returning owner_change.*),
    own as materialized (select taken.* from taken where taken.resource_id is not null or taken.list_id is not null),
    lot as materialized (select count(*) > $1 as is_all, max(taken.due_at) as at from taken where taken.resource_id is null and taken.list_id is null),
    few as materialized (select taken.* from taken, lot where not lot.is_all and taken.resource_id is null and taken.list_id is null),
    alive as materialized (select change.*, changed.role from few change cross join lateral (${mandateOf}
      where change.cause <> 'time' or change.due_at in (changed.valid_from, changed.valid_to, changed.ended_at, changed.suspended_at, changed.estate_at)),
    service as (
      select change.id, opened.id as resource, bearing.parties from alive change cross join lateral (${mandateOf}
        cross join lateral (${ofMandate}) ${bearing} ${opensEach}
      union all
      select change.id, opened.id, bearing.parties from few change cross join lateral (${ofParty}) ${bearing} ${opensEach} where change.party is not null
      union all
      select change.id, rule.resource_id, array[change.party] from few change join party on party.id = change.party
        join policy_rule rule on (rule.subject_kind, rule.subject) in (('party', party.id::text), ('organization', party.organization_no), ('username', party.username))
      union all
      select change.id, rule.resource_id, '{}' from few change join policy_rule rule on rule.subject_kind in ('role', 'package', 'key_role')
        where change.mandate_id is null and change.party is null),
    among as (select service.id, resource.owner, array_agg(distinct resource.id) as resources,
        array_agg(distinct near.id) filter (where near.id is not null) as parties
      from service join resource on resource.id = service.resource left join lateral unnest(service.parties) as near(id) on true
      group by service.id, resource.owner),
    named as (
      select change.id, change.resource_id as resource, change.party from own change where change.resource_id is not null
      union select change.id, rule.resource_id, change.party from own change join policy_rule rule on rule.subject_kind = 'access_list' and rule.subject = change.list_id
      union select change.id, opens.resource_id, change.party from own change join access_list_resource opens on opens.list_id = change.list_id),
    lines as (
      select few.id as n, few.due_at as at, case when few.cause = 'time' and alive.role = '${RESPONSIBILITY}' then 'age' else few.cause end as cause,
        few.mandate_id, case when few.party = any(among.parties) then few.party end as party, among.owner, among.resources, coalesce(among.parties, '{}') as parties
      from few join among on among.id = few.id left join alive on alive.id = few.id
      union all
      select min(named.id), max(own.due_at), 'service', null, null, resource.owner, array[resource.id],
        case when bool_or(named.party is null) or count(distinct named.party) > $1 then '{}' else array_agg(distinct named.party) end
      from named join own on own.id = named.id join resource on resource.id = named.resource group by resource.owner, resource.id
      union all
      select 0, lot.at, 'service', null, null, resource.owner, array_agg(resource.id), '{}' from lot, resource where lot.is_all and resource.ended_at is null group by lot.at, resource.owner),
    told as (
      ${line}
      select ${lastPosition} + row_number() over (order by lines.n, lines.owner, lines.resources), lines.owner, gen_random_uuid(), lines.at, 'changed', lines.cause,
        null, lines.mandate_id, lines.party, lines.resources, lines.parties from lines)
    select count(*)::int as count from taken`,
};

/** Gives changes their lines; call it in a transaction that holds `lockOwnersFeed`. */
export const placeChanges = (db: Db, most: number): Promise<{ count: number } | undefined> =>
  queryOne<{ count: number }>(db, expand, [most]);

const read: Statement = {
  name: 'owner_feed',
  text: `select feed.position::text, event.pos::int8::float8 as pos, feed.id, feed.at, feed.type, feed.cause, event.consent_id as consent, feed.mandate_id as mandate, feed.party,
      coalesce(event.from_party, mandate.from_party) as "from", coalesce(event.to_party, mandate.to_party) as "to", feed.parties,
      exists (select from party giver where giver.id = event.from_party and giver.kind = 'person') as "fromPerson",
      coalesce(event.detail ->> 'reason', case when event.detail ? 'because' then 'upstream_ended' end) as reason, coalesce(request.valid_to, mandate.valid_to) as "validTo",
      (select coalesce(jsonb_agg(jsonb_build_object('id', opened.id, 'actions', case when mandate.resource_id = opened.id then mandate.actions
            when event.consent_id is not null then coalesce(held.actions, '{}') end,
          'instance', case when mandate.resource_id = opened.id then mandate.instance end) order by coalesce(held.ordinal, opened.place)), '[]')
        from unnest(feed.resources) with ordinality as opened(id, place)
        cross join lateral (select min(asked.ordinal) as ordinal, array_agg(distinct done.action) as actions
          from consent_right asked cross join lateral unnest(asked.actions) as done(action)
          where asked.consent_id = event.consent_id and asked.resource_id = opened.id and asked.chosen
            and (asked.dropped_at is null or asked.dropped_at > event.at or (asked.dropped_at = event.at and event.type <> 'changed'))) as held) as resources
    from (select place.* from owner_feed place where place.owner = $1 and place.position > $2
        and not (place.type = 'answered' and exists (select from event said where said.id = place.event_id and ${isProtected('said.from_party')}))
      order by place.position limit $3) as feed
    left join event on event.id = feed.event_id
    left join consent_request request on request.id = event.consent_id left join mandate on mandate.id = feed.mandate_id
    order by feed.position`,
};

export interface OwnerFeedRow {
  position: string;
  /** The place of its event, which signals have too; null where no event is meant. */
  pos: number | null;
  id: string;
  at: Date;
  type: string;
  cause: string;
  consent: string | null;
  mandate: string | null;
  /** The party whose state has changed, where no mandate has. */
  party: string | null;
  from: string | null;
  to: string | null;
  /** Whether the giver is a person. */
  fromPerson: boolean;
  /** The parties to ask about anew; none stands for everybody. */
  parties: string[];
  /** Why it fell, when nobody ended it. */
  reason: string | null;
  validTo: Date | null;
  /** The owner's own alone; without actions where a rule opens the service. */
  resources: { id: string; actions: string[] | null; instance: string | null }[];
}

/** Lines for an owner after a place, in order. */
export const readOwnerFeed = (db: Db, owner: string, after: string, limit: number) =>
  query<OwnerFeedRow>(db, read, [owner, after, limit]);
