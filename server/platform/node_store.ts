// SQL of nodes: each notes every few seconds that it serves, as what version, and with which
// secrets. The database's clock says when, since nodes' clocks differ.
import type { Act } from './act.ts';
import { query, type Db, type Statement } from './db/db.ts';
import { sweepAll, sweepStatement } from './db/sweep_store.ts';
import type { GoesOn } from './job.ts';

/** How often a node notes that it serves. */
export const NOTE_MILLIS = 15_000;
/** One that has noted nothing for so long serves no more. */
const GONE_SECONDS = 60;
const KEPT_MILLIS = 30 * 24 * 3_600_000;

export interface NodeRow {
  id: string;
  version: string;
  /** Digests of the secret that it seals with, and of those that it opens too. */
  sealsWith: string;
  accepts: string[];
}

const note: Statement = {
  name: 'note_node',
  text: `insert into node (id, version, seals_with, accepts, started_at, seen_at) values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp())
    on conflict (id) do update set seen_at = excluded.seen_at`,
};
export const noteNode = (db: Db, node: NodeRow) =>
  query(db, note, [node.id, node.version, node.sealsWith, node.accepts]);

const leave: Statement = {
  name: 'leave_node',
  text: 'update node set seen_at = clock_timestamp(), has_left = true where node.id = $1',
};
/** It served until now, and does no more. */
export const leaveNode = (db: Db, id: string) => query(db, leave, [id]);

const nodes: Statement = {
  name: 'nodes',
  text: `select node.id, node.version, node.seals_with as "sealsWith", node.accepts, node.seen_at as "seenAt",
      not node.has_left and node.seen_at > clock_timestamp() - interval '${GONE_SECONDS} s' as serves from node order by node.started_at`,
};
/** Nodes that serve, and those that did within thirty days. */
export const readNodes = (db: Db) => query<NodeRow & { seenAt: Date; serves: boolean }>(db, nodes);

const sweep = sweepStatement('node', 'seen_at < $1');
export const sweepNodes = ({ db, now }: Act, goesOn: GoesOn) =>
  sweepAll(db, sweep, new Date(now.getTime() - KEPT_MILLIS), goesOn);
