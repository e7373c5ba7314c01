// Signing: what is committed gets a checkpoint, written outside the database before it is
// published. A database that is behind the newest one there, has another tree, or leaves that no
// node made, is signed no more.
import { inTransaction, type Act } from '../platform/act.ts';
import type { Logger } from '../platform/log.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { Folder } from './folder.ts';
import { addKey, keysOfLog, nameOfLog } from './keys.ts';
import { isSignedBy, signedCheckpoint, type NoteKey } from './note_model.ts';
import { edgeRoot, isMade, madeOf } from './made.ts';
import {
  lastCheckpoint,
  lockLog,
  nameLog,
  publishCheckpoint,
  readEdge,
  sealLogTree,
} from './store.ts';
import { onTree } from './tree.ts';
import { leavesIn, treeRoot } from './tree_model.ts';

interface Settings {
  jobAct: () => Act;
  issuer: string;
  seal: Seal;
  /** Undefined where no folder is set: nothing is signed. */
  folder: Folder | undefined;
  log: Logger;
}

/** A log as it is stored, to be held to the folder. */
interface Stored {
  log: number;
  origin: string;
  /** Leaves that have a place, and of those how many are signed. */
  size: number;
  signed: number;
  keys: NoteKey[];
}

/** Signs what is new; throws where the database is away, and says once why else it does not. */
export function createSigning({ jobAct, issuer, seal, folder, log }: Settings) {
  /** Whether this node has held the database to the folder since it started. */
  let isCompared = false;
  let why: string | undefined;
  function stop(reason: string | undefined): void {
    if (reason && reason !== why) log.error({ why: reason }, 'the log is not signed');
    why = reason;
  }
  if (!folder) log.warn({ why: 'LOG_CHECKPOINTS names no folder' }, 'the log is not signed');

  /** Signs the tree as it is; answers why it must not. */
  async function signNow(act: Act, into: Folder): Promise<string | undefined> {
    const { db, now } = act;
    await lockLog(db);
    const { log: number, origin, edge, made } = await readEdge(db);
    // Name and key are stored before anything is signed with them: a crash leaves none unknown.
    if (origin === null) {
      await nameLog(db, number, nameOfLog(issuer, number));
      await addKey(act, number, seal);
      return why;
    }
    const size = leavesIn(edge);
    const signed = (await lastCheckpoint(db, number))?.size ?? 0;
    if (size === signed && isCompared && !why) return undefined;
    const { all, signers } = await keysOfLog(act, number, { origin, seal });
    const stored = { log: number, origin, size, signed, keys: all };
    const reason = await whyNone(act, into, stored);
    isCompared = true;
    if (reason) return reason;
    if (!isMade(db, number, edge, made)) return `no node made the ${size} leaves of ${origin}`;
    // By an accepted secret that is taken away one day.
    const own = madeOf(db, number, edge);
    if (made && own !== made) await sealLogTree(db, number, own, made);
    if (size === signed) return undefined;
    if (!signers.length) return `no key signs ${origin} at ${now.toISOString()}`;
    const root = edgeRoot(edge);
    const note = signedCheckpoint({ origin, size, root }, signers);
    await into.append(number, note, now);
    await publishCheckpoint(db, { log: number, size, note }, now);
    return undefined;
  }

  return {
    async sign(): Promise<void> {
      if (!folder) return;
      try {
        stop(await inTransaction(jobAct(), (inner) => signNow(inner, folder)));
      } catch (error) {
        const { message, syscall } = error as NodeJS.ErrnoException;
        stop(message);
        // The tree is not whole, or the folder is away: said once, and not at each try.
        if (!(error instanceof RangeError) && syscall === undefined) throw error;
      }
    },
  };
}

/** Why a log does not go on from the newest checkpoint in the folder; undefined where it does. */
async function whyNone(
  act: Act,
  folder: Folder,
  { log, origin, size, signed, keys }: Stored,
): Promise<string | undefined> {
  const latest = await folder.latest();
  if (latest > log) return `the folder has checkpoints of log ${latest}, after ${origin}`;
  const newest = await folder.newest(log);
  if ((newest?.size ?? 0) < signed)
    return `the folder lacks the checkpoint of ${signed} leaves of ${origin}, which was published`;
  if (!newest) return undefined;
  if (newest.origin !== origin || !isSignedBy(newest, keys))
    return `the newest checkpoint of ${origin} in the folder is signed by no key of the database`;
  if (newest.size > size)
    return `the database has ${size} leaves of ${origin}, and the folder a checkpoint of ${newest.size}`;
  const root = await onTree(act.db, log, (read) => treeRoot(read, newest.size));
  return root.equals(newest.root)
    ? undefined
    : `the first ${newest.size} leaves of ${origin} are not those of the checkpoint in the folder`;
}
