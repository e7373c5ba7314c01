// SQL of the feed: what is committed gets its place, one writer at a time, and is read by place.
import { type Act, inTransaction } from '../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { EventType } from './model.ts';
import { ownersPlaces } from './owner_feed_store.ts';

const AT_ONCE = 10_000;

// The first of an index, since a plan that serves every instant would read the whole table.
const isBehind: Statement = {
  name: 'feed_is_behind',
  text: `select exists (select from event_pending)
      or coalesce((select min(due.valid_to) from consent_request due where not due.expiry_noted) <= $1, false) as behind`,
};

// One node at a time, until its transaction has committed: the next one sees what it placed.
const lock: Statement = { name: 'lock_feed', text: 'select pg_advisory_xact_lock(727276)' };

// A row that an answer holds this moment has its turn the next time.
const expire: Statement = {
  name: 'note_expiries',
  text: `with passed as (
      update consent_request request set expiry_noted = true where request.id = any(array(
        select due.id from consent_request due where not due.expiry_noted and due.valid_to <= $1
        order by due.valid_to limit $2 for update skip locked))
      returning request.*),
    noted as (insert into event (id, type, at, consent_id, from_party, to_party, handled_by)
    select passed.expiry_event_id, 'expired', passed.valid_to, passed.id, passed.from_party, passed.to_party, passed.handled_by
    from passed where coalesce(passed.rejected_at, passed.withdrawn_at, passed.valid_to) >= passed.valid_to
    on conflict (id) do nothing)
    select count(*)::int as count from passed`,
};

// A date is when it happened, but never before an earlier place's and never in the database's
// future: nodes' clocks differ. A microsecond apart, so that each date is one event's.
const place: Statement = {
  name: 'place_events',
  text: `with taken as (
      delete from event_pending where ctid in (select waiting.ctid from event_pending waiting limit $1) returning event_id),
    last as (select coalesce((select feed.position from event_feed feed order by feed.position desc limit 1), 0) as position,
      coalesce((select feed.changed_at from event_feed feed order by feed.position desc limit 1), '-infinity') as at),
    happened as materialized (select event.* from taken join event on event.id = taken.event_id),
    numbered as (select happened.*, row_number() over (order by happened.id) as n, max(least(happened.at, clock_timestamp())) over (order by happened.id) as until
      from happened where happened.consent_id is not null),
    ${ownersPlaces},
    placed as (
      insert into event_feed (position, event_id, changed_at, type, consent_id, to_party, handled_by)
      select last.position + numbered.n, numbered.id, greatest(last.at, numbered.until) + numbered.n * interval '1 microsecond',
        numbered.type, numbered.consent_id, numbered.to_party, numbered.handled_by
      from numbered, last returning position)
    select (select count(*)::int from taken) as count, coalesce(max(extract(epoch from clock_timestamp() - numbered.at)), 0)::float8 as behind from numbered`,
};

export interface Placed {
  count: number;
  /** Seconds since the oldest of them happened. */
  behind: number;
}

/** Gives everything that is committed its place; answers with how far behind the feed was. */
export async function placeEvents(act: Act): Promise<Placed> {
  const all: Placed = { count: 0, behind: 0 };
  let more = (await queryOne<{ behind: boolean }>(act.db, isBehind, [act.now]))!.behind;
  while (more) {
    const { passed, count, behind } = await inTransaction(act, async (inner) => {
      await query(inner.db, lock);
      const passed = (await queryOne<{ count: number }>(inner.db, expire, [act.now, AT_ONCE]))!
        .count;
      return { passed, ...(await queryOne<Placed>(inner.db, place, [AT_ONCE]))! };
    });
    all.count += count;
    all.behind = Math.max(all.behind, behind);
    // Events that came meanwhile, or that others hold, get their place later.
    more = count === AT_ONCE || passed === AT_ONCE;
  }
  return all;
}

const branch = (column: string) => `(select feed.* from event_feed feed
  where feed.${column} = $1 and feed.position > $2 and feed.type = any($3)
    and ($4::timestamptz is null or feed.changed_at >= $4) and ($5::timestamptz is null or feed.changed_at < $5)
    and ($6::uuid is null or feed.consent_id = $6) and ($7::timestamptz is null or feed.changed_at <= $7)
  order by feed.position limit $8)`;

const read: Statement = {
  name: 'event_feed',
  text: `select merged.position::text, merged.event_id as id, merged.consent_id as "consentId", merged.type,
      to_char(merged.changed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') as "changedAt"
    from (${branch('to_party')} union ${branch('handled_by')}) as merged order by merged.position limit $8`,
};

export interface FeedQuery {
  /** The organisation that is receiver or operator. */
  party: string;
  /** Events after this place. */
  after: string;
  types: EventType[];
  /** RFC 3339, as exact as it was said. */
  createdAfter: string | null;
  createdBefore: string | null;
  consentId: string | null;
  /** Nothing younger; null for everything. */
  until: Date | null;
  limit: number;
}

export interface FeedRow {
  position: string;
  id: string;
  consentId: string;
  type: EventType;
  /** RFC 3339 with microseconds. */
  changedAt: string;
}

export function readFeed(db: Db, wanted: FeedQuery): Promise<FeedRow[]> {
  return query<FeedRow>(db, read, [
    wanted.party,
    wanted.after,
    wanted.types,
    wanted.createdAfter,
    wanted.createdBefore,
    wanted.consentId,
    wanted.until,
    wanted.limit,
  ]);
}

const placeOf: Statement = {
  name: 'place_of_event',
  text: `select feed.position::text from event_feed feed where feed.event_id <= $1 order by feed.event_id desc limit 1`,
};

/** The place of an event, or of the last one before it: where a reader of earlier days went on. */
export async function findPlace(db: Db, eventId: string): Promise<string> {
  return (await queryOne<{ position: string }>(db, placeOf, [eventId]))?.position ?? '0';
}
