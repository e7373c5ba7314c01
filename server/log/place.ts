// Placing: events become leaves of the log, in the transaction that found them to be committed. A
// log that takes none holds up nothing else: they wait. What no node made is not taken. It signs
// nothing.
import { hasMac } from '../event/store.ts';
import { leafOf, type LoggedEvent } from '../event/payload_model.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import type { Db } from '../platform/db/db.ts';
import { isOfData } from '../platform/db/db_faults.ts';
import { createPace } from '../platform/pace.ts';
import { edgeWith, isMade, madeOf } from './made.ts';
import { appendLeaves, putOff, readEdge, refuseEvents, takeWaiting } from './store.ts';
import { appended, leafHash, leavesIn } from './tree_model.ts';

/** Events that waited and are placed together at most. */
const MOST_WAITING = 1_000;

/**
 * Adds events in their order, but for those that no node is known to have made; the caller holds
 * the lock of the feed, and so is the only one.
 */
export async function placeInLog(act: Act, events: LoggedEvent[]): Promise<void> {
  if (!events.length) return;
  try {
    await inTransaction(act, (inner) => add(inner, events));
  } catch (error) {
    // The stored tree is not as it was.
    if (!isOfData(error) && !(error instanceof RangeError)) throw error;
    await putOff(
      act.db,
      events.map(({ id }) => id),
    );
  }
}

/** The hash of an event's leaf; undefined of one that no node is known to have made. */
function hashOf(db: Db, event: LoggedEvent): Buffer | undefined {
  try {
    return hasMac(db, event) ? leafHash(leafOf(event)) : undefined;
  } catch {
    // No node makes what cannot be read: an instant without an end, values without a bottom.
    return undefined;
  }
}

async function add({ db, now }: Act, events: LoggedEvent[]): Promise<void> {
  const { log, edge, made, isWaiting } = await readEdge(db);
  if (!isMade(db, log, edge, made)) throw new RangeError(`no node made the tree of log ${log}`);
  const all = isWaiting ? [...(await takeWaiting(db, MOST_WAITING)), ...events] : events;
  const pace = createPace();
  const [ids, refused]: [string[], string[]] = [[], []];
  const hashes: Buffer[] = [];
  for (const event of all) {
    const hash = hashOf(db, event);
    if (hash) {
      ids.push(event.id);
      hashes.push(hash);
    } else refused.push(event.id);
    await pace();
  }
  const changed = appended(edge, hashes);
  if (ids.length) {
    const tree = madeOf(db, log, edgeWith(edge, changed));
    await appendLeaves(db, { log, from: leavesIn(edge), ids, changed, made: tree });
  }
  if (refused.length) await refuseEvents(db, refused, now);
}
