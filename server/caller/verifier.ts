// The signature of a token, checked once and remembered for a while. What the token may is asked
// each time by whoever verifies it.
import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';
import { clock } from '../platform/clock.ts';

/** One minute, as keys can be withdrawn. */
const VERIFIED_MILLIS = 60_000;

const holdsAt = ({ exp = 0, nbf = 0 }: JWTPayload, now: Date) =>
  exp * 1000 > now.getTime() && nbf * 1000 <= now.getTime();

/**
 * Verifies as jose does, at our clock and of what has an end; a signature that held a moment ago
 * holds now. Throws jose's errors.
 */
export function createVerifier() {
  const verified = new LRUCache<string, JWTVerifyResult>({ max: 2_000, ttl: VERIFIED_MILLIS });
  return async (
    token: string,
    key: KeyObject | JWTVerifyGetKey,
    options: Pick<JWTVerifyOptions, 'issuer' | 'algorithms'>,
  ): Promise<JWTVerifyResult> => {
    const now = clock.now();
    const known = verified.get(token);
    if (known && holdsAt(known.payload, now)) return known;
    const result = await jwtVerify(token, typeof key === 'function' ? key : async () => key, {
      ...options,
      currentDate: now,
      requiredClaims: ['exp'],
    });
    verified.set(token, result);
    return result;
  };
}
