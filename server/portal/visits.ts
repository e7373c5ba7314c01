// Visits of persons to parties, for the list of the latest: each is recorded at most every five
// minutes by one node.
import { LRUCache } from 'lru-cache';
import { noteRecent } from '../caller/profile_store.ts';
import type { Act } from '../platform/act.ts';

const SELDOM_MILLIS = 5 * 60_000;

/** Records visits. */
export interface Visits {
  note(act: Act, person: string, party: string): Promise<void>;
}

export function createVisits(): Visits {
  const noted = new LRUCache<string, true>({ max: 10_000, ttl: SELDOM_MILLIS });
  return {
    async note(act, person, party) {
      const key = `${person} ${party}`;
      if (noted.has(key)) return;
      await noteRecent(act, person, party);
      noted.set(key, true);
    },
  };
}
