// Keys that clients publish at an address (`jwks_uri`): fetched within bounds, remembered for a
// minute, and the last good ones kept for a day when they cannot be fetched.
import { LRUCache } from 'lru-cache';
import type { JWK } from 'jose';
import { clock } from '../../platform/clock.ts';
import { callOut, type Outbound } from '../../platform/http/outbound.ts';

const FRESH_MILLIS = 60_000;
const KEPT_MILLIS = 86_400_000;
const BOUNDS = { method: 'GET', timeoutMillis: 1_000, most: 64 * 1024 } as const;

interface KeySet {
  keys: JWK[];
  /** When it was fetched, and when that was last tried. */
  fetchedAt: number;
  triedAt: number;
}

export type KeySets = ReturnType<typeof createKeySets>;

export function createKeySets(outbound: Outbound) {
  const known = new LRUCache<string, KeySet>({ max: 1_000 });
  const fetching = new Map<string, Promise<JWK[]>>();

  async function refresh(address: string): Promise<JWK[]> {
    const now = clock.now().getTime();
    const earlier = known.get(address);
    try {
      const { status, text } = await callOut(address, BOUNDS, outbound);
      const { keys } = JSON.parse(text) as { keys?: unknown };
      if (status !== 200 || !Array.isArray(keys)) throw new Error(`no key set: ${status}`);
      known.set(address, { keys: keys as JWK[], fetchedAt: now, triedAt: now });
      return keys as JWK[];
    } catch {
      // An outage and a withdrawn key look alike; a day is how long we believe in an outage.
      const keys = earlier && now - earlier.fetchedAt < KEPT_MILLIS ? earlier.keys : [];
      known.set(address, { keys, fetchedAt: earlier?.fetchedAt ?? 0, triedAt: now });
      return keys;
    }
  }

  return {
    /** The keys at the address; none when there are none to be had. */
    async of(address: string): Promise<JWK[]> {
      const kept = known.get(address);
      if (kept && clock.now().getTime() - kept.triedAt < FRESH_MILLIS) return kept.keys;
      let work = fetching.get(address);
      if (!work) {
        work = refresh(address).finally(() => fetching.delete(address));
        fetching.set(address, work);
      }
      return work;
    },
  };
}
