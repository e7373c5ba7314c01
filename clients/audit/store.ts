// SQL of the audit: the log's leaves with their events, in order, and events that the log lacks.
// It only reads.
import type { Rows } from './rows.ts';
import type { AuditedEvent } from '../log/leaf.ts';

export interface AuditedLeaf {
  position: number;
  /** Null for the leaf that a log begins with. */
  eventId: string | null;
  event: AuditedEvent | null;
  /** The bytes of the leaf of an event that was let go; null where none was. */
  letGo: string | null;
  /** The hash in the stored tree, in hexadecimal; null where there is none. */
  stored: string | null;
}

const LOT = 5_000;
/** The columns that an event's leaf is made of, by name; `seed` makes the salts. */
export const COLUMNS = [
  ...['id', 'type', 'at', 'seed', 'consent_id', 'mandate_id', 'request_id'],
  ...['from_party', 'to_party', 'handled_by', 'by_party', 'by_role', 'detail'],
]
  .map((column) => `event.${column}`)
  .concat('event_content.content');

const EVENT = `json_build_object('id', event.id, 'kind', event.type,
    'at', to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || case when event.at < '0001-01-01Z' then ' BC' else '' end,
    'seed', encode(event.seed, 'hex'), 'consent', event.consent_id, 'mandate', event.mandate_id, 'request', event.request_id, 'from', event.from_party, 'to', event.to_party,
    'handledBy', event.handled_by, 'by', event.by_party, 'role', event.by_role, 'detail', event.detail::text, 'content', kept.content)`;
const LEAVES = `select leaf.position, leaf.event_id as "eventId", gone.leaf as "letGo",
    encode(substr(tile.hashes, (leaf.position % 256)::int * 32 + 1, 32), 'hex') as stored,
    case when event.id is not null then ${EVENT} end as event
  from log_leaf leaf left join event on event.id = leaf.event_id left join event_content kept on kept.event_id = event.id left join event_let_go gone on gone.id = leaf.event_id
    left join log_tile tile on tile.log = leaf.log and tile.level = 0 and tile.tile = leaf.position / 256
  where leaf.log = $1 and leaf.position > $2 and leaf.position < $3 order by leaf.position limit ${LOT}`;

/**
 * One instant for all of it, nothing written, and nothing hidden by what a role or a table has been
 * given.
 */
export const beginReading = (db: Rows) =>
  db.run(`begin isolation level repeatable read read only; set local row_security = off;
    set local search_path = public; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`);

/** The leaves of a log below a size, in their order. */
export async function* leavesOf(db: Rows, log: number, size: number): AsyncGenerator<AuditedLeaf> {
  for (let last = -1; ; ) {
    const { rows } = await db.query(LEAVES, [log, last, size]);
    for (const row of rows) yield { ...row, position: Number(row.position) };
    if (rows.length < LOT) return;
    last = Number(rows.at(-1).position);
  }
}

/** The leaf that a log begins with; null for the first log, undefined where there is none such. */
export async function beginningOf(db: Rows, log: number): Promise<string | null | undefined> {
  const { rows } = await db.query('select beginning from log where number = $1', [log]);
  return rows[0]?.beginning;
}

/** Events whose place is after a checkpoint, which says nothing of them. */
export async function placedAfter(
  db: Rows,
  { origin, size }: { origin: string; size: number },
): Promise<Set<string>> {
  const { rows } = await db.query(
    'select leaf.event_id as id from log_leaf leaf where leaf.event_id is not null and (leaf.log > $1 or (leaf.log = $1 and leaf.position >= $2))',
    [Number(/\/log\/(\d{1,4})$/.exec(origin)?.[1] ?? 0), size],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Events that got no place, as no node is known to have made them. */
export const refusedEvents = async (db: Rows): Promise<Set<string>> => {
  const { rows } = await db.query('select event_id as id from log_refused');
  return new Set(rows.map(({ id }) => id));
};

/** Ids of all events, in their order. */
export async function* eventsOf(db: Rows): AsyncGenerator<string> {
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await db.query(
      `select event.id from event where event.id > $1 order by event.id limit ${10 * LOT}`,
      [last],
    );
    for (const { id } of rows) yield id;
    if (rows.length < 10 * LOT) return;
    last = rows.at(-1).id;
  }
}
