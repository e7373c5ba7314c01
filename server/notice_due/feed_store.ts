// SQL of the order of events: whether some have no place yet, and giving places, to the feed of
// those who ask for consents and to the feeds of owners. It knows no reader.
import type { Act } from '../platform/act.ts';
import { intoFeed, logged, takenEvents, takePending } from '../event/feed_store.ts';
import type { LoggedEvent } from '../event/payload_model.ts';
import { queryOne, type Statement } from '../platform/db/db.ts';
import { isOwnersFeedBehind, ownersPlaces } from './owner_feed_store.ts';

// The first of an index, since a plan that serves every instant would read the whole table.
const eventsWait = `exists (select from event_pending)
      or coalesce((select min(due.valid_to) from consent_request due where not due.expiry_noted) <= $1, false)`;
const isBehind: Statement = {
  name: 'feed_is_behind',
  text: `select ${eventsWait} as behind`,
};
const isAnyBehind: Statement = {
  name: 'any_feed_is_behind',
  text: `select ${eventsWait} or ${isOwnersFeedBehind('$1')} as behind`,
};

const asked = async (act: Act, which: Statement): Promise<boolean> =>
  (await queryOne<{ behind: boolean }>(act.db, which, [act.now]))!.behind;
export const isFeedBehind = (act: Act): Promise<boolean> => asked(act, isBehind);
/** The same, or a change waits for its lines in owners' feeds. */
export const isAnyFeedBehind = (act: Act): Promise<boolean> => asked(act, isAnyBehind);

// A date is when it happened, but never before an earlier place's and never in the database's
// future: nodes' clocks differ. A microsecond apart, so that each date is one event's.
const place: Statement = {
  name: 'place_events',
  text: `with taken as (
      ${takePending('$1')}),
    last as (select coalesce((select feed.position from event_feed feed order by feed.position desc limit 1), 0) as position,
      coalesce((select feed.changed_at from event_feed feed order by feed.position desc limit 1), '-infinity') as at),
    happened as materialized (${takenEvents}),
    numbered as (select happened.*, row_number() over (order by happened.id) as n, max(least(happened.at, clock_timestamp())) over (order by happened.id) as until
      from happened where happened.consent_id is not null),
    ${ownersPlaces('$2', '$1')},
    placed as (
      ${intoFeed}
      select last.position + numbered.n, numbered.id, greatest(last.at, numbered.until) + numbered.n * interval '1 microsecond',
        numbered.type, numbered.consent_id, numbered.to_party, numbered.handled_by
      from numbered, last returning position)
    select (select count(*)::int from taken) as count, (select count(*)::int from due) as changes, ${logged} as events`,
};

interface Placed {
  count: number;
  /** Changes that have come on the way to owners' feeds. */
  changes: number;
  /** The events that were placed, in the order of the log. */
  events: LoggedEvent[];
}

/** Gives so many their places; call it in a transaction that holds `lockFeed`. */
export const placeSome = async (act: Act, most: number): Promise<Placed> =>
  (await queryOne<Placed>(act.db, place, [most, act.now]))!;

const oldest: Statement = {
  name: 'feed_behind',
  text: `select coalesce(extract(epoch from clock_timestamp() - min(event.at)), 0)::float8 as seconds
    from event_pending waiting join event on event.id = waiting.event_id`,
};
/** Seconds since the oldest event without a place happened; 0 where all have one. */
export const feedBehind = async (act: Act): Promise<number> =>
  Math.max(0, (await queryOne<{ seconds: number }>(act.db, oldest))!.seconds);
