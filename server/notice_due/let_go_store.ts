// SQL of what the operator lets go after its days, by a setting and not otherwise: events of what
// has ended, and places in the feeds. Nobody is notified.
import type { Act } from '../platform/act.ts';
import type { GoesOn } from '../platform/job.ts';
import { queryOne, type Statement } from '../platform/db/db.ts';
import { LOT } from '../platform/db/sweep_store.ts';
import { letPlacesGo } from '../event/partition_store.ts';
import { NO_ID } from '../platform/ids.ts';

/** Days after which each goes; 0: it stays. */
export interface Keeping {
  /** After the consent has ended. */
  consentEvents: number;
  /** After the mandate has ended. */
  mandateEvents: number;
  /** After a place was given. */
  feed: number;
}

const before = (now: Date, days: number): Date | null =>
  days ? new Date(now.getTime() - days * 86_400_000) : null;

const events: Statement = {
  name: 'let_events_go',
  text: 'select gone.last from let_events_go($1, $2, $3, $4) as gone',
};

// Lines before the first that is young enough, but never the newest: the next place is after it.
const lines: Statement = {
  name: 'let_owner_lines_go',
  text: `with gone as (delete from owner_feed where position = any(array(
        select lot.position from (
          select line.position, bool_and(line.at < $1) over (order by line.position) as is_old
          from (select feed.position, feed.at from owner_feed feed order by feed.position limit ${LOT}) line) lot
        where lot.is_old and lot.position < (select max(newest.position) from owner_feed newest)))
      returning 1)
    select count(*)::int as count from gone`,
};

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
  for (let count = LOT; count > 0 && goesOn(); )
    ({ count } = (await queryOne<{ count: number }>(db, lines, [places]))!);
}
