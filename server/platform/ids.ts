// Identifiers and digests: UUIDv7 for rows that are read in time order, random strings for secrets,
// and SHA-256. It knows nothing of what they name.
import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

// One call to the system for many values: 3 % of a token's time otherwise.
const pool = Buffer.alloc(4096);
let poolUsed = pool.length;

/** Random bytes, each handed out once. */
function random(length: number): Buffer {
  if (poolUsed + length > pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += length;
  return Buffer.from(pool.subarray(poolUsed - length, poolUsed));
}

/** So many random bytes, in hexadecimal. */
export const randomHex = (bytes: number): string => random(bytes).toString('hex');

let lastMillis = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562 §5.7) for the instant; strictly rising within this process, also inside one
 * millisecond.
 */
export function uuidv7(at: Date): string {
  let millis = at.getTime();
  const behind = lastMillis - millis;
  if (behind < 0 || behind >= 1000) {
    // Later, or another time altogether: history that is imported, a clock that was set.
    lastMillis = millis;
    counter = random(1)[0]!;
  } else {
    millis = lastMillis;
    counter += 1;
    if (counter > 0xfff) {
      lastMillis = millis += 1;
      counter = 0;
    }
  }
  return layout(millis, counter, random(8));
}

/**
 * The smallest UUIDv7 of an instant: everything older sorts below it. No UUIDv7 is of an instant
 * before 1970 (RFC 9562 §5.7): earlier ones have the smallest of all.
 */
export function uuidv7Floor(at: Date): string {
  return layout(Math.max(at.getTime(), 0), 0, new Uint8Array(8));
}

/** Ids run ahead of their instants by less than that, and never behind. */
export const AHEAD_MILLIS = 60_000;

/**
 * A UUIDv7 that is a function of its instant and a seed, for events that are derived and never
 * stored.
 */
export function uuidv7Derived(at: Date, seed: string): string {
  const digest = hash('sha256', seed, 'buffer');
  return layout(at.getTime(), digest.readUInt16BE(0) & 0xfff, digest.subarray(2, 10));
}

function layout(millis: number, twelveBits: number, eightBytes: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(millis, 0, 6);
  bytes.writeUInt16BE(0x7000 | twelveBits, 6);
  bytes.set(eightBytes, 8);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A UUIDv8 (RFC 9562 §5.8) that is a function of its seed. */
export function uuidDerived(seed: string): string {
  const bytes = hash('sha256', seed, 'buffer').subarray(0, 16);
  bytes[6] = 0x80 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** 256 random bits as base64url: session ids, CSRF secrets, state, nonce. */
export function secretId(): string {
  return random(32).toString('base64url');
}

/**
 * SHA-256 as base64url. Bearer values are stored as this, so that a copy of the database opens no
 * door.
 */
export function sha256(value: string): string {
  return hash('sha256', value, 'base64url');
}

/**
 * JSON with sorted keys and without nulls, so that equal content gives equal text (and equal hash).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
    const members = value as Record<string, unknown>;
    let text = '';
    for (const key of Object.keys(members).sort()) {
      const member = members[key];
      if (member !== undefined && member !== null)
        text += `${text && ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
    }
    return `{${text}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** Compares two texts in time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}

/** The nil UUID (RFC 9562 §5.9): before every id, and nobody's. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';

/** The max UUID (RFC 9562 §5.10): after every id, where a list that goes backwards begins. */
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
