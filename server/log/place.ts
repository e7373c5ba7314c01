// Placing: events become leaves of the log, in the transaction that found them to be committed. It
// signs nothing.
import { leafOf, type LoggedEvent } from '../event/payload_model.ts';
import type { Act } from '../platform/act.ts';
import { appendLeaves, readEdge } from './store.ts';
import { appended, leafHash, leavesIn } from './tree_model.ts';

/** Adds events in their order; the caller holds the lock of the feed, and so is the only one. */
export async function placeInLog({ db }: Act, events: LoggedEvent[]): Promise<void> {
  if (!events.length) return;
  const { log, edge } = await readEdge(db);
  const changed = appended(
    edge,
    events.map((event) => leafHash(leafOf(event))),
  );
  const ids = events.map(({ id }) => id);
  await appendLeaves(db, { log, from: leavesIn(edge), ids, changed });
}
