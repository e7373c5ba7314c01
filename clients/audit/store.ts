// SQL of the audit: the log's leaves with their events, in order, and events that the log lacks.
// It only reads.
import type { Client } from 'pg';
import type { AuditedEvent } from '../log/leaf.ts';

export interface AuditedLeaf {
  position: number;
  /** Null for the leaf that a log begins with. */
  eventId: string | null;
  event: AuditedEvent | null;
  /** Whether the operator's rule let the event go. */
  isLetGo: boolean;
  /** The hash in the stored tree, in hexadecimal; null where there is none. */
  stored: string | null;
}

const LOT = 5_000;
/** The columns that an event's leaf is made of, by name; `seed` makes the salts. */
export const COLUMNS = [
  ...['id', 'type', 'at', 'seed', 'consent_id', 'mandate_id', 'request_id'],
  ...['from_party', 'to_party', 'handled_by', 'by_party', 'by_role', 'detail'],
].map((column) => `event.${column}`);

const LEAVES = `select leaf.position::int8 as position, leaf.event_id as "eventId", gone.id is not null as "isLetGo",
    encode(substr(tile.hashes, (leaf.position % 256)::int * 32 + 1, 32), 'hex') as stored,
    case when event.id is not null then jsonb_build_object('id', event.id, 'kind', event.type, 'at', to_char(event.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'seed', encode(event.seed, 'hex'), 'consent', event.consent_id, 'mandate', event.mandate_id, 'request', event.request_id, 'from', event.from_party, 'to', event.to_party,
      'handledBy', event.handled_by, 'by', event.by_party, 'role', event.by_role, 'detail', event.detail) end as event
  from log_leaf leaf left join event on event.id = leaf.event_id left join event_let_go gone on gone.id = leaf.event_id
    left join log_tile tile on tile.log = leaf.log and tile.level = 0 and tile.tile = leaf.position / 256
  where leaf.log = $1 and leaf.position >= $2 order by leaf.position limit ${LOT}`;

/** The leaves of a log, from the first on. */
export async function* leavesOf(client: Client, log: number): AsyncGenerator<AuditedLeaf> {
  for (let from = 0; ; ) {
    const { rows } = await client.query(LEAVES, [log, from]);
    for (const row of rows) yield { ...row, position: Number(row.position) };
    if (rows.length < LOT) return;
    from = Number(rows.at(-1).position) + 1;
  }
}

/** The leaf that a log begins with; null for the first log, undefined where there is no such log. */
export async function beginningOf(client: Client, log: number): Promise<string | null | undefined> {
  const { rows } = await client.query('select beginning from log where number = $1', [log]);
  return rows[0]?.beginning;
}

/** Events that have no place in any log and wait for none. */
export async function unplaced(client: Client): Promise<string[]> {
  const { rows } = await client.query(`select event.id from event
    where not exists (select from log_leaf leaf where leaf.event_id = event.id) and not exists (select from event_pending waiting where waiting.event_id = event.id)
    order by event.id`);
  return rows.map(({ id }) => id);
}
