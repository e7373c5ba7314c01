// SQL of the feed for owners of resources: whom their services are open to, as it changes, in an
// order of its own. A line is of an event, or of a change of the facts that decisions rest on,
// which triggers note whoever writes it (migrations/13_notice_due.ts). It knows no caller.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import { DEBTOR, RESPONSIBILITY } from '../resource/catalogue/model.ts';

/** The events that concern the owner of a resource: that somebody may, or no longer. */
const OF_CONSENTS = `('approved', 'withdrawn', 'suspended', 'resumed')`;
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
      select event.id, event.at, event.type, 'consent' as cause, null::uuid as mandate, resource.owner, array_agg(distinct resource.id) as resources,
        array[event.from_party, event.to_party] as parties
      from happened event join consent_right held on held.consent_id = event.consent_id join resource on resource.id = held.resource_id
      where event.type in ${OF_CONSENTS} group by event.id, event.at, event.type, event.from_party, event.to_party, resource.owner
      union all
      select event.id, event.at, event.type, 'mandate', mandate.id, resource.owner, array_agg(distinct resource.id),
        array(select counted_by(array[mandate.from_party]) union select mandate.to_party)
      from happened event join mandate on mandate.id = event.mandate_id and mandate.basis <> 'register'
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

// One at a time, beside the other feed, which waits for none of this.
const lock: Statement = {
  name: 'lock_owners_feed',
  text: 'select pg_advisory_xact_lock(727279)',
};
export const lockOwnersFeed = (db: Db) => query(db, lock);

const grain = 'mandate.role, mandate.package, mandate.resource_id';
const mandates = `from mandate where mandate.basis <> 'consent'`;
const led = (firms: string) =>
  `select ${grain} ${mandates} and mandate.to_party in (select unit.id from party unit where unit.id = any(${firms}) or unit.parent = any(${firms}))`;
// The change of a mandate bears on its own services, on those of the companies that it lets
// somebody lead, and of the sole proprietorship or the estate that it ties to somebody.
const ofMandate = `select changed.role, changed.package, changed.resource_id
  union ${led('array[changed.from_party]')} and exists (select from role where role.code = changed.role and role.key_role)
  union select ${grain} ${mandates} and mandate.from_party = changed.from_party
    and (changed.role = '${DEBTOR}' or (exists (select from party firm where firm.id = changed.from_party and firm.unit_type = 'ENK')
      and exists (select from role where role.code = changed.role and role.key_role)))`;
// Somebody who gives in another's stead holds something of that one's.
const heldOf = (party: string) =>
  `select got.from_party from mandate got where got.to_party = ${party} and got.basis <> 'consent'`;
const ownFirms = (party: string) =>
  `array(select owns.from_party from mandate owns join role on role.code = owns.role and role.key_role where owns.to_party = ${party} and owns.basis = 'register')`;
const ofParty = `select ${grain} ${mandates} and mandate.from_party in (select change.party union select unnest(change.parents)
      union select unnest(${ownFirms('change.party')})
      union select debtor.from_party from mandate debtor where debtor.to_party = change.party and debtor.basis = 'register' and debtor.role = '${DEBTOR}')
  union ${led('array[change.party]')}
  union ${led(ownFirms('change.party'))}
  union select ${grain} ${mandates} and mandate.given_by = change.party and mandate.from_party in (${heldOf('change.party')})`;

// One look into the index each, whatever the planner thinks of how many there are.
const mandateOf =
  'select one.* from mandate one where one.id = change.mandate_id offset 0) as changed';

