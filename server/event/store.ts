// SQL of events: append, and the feed in id order. Ids are UUIDv7 made in the act, so order is time.
import { query, type Db, type Statement } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { EventType } from './model.ts';

const append: Statement = {
  name: 'append_event',
  text: `insert into event (id, type, at, consent_id, from_party, to_party, handled_by, by_party, by_role, detail)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
};

export interface NewEvent {
  type: Exclude<EventType, 'expired'>;
  consentId: string;
  fromParty: string;
  toParty: string;
  handledBy: string | null;
  byParty?: string | null;
  byRole?: string | null;
  detail?: unknown;
}

/** Appends an event; call it with the transaction of the act it proves. */
export async function appendEvent(db: Db, event: NewEvent, now: Date): Promise<void> {
  await query(db, append, [uuidv7(now), event.type, now, event.consentId, event.fromParty, event.toParty,
    event.handledBy, event.byParty ?? null, event.byRole ?? null, event.detail ? JSON.stringify(event.detail) : null]);
}

// One branch for each index: receiver and operator, stored and derived. Each is limited before they are merged.
const stored = (column: string) => `(select event.id, event.consent_id, event.type, event.at from event
  where event.${column} = $1 and event.id > $2 and event.id < $3 and event.type = any($4)
    and ($5::timestamptz is null or event.at >= $5) and ($6::timestamptz is null or event.at < $6)
    and ($7::uuid is null or event.consent_id = $7)
  order by event.id limit $8)`;
const derived = (column: string) => `(select request.expiry_event_id, request.id, 'expired', request.valid_to
  from consent_request request
  where request.${column} = $1 and request.expiry_event_id > $2 and request.expiry_event_id < $3 and 'expired' = any($4)
    and coalesce(request.rejected_at, request.withdrawn_at, request.valid_to) >= request.valid_to
    and ($5::timestamptz is null or request.valid_to >= $5) and ($6::timestamptz is null or request.valid_to < $6)
    and ($7::uuid is null or request.id = $7)
  order by request.expiry_event_id limit $8)`;

const feed: Statement = {
  name: 'event_feed',
  text: `select merged.id, merged.consent_id as "consentId", merged.type, merged.at from (
      ${stored('to_party')} union ${stored('handled_by')} union ${derived('to_party')} union ${derived('handled_by')}
    ) as merged(id, consent_id, type, at) order by merged.id limit $8`,
};

export interface FeedQuery {
  /** The organisation that is receiver or operator. */
  party: string;
  /** Events strictly after this id, and older than that one. */
  after: string;
  before: string;
  types: EventType[];
  createdAfter: Date | null;
  createdBefore: Date | null;
  consentId: string | null;
  limit: number;
}

export interface FeedRow { id: string; consentId: string; type: EventType; at: Date }

export function readFeed(db: Db, wanted: FeedQuery): Promise<FeedRow[]> {
  return query<FeedRow>(db, feed, [wanted.party, wanted.after, wanted.before, wanted.types, wanted.createdAfter,
    wanted.createdBefore, wanted.consentId, wanted.limit]);
}
