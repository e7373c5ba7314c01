// When a delivery to somebody outside that did not get through is tried again. Pure.

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
