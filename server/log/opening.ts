// A log that goes on under another name: where the database was set back for good, or a key may be
// somebody else's. Its first leaf names the checkpoint where the one before it ended.
import { lockFeed } from '../event/feed_store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import type { Folder } from './folder.ts';
import { logName } from './keys.ts';
import { appendLeaves, endLogKeys, lastCheckpoint, lastLog, lockLog, openLog } from './store.ts';
import { appended, leafHash } from './tree_model.ts';

/** Opens the next log, ends the keys of the one before, and answers with the new one's name. */
export const openNextLog = (
  act: Act,
  { issuer, folder }: { issuer: string; folder: Folder },
): Promise<string> =>
  inTransaction(act, async ({ db, now }) => {
    // Nothing is placed meanwhile, and nothing is signed.
    await lockFeed(db);
    await lockLog(db);
    const before = await lastLog(db);
    const name = logName(issuer, before);
    const last = (await folder.newest(name)) ?? (await lastCheckpoint(db, name));
    const next = before + 1;
    const origin = logName(issuer, next);
    const beginning = JSON.stringify({ log: origin, after: last?.note ?? null });
    await endLogKeys(db, before, now);
    await openLog(db, next, now, beginning);
    const changed = appended([], [leafHash(beginning)]);
    await appendLeaves(db, { log: next, from: 0, ids: [null], changed });
    return origin;
  });
