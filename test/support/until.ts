// Waiting for what another process brings about.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_MILLIS = 100;

/** Resolves once it holds; fails with `what` where it does not after so many seconds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 100,
): Promise<void> {
  const last = Date.now() + seconds * 1_000;
  while (!(await holds())) {
    assert.ok(Date.now() < last, what);
    await pause(AGAIN_MILLIS);
  }
}
