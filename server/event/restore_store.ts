// SQL of events that a restored database does not have: read from the archive, and put back as they
// were.
import { BRINGS_IN } from './store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

/** An event as a row: its columns by name, and its content. */
export interface EventRow {
  id: string;
  type: string;
  at: string;
  consent_id: string | null;
  mandate_id: string | null;
  request_id: string | null;
  from_party: string;
  to_party: string;
  handled_by: string | null;
  by_party: string | null;
}

const LOT = 5_000;
const since: Statement = {
  name: 'events_since',
  text: `select to_jsonb(event) as row, kept.content
    from event left join event_content kept on kept.event_id = event.id where event.id > $1 order by event.id limit ${LOT}`,
};
const known: Statement = {
  name: 'known_events',
  text: 'select event.id from event where event.id = any($1::uuid[])',
};

/**
 * Events of the archive after an id that the database does not have, in lots; new ones have places
 * after those.
 */
export async function* eventsLost(db: Db, archive: Db, after: string): AsyncGenerator<EventRow[]> {
  await goBeyondPlaces(db, archive);
  for (let last: string | undefined = after; last; ) {
    const read: { row: EventRow; content: object | null }[] = await query(archive, since, [last]);
    const rows = read.map(({ row, content }) => ({ ...row, content }));
    const ids = new Set(
      (await query<{ id: string }>(db, known, [rows.map(({ id }) => id)])).map(({ id }) => id),
    );
    yield rows.filter(({ id }) => !ids.has(id));
    last = rows.length === LOT ? rows.at(-1)!.id : undefined;
  }
}

const lastPlace: Statement = {
  name: 'last_event_place',
  text: 'select event_pos.last_value::text as pos from event_pos',
};
const placesAfter: Statement = {
  name: 'event_places_after',
  text: `select setval('event_pos', greatest(nextval('event_pos'), $1::bigint + 1))`,
};
/**
 * New events get places beyond those of the archive: a receiver of signals leaves out what is of a
 * lower place than what it has.
 */
async function goBeyondPlaces(db: Db, archive: Db): Promise<void> {
  const { pos } = (await queryOne<{ pos: string }>(archive, lastPlace))!;
  await query(db, placesAfter, [pos]);
}

const newest: Statement = {
  name: 'newest_event',
  text: 'select event.id from event where event.id < $1 order by event.id desc limit 1',
};
/** The last event before an id; undefined where there is none. */
export const lastEventBefore = async (db: Db, id: string): Promise<string | undefined> =>
  (await queryOne<{ id: string }>(db, newest, [id]))?.id;

/** Whether the event is there. */
export const hasEvent = async (db: Db, id: string): Promise<boolean> =>
  (await query(db, known, [[id]])).length > 0;

const put: Statement = {
  name: 'put_event_rows',
  text: `with kept as (
      insert into event_content (event_id, content) select (one ->> 'id')::uuid, one -> 'content' from json_array_elements($1::json) as one
      where json_typeof(one -> 'content') = 'object')
    insert into event select one.* from json_populate_recordset(null::event, $1::json) as one cross join ${BRINGS_IN}`,
};

/** Puts events back as they were, with what they were about as it stood then. */
export const putEventsBack = (db: Db, rows: EventRow[]) => query(db, put, [JSON.stringify(rows)]);
