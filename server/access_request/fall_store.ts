// SQL of requests that wait on what a register said of the asker, and says no more; and of what was
// offered, to which nobody says yes any more.
import type { Act } from '../platform/act.ts';
import { YES_MILLIS } from './model.ts';
import { isQualifiedAs } from '../mandate/force_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

const rests = `((request.verified is null
          or ${isQualifiedAs({ party: 'request.to_party', employer: 'request.from_party', kind: 'request.verified' }, '$1')})
        and (not request.offered or ((request.valid_to is null or request.valid_to > $1)
          and exists (select from access_request_yes yes where yes.request_id = request.id and yes.at > $2))))`;
const isWaiting = `(request.verified is not null or request.offered) and request.state in ('draft', 'pending')`;
// Held first: a yes that is just being said is there when it is asked about.
const hold: Statement = {
  name: 'hold_falling_requests',
  text: `select request.id from access_request request where ${isWaiting} and not ${rests} order by request.id limit 500 for update`,
};
const fall: Statement = {
  name: 'fall_access_requests',
  text: `with fallen as (select request.id, request.state from access_request request where request.id = any($3) and ${isWaiting} and not ${rests})
    update access_request request set state = 'withdrawn', changed_at = $1, changed_by = case when request.offered then request.by_party else request.to_party end
    from fallen where fallen.id = request.id
    returning request.id, request.from_party as "from", request.to_party as "to", request.verified, fallen.state, request.offered,
      (select coalesce(jsonb_agg(yes.by_party), '[]') from access_request_yes yes where yes.request_id = request.id) as said`,
};

export interface FallenRequest {
  id: string;
  from: string;
  to: string;
  verified: string | null;
  state: 'draft' | 'pending';
  offered: boolean;
  /** The parties that had said yes to it. */
  said: string[];
}

/** Withdraws what rests on nothing any more, some of it at a time. Call it in a transaction. */
export async function withdrawFallen(act: Act): Promise<FallenRequest[]> {
  const times = [act.now, new Date(act.now.getTime() - YES_MILLIS)];
  const held = await query<{ id: string }>(act.db, hold, times);
  if (!held.length) return [];
  return query<FallenRequest>(act.db, fall, [...times, held.map(({ id }) => id)]);
}
