// Signing: what is committed gets a checkpoint, written outside the database before it is
// published. A database that is behind the newest one there, or has another tree, is signed no
// more.
import { inTransaction, type Act } from '../platform/act.ts';
import type { Logger } from '../platform/log.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { Folder } from './folder.ts';
import { logName, logSigners, logVerifiers } from './keys.ts';
import { isSignedBy, signedCheckpoint } from './note_model.ts';
import {
  lastCheckpoint,
  lockLog,
  publishCheckpoint,
  readEdge,
  type CheckpointRow,
} from './store.ts';
import { BrokenTree, onTree } from './tree.ts';
import { leavesIn, treeRoot } from './tree_model.ts';

/** A tree that is not whole, or a folder that is away; the rest is the database's, and passes. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof BrokenTree || error.syscall !== undefined) return error.message;
  throw error;
}

interface Settings {
  jobAct: () => Act;
  issuer: string;
  seal: Seal;
  /** Undefined where no folder is set: nothing is signed. */
  folder: Folder | undefined;
  log: Logger;
}

export interface Signing {
  sign(): Promise<void>;
  /** Why nothing is signed; undefined while it is. */
  whyNot(): string | undefined;
}

export function createSigning({ jobAct, issuer, seal, folder, log }: Settings): Signing {
  /** Whether this node has held the database to the folder since it started. */
  let isCompared = false;
  let why: string | undefined = folder ? undefined : 'LOG_CHECKPOINTS names no folder';
  function stop(reason: string | undefined): void {
    if (reason && reason !== why) log.error({ why: reason }, 'the log is not signed');
    why = reason;
  }
  if (why) log.warn({ why }, 'the log is not signed');

  /** Signs the tree as it is; answers why it must not. */
  async function signNow(act: Act, into: Folder): Promise<string | undefined> {
    const { db, now } = act;
    await lockLog(db);
    const { log: number, edge } = await readEdge(db);
    const size = leavesIn(edge);
    const origin = logName(issuer, number);
    const published = await lastCheckpoint(db, origin);
    const isNew = size > (published?.size ?? 0);
    if (!isNew && isCompared && !why) return undefined;
    const reason = await whyNone(act, into, { number, size, published });
    isCompared = true;
    if (reason || !isNew) return reason;
    const root = await onTree(db, number, (read) => treeRoot(read, size));
    const note = signedCheckpoint(
      { origin, size, root },
      await logSigners(act, number, { issuer, seal }),
    );
    await into.append(note, now);
    await publishCheckpoint(db, { origin, size, log: number, note }, now);
    return undefined;
  }

  /** Why the tree does not go on from the newest checkpoint in the folder; undefined if it does. */
  async function whyNone(
    act: Act,
    from: Folder,
    {
      number,
      size,
      published,
    }: { number: number; size: number; published: CheckpointRow | undefined },
  ): Promise<string | undefined> {
    const origin = logName(issuer, number);
    const newest = await from.newest(origin);
    if ((newest?.size ?? 0) < (published?.size ?? 0))
      return `the folder lacks the checkpoint of ${published!.size} leaves of ${origin}, which was published`;
    if (!newest) return undefined;
    if (!isSignedBy(newest, await logVerifiers(act, number, issuer)))
      return `the newest checkpoint of ${origin} in the folder is signed by no key of the database`;
    if (newest.size > size)
      return `the database has ${size} leaves of ${origin}, and the folder a checkpoint of ${newest.size}`;
    const root = await onTree(act.db, number, (read) => treeRoot(read, newest.size));
    return root.equals(newest.root)
      ? undefined
      : `the first ${newest.size} leaves of ${origin} are not those of the checkpoint in the folder`;
  }

  return {
    async sign() {
      if (!folder) return;
      stop(await inTransaction(jobAct(), (inner) => signNow(inner, folder)).catch(reasonOf));
    },
    whyNot: () => why,
  };
}
