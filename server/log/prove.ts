// Proofs for anybody: that an event is in the log, and that the log only grew. They are about what
// is signed, and say nothing of an event but its id.
import type { Act } from '../platform/act.ts';
import { problem } from './problems.ts';
import { findLeaf, lastCheckpoint, waitsForLeaf, type CheckpointRow } from './store.ts';
import { onTree } from './tree.ts';
import { consistency, inclusion, leafAt, leafHash } from './tree_model.ts';

/** The newest checkpoint of the log that is written, or of a log; TIL-00050 before there is one. */
export async function newestCheckpoint({ db }: Act, log?: number): Promise<CheckpointRow> {
  const found = await lastCheckpoint(db, log);
  if (!found) throw problem('TIL-00050');
  return found;
}

const asText = (way: Buffer[]) => way.map((one) => one.toString('base64'));

export interface Inclusion {
  origin: string;
  index: number;
  size: number;
  hashes: string[];
}

/** The leaf of an event, or at an index; in a log by its number, or in the one that is written. */
export interface Wanted {
  event?: string | undefined;
  index?: number | undefined;
  log?: number | undefined;
}

/**
 * The way from a leaf to the root of the first `size` leaves, or of the newest checkpoint's.
 * TIL-00051 for an event without a place there, TIL-00052 for what is not signed.
 */
export async function proveInclusion(
  act: Act,
  { event, index, log }: Wanted,
  size: number | undefined,
): Promise<Inclusion> {
  const leaf = event === undefined ? undefined : await findLeaf(act.db, event);
  if (event !== undefined && (!leaf || (log !== undefined && leaf.log !== log)))
    throw problem('TIL-00051');
  const signed = await newestCheckpoint(act, leaf?.log ?? log);
  const position = leaf?.position ?? index ?? signed.size;
  const within = size ?? signed.size;
  if (within > signed.size) throw problem('TIL-00052');
  if (position >= within) throw problem(leaf ? 'TIL-00051' : 'TIL-00052');
  const way = await onTree(act.db, signed.log, (read) => inclusion(read, position, within));
  // A checkpoint begins with the name of its log.
  const [origin] = signed.note.split('\n', 1);
  return { origin: origin!, index: position, size: within, hashes: asText(way) };
}

/**
 * The proof that an event is in the log, with the newest checkpoint, or that of a size
 * (c2sp.org/tlog-proof@v1); null before it is signed. TIL-00052 for a size that was never signed,
 * or is before the event.
 */
export async function proofText({ db }: Act, event: string, size?: number): Promise<string | null> {
  const leaf = await findLeaf(db, event);
  const signed = leaf && (await lastCheckpoint(db, leaf.log, size));
  if (size !== undefined && (!signed || leaf.position >= size)) throw problem('TIL-00052');
  if (!signed || leaf.position >= signed.size) return null;
  const way = await onTree(db, leaf.log, (read) => inclusion(read, leaf.position, signed.size));
  return ['c2sp.org/tlog-proof@v1', `index ${leaf.position}`, ...asText(way), '', signed.note].join(
    '\n',
  );
}

/** Whether data is what the log has as the leaf of an event; undefined before that is signed. */
export async function isLogged(
  { db }: Act,
  event: string,
  data: string,
): Promise<boolean | undefined> {
  const leaf = await findLeaf(db, event);
  if (!leaf) return (await waitsForLeaf(db, event)) ? undefined : false;
  const signed = await lastCheckpoint(db, leaf.log);
  if (!signed || leaf.position >= signed.size) return undefined;
  return onTree(db, leaf.log, (read) => leafAt(read, leaf.position)).then((stored) =>
    stored.equals(leafHash(data)),
  );
}

/** The hashes that show a log's first `first` leaves to begin its first `second`; TIL-00052. */
export async function proveConsistency(
  act: Act,
  first: number,
  second: number,
  log?: number,
): Promise<string[]> {
  const signed = await newestCheckpoint(act, log);
  if (first > second || second > signed.size) throw problem('TIL-00052');
  return asText(await onTree(act.db, signed.log, (read) => consistency(read, first, second)));
}
