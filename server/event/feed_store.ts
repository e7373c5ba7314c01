// SQL of the feed: what is committed gets its place, one writer at a time (notice_due/feed.ts), and
// is read by place.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';
import type { EventType } from './model.ts';

/** The place of the latest event of a thing, which its signals have too, in a statement. */
export const latestPlace = (ofThing: string): string =>
  `(select max(latest.pos)::float8 from (select event.pos from event where ${ofThing} order by event.id desc limit 10) as latest)`;

// One node at a time, until its transaction has committed: the next one sees what it placed.
const lock: Statement = { name: 'lock_feed', text: 'select pg_advisory_xact_lock(727276)' };

/** Nobody else gives events their places before the end of the transaction. */
export const lockFeed = (db: Db) => query(db, lock);

/** The part of a statement, `taken`, that takes so many of the events that have no place yet. */
export const takePending = (most: string, table = 'event_pending'): string =>
  `delete from ${table} where ctid in (select waiting.ctid from ${table} waiting limit ${most}) returning event_id`;

/** The events of `taken`, each once. */
export const takenEvents =
  'select event.*, content.content from (select distinct taken.event_id from taken) as taken join event on event.id = taken.event_id left join event_content content on content.event_id = event.id';

/** An instant as a leaf has it: RFC 3339 in UTC, with microseconds. */
export const microseconds = (at: string) =>
  `to_char(${at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || case when ${at} < '0001-01-01Z' then ' BC' else '' end`;

/** An event of a statement's `happened`, with its content, as the log and receipts take it. */
export const loggedEvent = `json_build_object('id', happened.id, 'kind', happened.type,
    'at', ${microseconds('happened.at')}, 'seed', encode(happened.seed, 'hex'), 'mac', encode(happened.mac, 'hex'),
    'consent', happened.consent_id, 'mandate', happened.mandate_id, 'request', happened.request_id, 'from', happened.from_party, 'to', happened.to_party,
    'handledBy', happened.handled_by, 'by', happened.by_party, 'role', happened.by_role, 'detail', happened.detail::text, 'content', happened.content)`;
/** All of them, in the order of their ids. */
export const logged = `(select coalesce(json_agg(${loggedEvent} order by happened.id), '[]') from happened)`;

/** Begins the part of a statement that gives events their places; the statement selects them. */
export const intoFeed =
  'insert into event_feed (position, event_id, changed_at, type, consent_id, to_party, handled_by)';

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
