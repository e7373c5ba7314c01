// Gives everything that is committed its place in the feeds and in the log; requests that have
// passed their time become events first.
import { noteExpiries } from '../consent/ask/expiry_store.ts';
import { lockFeed } from '../event/feed_store.ts';
import { placeInLog } from '../log/place.ts';
import { type Act, inTransaction } from '../platform/act.ts';
import { isAnyFeedBehind, isFeedBehind, placeSome } from './feed_store.ts';
import { lockOwnersFeed, placeChanges } from './owner_feed_store.ts';

const AT_ONCE = 1_000;
/** More changes than these are one line for each owner. */
const MOST_CHANGES = 200;

/** Gives events their places. */
export const placeEvents = async (act: Act): Promise<void> => place(act, await isFeedBehind(act));

/** The same, and lines for owners of what changed without an event. */
export async function placeAll(act: Act): Promise<void> {
  const isBehind = await isAnyFeedBehind(act);
  await place(act, isBehind);
  if (isBehind) await inTransaction(act, placeOwners);
}

async function place(act: Act, isBehind: boolean): Promise<void> {
  for (let more = isBehind; more; ) {
    const { passed, count, changes } = await inTransaction(act, async (inner) => {
      await lockFeed(inner.db);
      await lockOwnersFeed(inner.db);
      const passed = await noteExpiries(inner, AT_ONCE);
      const { events, ...placed } = await placeSome(inner, AT_ONCE);
      await placeInLog(inner, events);
      return { passed, ...placed };
    });
    // Events that came meanwhile, or that others hold, get their place later.
    more = [count, passed, changes].includes(AT_ONCE);
  }
}

async function placeOwners({ db }: Act): Promise<void> {
  await lockOwnersFeed(db);
  await placeChanges(db, MOST_CHANGES);
}
