// The audit: whether what the database has is what a checkpoint from outside says it had. What the
// database says of its own log is looked at last, and only to say more exactly what was changed.
import type { Rows } from './rows.ts';
import { leafBytes } from '../log/leaf.ts';
import { readCheckpoint, type Checkpoint } from '../log/note.ts';
import { leafHash, nodeHash } from '../log/tree.ts';
import { differingRows } from './rows_store.ts';
import {
  beginningOf,
  eventsOf,
  leavesOf,
  placedAfter,
  refusedEvents,
  type AuditedLeaf,
} from './store.ts';

interface Finding {
  what: 'changed' | 'deleted' | 'inserted' | 'missing' | 'rewritten';
  /** The table, and the id or place in it. */
  where: string;
}

export interface Audited {
  findings: Finding[];
  /** Events that the database says were let go, by no act that the checkpoint has. */
  letGo: string[];
  /** How many events are younger than the checkpoint, which says nothing of them. */
  later: number;
}

/** An act that takes longer than this from its event to its end would be taken for an insertion. */
const LATE_MILLIS = 3_600_000;
/** The milliseconds in a UUIDv7 (RFC 9562 §5.7). */
export const timeOf = (id: string) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** The root of leaves that come one by one. */
function createRoot() {
  const whole: { height: number; root: Buffer }[] = [];
  let size = 0;
  return {
    add(leaf: Buffer): void {
      size += 1;
      let one = { height: 0, root: leaf };
      while (whole.at(-1)?.height === one.height)
        one = { height: one.height + 1, root: nodeHash(whole.pop()!.root, one.root) };
      whole.push(one);
    },
    isOf(checkpoint: Checkpoint): boolean {
      const root = whole
        .map((one) => one.root)
        .reduceRight<Buffer | undefined>(
          (right, left) => (right ? nodeHash(left, right) : left),
          undefined,
        );
      return size === checkpoint.size && (root?.equals(checkpoint.root) ?? false);
    },
  };
}

const stored = (leaf: AuditedLeaf) => (leaf.stored ? Buffer.from(leaf.stored, 'hex') : undefined);

/** The hash by what the database has of a leaf; undefined where it has nothing of it any more. */
function hashOf(leaf: AuditedLeaf, beginning: string | null): Buffer | undefined {
  if (leaf.event) return leafHash(leafBytes(leaf.event));
  if (leaf.letGo !== null) return leafHash(Buffer.from(leaf.letGo));
  const begins = leaf.position === 0 && leaf.eventId === null && beginning !== null;
  return begins ? leafHash(Buffer.from(beginning)) : undefined;
}

const whereOf = ({ eventId, position }: AuditedLeaf) =>
  eventId === null ? `log_leaf ${position}` : `event ${eventId}`;

/** Gathered over all logs: events with a place, places let go, and those that acts name. */
interface Found {
  seen: Set<string>;
  letGo: Map<string, string>;
  erased: Set<string>;
}

/** Places of an act of erasing, as `log position`. */
function placesIn(detail: string | null): string[] {
  const { log, leaves = [] } = JSON.parse(detail ?? '{}') as { log?: number; leaves?: number[] };
  return leaves.map((position) => `${log} ${position}`);
}

/** One log held to a checkpoint of it. */
async function auditLog(
  db: Rows,
  checkpoint: Checkpoint,
  { seen, letGo, erased }: Found,
): Promise<{ findings: Finding[]; before?: string | null }> {
  const log = Number(/\/log\/(\d{1,4})$/.exec(checkpoint.origin)?.[1]);
  const beginning = Number.isInteger(log) ? await beginningOf(db, log) : undefined;
  if (beginning === undefined)
    return { findings: [{ what: 'missing', where: `log ${checkpoint.origin}` }] };
  const [findings, apart]: [Finding[], Finding[]] = [[], []];
  const [now, kept] = [createRoot(), createRoot()];
  let next = 0;
  const isMissing = (to: number) => {
    if (next < to) findings.push({ what: 'missing', where: `log_leaf ${next} to ${to - 1}` });
    next = to + 1;
  };
  for await (const leaf of leavesOf(db, log, checkpoint.size)) {
    isMissing(leaf.position);
    if (leaf.eventId !== null) seen.add(leaf.eventId);
    const [found, tile] = [hashOf(leaf, beginning), stored(leaf)];
    const where = whereOf(leaf);
    if (!leaf.event && leaf.letGo !== null && leaf.eventId !== null)
      letGo.set(`${log} ${leaf.position}`, leaf.eventId);
    // By what is found to be in the log alone.
    if (leaf.event?.kind === 'erased' && found && tile?.equals(found))
      for (const place of placesIn(leaf.event.detail)) erased.add(place);
    if (!found) findings.push({ what: 'deleted', where });
    else if (!tile?.equals(found)) apart.push({ what: 'changed', where });
    now.add(found ?? tile ?? Buffer.alloc(32));
    kept.add(tile ?? Buffer.alloc(32));
  }
  isMissing(checkpoint.size);
  // Where the events make the root, the tree beside them was changed; where the tree does, they
  // were; where neither does, both were.
  if (now.isOf(checkpoint))
    findings.push(
      ...apart.map(({ where }) => ({ what: 'rewritten' as const, where: `tile of ${where}` })),
    );
  else {
    findings.push(...apart);
    if (!kept.isOf(checkpoint))
      findings.push({ what: 'rewritten', where: `log_tile of ${checkpoint.origin}` });
  }
  return { findings, before: beginning };
}

/**
 * Everything that is not as the checkpoint says, in its log and in those before it, each by the
 * checkpoint that the first leaf of the next one names; and rows that are not as the events say.
 */
export async function audit(db: Rows, checkpoint: Checkpoint): Promise<Audited> {
  const found: Found = { seen: new Set(), letGo: new Map(), erased: new Set() };
  const { seen, erased } = found;
  const findings: Finding[] = [];
  for (let one: Checkpoint | undefined = checkpoint; one; ) {
    const done = await auditLog(db, one, found);
    findings.push(...done.findings);
    const { after = null } = done.before ? (JSON.parse(done.before) as { after?: string }) : {};
    one = after === null ? undefined : readCheckpoint(after);
  }
  let newest = 0;
  for (const id of seen) newest = Math.max(newest, timeOf(id));
  const refused = await refusedEvents(db);
  const placedLater = await placedAfter(db, checkpoint);
  let later = 0;
  for await (const id of eventsOf(db)) {
    if (seen.has(id)) continue;
    const isOld = timeOf(id) < newest - LATE_MILLIS && !placedLater.has(id);
    if (isOld || refused.has(id) || timeOf(id) > Date.now() + LATE_MILLIS)
      findings.push({ what: 'inserted', where: `event ${id}` });
    else later += 1;
  }
  for (const { column, id } of await differingRows(db))
    findings.push({ what: 'changed', where: `${column} ${id}` });
  const letGo = [...found.letGo].flatMap(([place, id]) => (erased.has(place) ? [] : id));
  return { findings, letGo, later };
}
