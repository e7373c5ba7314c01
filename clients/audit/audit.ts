// The audit: whether what the database has is what a checkpoint from outside says it had. It rests
// on nothing that whoever changed the database could have changed along with it.
import type { Client } from 'pg';
import { leafBytes } from '../log/leaf.ts';
import type { Checkpoint } from '../log/note.ts';
import { leafHash, nodeHash } from '../log/tree.ts';
import { beginningOf, leavesOf, unplaced, type AuditedLeaf } from './store.ts';

export interface Finding {
  what: 'changed' | 'deleted' | 'inserted' | 'missing' | 'rewritten';
  /** The table, and the id or place in it. */
  where: string;
}

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
    size: () => size,
    root: (): Buffer | undefined =>
      whole
        .map(({ root }) => root)
        .reduceRight<Buffer | undefined>(
          (right, left) => (right ? nodeHash(left, right) : left),
          undefined,
        ),
  };
}

/** The hash by what the database has of a leaf; undefined where it has nothing of it any more. */
function hashOf({ eventId, event, isLetGo, stored }: AuditedLeaf, beginning: string | null) {
  if (eventId === null) return beginning === null ? undefined : leafHash(Buffer.from(beginning));
  if (event) return leafHash(leafBytes(event));
  return isLetGo && stored ? Buffer.from(stored, 'hex') : undefined;
}

/** Everything that is not as the checkpoint says; empty where all is. */
export async function audit(client: Client, checkpoint: Checkpoint): Promise<Finding[]> {
  const log = Number(/\/log\/(\d+)$/.exec(checkpoint.origin)?.[1]);
  const beginning = Number.isInteger(log) ? await beginningOf(client, log) : undefined;
  if (beginning === undefined) return [{ what: 'missing', where: `log ${checkpoint.origin}` }];
  const findings: Finding[] = [];
  const now = createRoot();
  const kept = createRoot();
  let next = 0;
  for await (const leaf of leavesOf(client, log)) {
    for (; next < leaf.position; next += 1)
      findings.push({ what: 'missing', where: `log_leaf ${next}` });
    next = leaf.position + 1;
    const stored = leaf.stored ? Buffer.from(leaf.stored, 'hex') : undefined;
    const found = hashOf(leaf, beginning);
    const where = leaf.eventId === null ? `log ${log}` : `event ${leaf.eventId}`;
    if (!found) findings.push({ what: 'deleted', where });
    else if (!stored?.equals(found)) findings.push({ what: 'changed', where });
    if (leaf.position < checkpoint.size) {
      now.add(found ?? Buffer.alloc(32));
      kept.add(stored ?? Buffer.alloc(32));
    }
  }
  for (; next < checkpoint.size; next += 1)
    findings.push({ what: 'missing', where: `log_leaf ${next}` });
  const isSigned = ({ size, root }: ReturnType<typeof createRoot>) =>
    size() === checkpoint.size && (root()?.equals(checkpoint.root) ?? false);
  // With the stored hashes as they were signed, the findings are all; else those changed too.
  if (!isSigned(now) && !isSigned(kept))
    findings.push({ what: 'rewritten', where: `log_tile of ${checkpoint.origin}` });
  for (const id of await unplaced(client))
    findings.push({ what: 'inserted', where: `event ${id}` });
  return findings;
}
