// SQL of requests that wait on what a register said of the asker, and says no more; and of what was
// offered, to which nobody says yes any more.
import type { Act } from '../platform/act.ts';
import { YES_MILLIS } from './yes_store.ts';
import { isQualifiedAs } from '../mandate/force_store.ts';
import { query, type Statement } from '../platform/db/db.ts';

const fall: Statement = {
  name: 'fall_access_requests',
  text: `with fallen as (select request.id, request.state from access_request request
      where request.state in ('draft', 'pending') and ((request.verified is not null
          and not (${isQualifiedAs({ party: 'request.to_party', employer: 'request.from_party', kind: 'request.verified' }, '$1')}))
        or (request.offered and not exists (select from access_request_yes yes where yes.request_id = request.id and yes.at > $2)))
      order by request.id limit 500 for update)
    update access_request request set state = 'withdrawn', changed_at = $1, changed_by = request.to_party
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
  /** Those who had said yes to it. */
  said: string[];
}

/** Withdraws what rests on nothing any more, some of it at a time. */
export const withdrawFallen = (act: Act) =>
  query<FallenRequest>(act.db, fall, [act.now, new Date(act.now.getTime() - YES_MILLIS)]);
