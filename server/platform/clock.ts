// The only place that reads the time. It knows no domain; whoever needs the time asks here, so that
// a test can stand at the edge of a validity without waiting for it.

export const clock = {
  /** The present instant. */
  now: (): Date => new Date(),
};

/** Seconds since the epoch, the unit of JWT claims (RFC 7519, NumericDate). */
export function epochSeconds(at: Date = clock.now()): number {
  return Math.floor(at.getTime() / 1000);
}
