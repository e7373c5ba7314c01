// SQL of what the operator lets go after its days, by a setting and not otherwise: events of what
// has ended, and places in the feeds. Nobody is notified.
import type { Act } from '../platform/act.ts';
import type { Keeping } from '../platform/env/env.ts';
import type { GoesOn } from '../platform/job.ts';
import { queryOne, type Statement } from '../platform/db/db.ts';
import { LOT, sweepAll, sweepOldest } from '../platform/db/sweep_store.ts';
import { letPlacesGo } from '../event/partition_store.ts';
import { NO_ID } from '../platform/ids.ts';

const before = (now: Date, days: number): Date | null =>
  days ? new Date(now.getTime() - days * 86_400_000) : null;

const events: Statement = {
  name: 'let_events_go',
  text: 'select gone.last from let_events_go($1, $2, $3, $4) as gone',
};

const lines = sweepOldest('owner_feed', 'at');

/** Lets go what is older than the days to keep, in lots. */
export async function letGo({ db, now }: Act, keeping: Keeping, goesOn: GoesOn): Promise<void> {
  const consents = before(now, keeping.consentEvents);
  const mandates = before(now, keeping.mandateEvents);
  let after: string | null = consents || mandates ? NO_ID : null;
  while (after && goesOn()) {
    const values = [after, consents, mandates, LOT];
    after = (await queryOne<{ last: string | null }>(db, events, values))!.last;
  }
  const places = before(now, keeping.feed);
  if (!places) return;
  await letPlacesGo(db, places, goesOn);
  await sweepAll(db, lines, places, goesOn);
}
