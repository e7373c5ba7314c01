// A log that goes on under another name: where the database was set back for good, or a key may be
// somebody else's. Its first leaf names the checkpoint where the one before it ended.
import { lockFeed } from '../event/feed_store.ts';
import type { Act } from '../platform/act.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { Folder } from './folder.ts';
import { madeOf } from './made.ts';
import { addKey, endKeys, nameOfLog } from './keys.ts';
import { appendLeaves, lastCheckpoint, lockLog, openLog, placeAgain, readEdge } from './store.ts';
import { appended, leafHash } from './tree_model.ts';

interface Settings {
  issuer: string;
  seal: Seal;
  folder: Folder;
}

/**
 * Opens the next log, ends the keys of the one before, and answers with the new one's name. Throws
 * where the one before has no checkpoint that the new one could name. Call it in a transaction.
 */
export async function openNextLog(act: Act, { issuer, seal, folder }: Settings): Promise<string> {
  const { db, now } = act;
  // Nothing is placed meanwhile, and nothing is signed.
  await lockFeed(db);
  await lockLog(db);
  const { log: before } = await readEdge(db);
  const published = await lastCheckpoint(db, before);
  // The last one that anybody may have seen: the database may have been set back behind it.
  const latest = Math.max(before, await folder.latest());
  const newest = await folder.newest(latest);
  if (!newest) throw new Error('Nothing is signed yet that another log could go on from.');
  if (latest === before && newest.size < (published?.size ?? 0))
    throw new Error(
      `The folder lacks the checkpoint of ${published!.size} leaves, which was published: is it the right one?`,
    );
  const log = latest + 1;
  const origin = nameOfLog(issuer, log);
  const beginning = JSON.stringify({ log: origin, after: newest.note });
  await endKeys(act, before, now);
  await openLog(db, { log, origin, at: now, beginning });
  await addKey(act, log, seal);
  const changed = appended([], [leafHash(beginning)]);
  await appendLeaves(db, { log, from: 0, ids: [null], changed, made: madeOf(db, log, changed) });
  // Events whose place was never signed would have no proof.
  await placeAgain(db, before, published?.size ?? 0);
  return origin;
}
