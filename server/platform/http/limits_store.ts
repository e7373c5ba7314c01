// SQL of limits, beside what rate-limiter-flexible does itself: removing what has run out.
import type { Act } from '../act.ts';
import type { GoesOn } from '../job.ts';
import { sweepAll, sweepStatement } from '../db/sweep_store.ts';

const sweep = sweepStatement('rate_limit', 'expire < $1');

/** Counts that have run out, which are kept in milliseconds since 1970. */
export const sweepLimits = ({ db, now }: Act, goesOn: GoesOn): Promise<void> =>
  sweepAll(db, sweep, now.getTime(), goesOn);
