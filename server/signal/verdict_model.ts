// The meaning of a receiver's answer to what it was sent. Pure.

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
