// SQL of limits, beside what rate-limiter-flexible does itself: removing what has run out.
import type { Act } from '../act.ts';
import { query, type Statement } from '../db/db.ts';

const sweep: Statement = {
  name: 'sweep_rate_limit',
  text: `delete from rate_limit where ctid in (select limited.ctid from rate_limit limited where limited.expire < $1 limit 50000)`,
};

/** Counts that have run out, which are kept in milliseconds since 1970. */
export async function sweepLimits(act: Act): Promise<void> {
  await query(act.db, sweep, [act.now.getTime()]);
}
