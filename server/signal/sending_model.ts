// Sending: when a delivery is tried again, and the meaning of a receiver's answer. Pure.

const SECOND = 1_000;
const WAITS = [1, 2, 4, 8, 15, 30];
const HOUR = 3_600 * SECOND;
/** Nothing is tried for longer. */
export const GIVE_UP_MILLIS = 24 * HOUR;

/**
 * Milliseconds until the next try after so many, of what has waited for so long: seconds at first,
 * a minute within the first hour, then longer and longer, up to an hour. `spread` is from 0 to 1.
 */
export function waitAfter(tries: number, waited: number, spread: number): number {
  const first = WAITS[tries - 1];
  if (first !== undefined) return first * SECOND;
  // So that all is sent within a minute of the receiver being up.
  if (waited < HOUR) return 60 * SECOND * (0.8 + 0.2 * spread);
  return Math.min(HOUR, waited / 10) * (0.8 + 0.4 * spread);
}

/** The meaning of a receiver's answer to a push. */
export type Verdict = 'accepted' | 'dead' | 'stop' | 'again';

/** Errors of RFC 8935 §2.4 by which the event itself is refused, for good. */
const OF_THE_EVENT = ['invalid_request', 'invalid_state'];
const LATER = [408, 429];

/** The error that a receiver names (RFC 8935 §2.3, RFC 8936 §2.6); undefined where it is none. */
export function errorNamed(said: unknown): string | undefined {
  const { err } = (said ?? {}) as { err?: unknown };
  return typeof err === 'string' && /^[a-z_]{1,50}$/.test(err) ? err : undefined;
}

/** Judges an answer by its status and, where it has one, its `err` (RFC 8935 §2.3). */
export function verdictOn(status: number, err: string | undefined): Verdict {
  if (status >= 200 && status < 300) return 'accepted';
  if (LATER.includes(status) || status >= 500) return 'again';
  return err !== undefined && OF_THE_EVENT.includes(err) ? 'dead' : 'stop';
}