const expand: Statement = {
  name: 'place_owners_changes',
  // Many at once, as of an import, are one line: to be asked about anew is everything.
  text: `with taken as (delete from owner_change returning owner_change.*),
    lot as materialized (select count(*) > $1 as is_all, max(taken.due_at) as at from taken),
    few as materialized (select taken.* from taken, lot where not lot.is_all),
    alive as materialized (select change.*, changed.from_party, changed.to_party, changed.role from few change cross join lateral (${mandateOf}
      where change.cause <> 'time' or change.due_at in (changed.valid_from, changed.valid_to, changed.ended_at, changed.suspended_at, changed.estate_at)),
    service as (
      select change.id, opened.id as resource from alive change cross join lateral (${mandateOf}
        cross join lateral (${ofMandate}) as bearing(role, package, resource) cross join lateral services_of(bearing.role, bearing.package, bearing.resource) as opened(id)
      union
      select change.id, opened.id from few change cross join lateral (${ofParty}) as bearing(role, package, resource)
        cross join lateral services_of(bearing.role, bearing.package, bearing.resource) as opened(id)
        where change.party is not null and change.resource_id is null and change.list_id is null
      union
      select change.id, rule.resource_id from few change join party on party.id = change.party
        join policy_rule rule on (rule.subject_kind, rule.subject) in (('party', party.id::text), ('organization', party.organization_no), ('username', party.username))
        where change.resource_id is null and change.list_id is null
      union
      select change.id, rule.resource_id from few change join policy_rule rule on rule.subject_kind = 'access_list' and rule.subject = change.list_id
      union
      select change.id, opens.resource_id from few change join access_list_resource opens on opens.list_id = change.list_id
      union
      select change.id, change.resource_id from few change where change.resource_id is not null
      union
      select change.id, rule.resource_id from few change join policy_rule rule on rule.subject_kind in ('role', 'package', 'key_role')
        where change.mandate_id is null and change.party is null and change.resource_id is null),
    around as (
      select change.id, array(select counted_by(array[change.from_party]) union select change.to_party
        union select counted_by(array[change.to_party]) where change.role = '${DEBTOR}') as parties from alive change
      union all
      select change.id, array(select change.party union select counted_by(array[change.party])
        union select leads.to_party from mandate leads join role on role.code = leads.role and role.key_role
          where leads.basis = 'register' and leads.from_party in (select change.party union select unnest(change.parents))
        union select given.from_party from mandate given where given.given_by = change.party and given.basis <> 'consent' and given.from_party in (${heldOf('change.party')})
        union select got.from_party from mandate got where got.to_party = change.party and got.basis <> 'consent' and exists (select from mandate passed where passed.through = got.id))
      from few change where change.party is not null and change.resource_id is null and change.list_id is null
      union all
      select change.id, array[change.party] from few change where change.party is not null and (change.resource_id is not null or change.list_id is not null)),
    lines as (
      select few.id as n, few.due_at as at, case when few.cause = 'time' and alive.role = '${RESPONSIBILITY}' then 'age' else few.cause end as cause,
        few.mandate_id, case when few.mandate_id is null then few.party end as party, resource.owner, array_agg(distinct resource.id) as resources, coalesce(around.parties, '{}') as parties
      from few join service on service.id = few.id join resource on resource.id = service.resource left join alive on alive.id = few.id left join around on around.id = few.id
      group by few.id, few.due_at, few.cause, few.mandate_id, few.party, alive.role, resource.owner, around.parties
      union all
      select 0, lot.at, 'service', null, null, resource.owner, array_agg(resource.id), '{}' from lot, resource where lot.is_all and resource.ended_at is null group by lot.at, resource.owner),
    placed_with_owners as (
      ${line}
      select ${lastPosition} + row_number() over (order by lines.n, lines.owner), lines.owner, gen_random_uuid(), lines.at, 'changed', lines.cause,
        null, lines.mandate_id, lines.party, lines.resources, lines.parties from lines)
    select count(*)::int as count from taken`,
};

/** Gives changes their lines; call it in a transaction that holds `lockOwnersFeed`. */
export const placeChanges = (db: Db, most: number): Promise<{ count: number } | undefined> =>
  queryOne<{ count: number }>(db, expand, [most]);

const read: Statement = {
  name: 'owner_feed',
  text: `select feed.position::text, feed.id, feed.at, feed.type, feed.cause, event.consent_id as consent, feed.mandate_id as mandate, feed.party,
      coalesce(event.from_party, mandate.from_party) as "from", coalesce(event.to_party, mandate.to_party) as "to", feed.parties,
      coalesce(event.detail ->> 'reason', case when event.detail ? 'because' then 'upstream_ended' end) as reason, coalesce(request.valid_to, mandate.valid_to) as "validTo",
      (select coalesce(jsonb_agg(jsonb_build_object('id', opened.id, 'actions', case when mandate.resource_id = opened.id then mandate.actions else held.actions end,
          'instance', case when mandate.resource_id = opened.id then mandate.instance end) order by coalesce(held.ordinal, opened.place)), '[]')
        from unnest(feed.resources) with ordinality as opened(id, place)
        left join consent_right held on held.consent_id = event.consent_id and held.resource_id = opened.id) as resources
    from (select place.* from owner_feed place where place.owner = $1 and place.position > $2 order by place.position limit $3) as feed
    left join event on event.id = feed.event_id
    left join consent_request request on request.id = event.consent_id left join mandate on mandate.id = feed.mandate_id
    order by feed.position`,
};

export interface OwnerFeedRow {
  position: string;
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
