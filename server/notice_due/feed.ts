// Gives everything that is committed its place in the feeds; what has passed its time becomes an
// event first.
import { noteExpiries } from '../consent/ask/expiry_store.ts';
import { lockFeed } from '../event/feed_store.ts';
import { type Act, inTransaction } from '../platform/act.ts';
import { isFeedBehind, placeSome, type PlacedEvents } from './feed_store.ts';

const AT_ONCE = 10_000;

/** Answers with how many got a place, and how far behind the feed was. */
export async function placeEvents(act: Act): Promise<PlacedEvents> {
  const all: PlacedEvents = { count: 0, behind: 0 };
  let more = await isFeedBehind(act);
  while (more) {
    const { passed, count, behind } = await inTransaction(act, async (inner) => {
      await lockFeed(inner.db);
      const passed = await noteExpiries(inner, AT_ONCE);
      return { passed, ...(await placeSome(inner.db, AT_ONCE)) };
    });
    all.count += count;
    all.behind = Math.max(all.behind, behind);
    // Events that came meanwhile, or that others hold, get their place later.
    more = count === AT_ONCE || passed === AT_ONCE;
  }
  return all;
}
