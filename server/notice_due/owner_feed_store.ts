// SQL of the feed for owners of resources: what happened to mandates and consents that are about
// theirs, in an order of its own. It knows no caller.
import { query, type Db, type Statement } from '../platform/db/db.ts';

/** The events that concern the owner of a resource: that somebody may, or no longer. */
const OF_CONSENTS = `('approved', 'withdrawn', 'suspended', 'resumed')`;
const OF_MANDATES = `('given', 'changed', 'ended', 'renounced', 'suspended', 'resumed')`;

/**
 * As parts of a statement that has `happened`, events: each its place with every owner whom it
 * concerns.
 */
export const ownersPlaces = `owners as (
      select event.id, resource.owner from happened event
        join consent_right held on held.consent_id = event.consent_id join resource on resource.id = held.resource_id where event.type in ${OF_CONSENTS}
      union select event.id, resource.owner from happened event
        join mandate on mandate.id = event.mandate_id join resource on resource.id = mandate.resource_id where event.type in ${OF_MANDATES}),
    told as (
      insert into owner_feed (position, owner, event_id)
      select coalesce((select feed.position from owner_feed feed order by feed.position desc limit 1), 0) + row_number() over (order by owners.id, owners.owner),
        owners.owner, owners.id from owners)`;

const read: Statement = {
  name: 'owner_feed',
  text: `select feed.position::text, event.id, event.at, event.type, event.consent_id as consent, event.mandate_id as mandate, event.from_party as "from",
      event.to_party as "to", coalesce(event.detail ->> 'reason', case when event.detail ? 'because' then 'upstream_ended' end) as reason, coalesce(request.valid_to, mandate.valid_to) as "validTo",
      case when mandate.resource_id is not null then jsonb_build_array(jsonb_build_object('id', mandate.resource_id, 'actions', mandate.actions, 'instance', mandate.instance))
        else (select coalesce(jsonb_agg(jsonb_build_object('id', held.resource_id, 'actions', held.actions, 'instance', null) order by held.ordinal), '[]')
          from consent_right held join resource on resource.id = held.resource_id and resource.owner = $1 where held.consent_id = event.consent_id) end as resources
    from (select place.* from owner_feed place where place.owner = $1 and place.position > $2 order by place.position limit $3) as feed
    join event on event.id = feed.event_id
    left join consent_request request on request.id = event.consent_id left join mandate on mandate.id = event.mandate_id
    order by feed.position`,
};

export interface OwnerFeedRow {
  position: string;
  id: string;
  at: Date;
  type: string;
  consent: string | null;
  mandate: string | null;
  from: string;
  to: string;
  /** Why it fell, when nobody ended it. */
  reason: string | null;
  validTo: Date | null;
  /** The owner's own alone. */
  resources: { id: string; actions: string[]; instance: string | null }[];
}

/** Events that concern an owner's resources after a place, in order. */
export const readOwnerFeed = (db: Db, owner: string, after: string, limit: number) =>
  query<OwnerFeedRow>(db, read, [owner, after, limit]);
