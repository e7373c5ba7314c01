// SQL of requests that pass their time: each once, as an event. It knows no feed.
import type { Act } from '../../platform/act.ts';
import { intoEvent } from '../../event/store.ts';
import { queryOne, type Statement } from '../../platform/db/db.ts';

// A row that an answer holds this moment has its turn the next time.
const expire: Statement = {
  name: 'note_expiries',
  text: `with passed as (
      update consent_request request set expiry_noted = true where request.id = any(array(
        select due.id from consent_request due where not due.expiry_noted and due.valid_to <= $1
        order by due.valid_to limit $2 for update skip locked))
      returning request.*),
    noted as (${intoEvent('id', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by')}
    select passed.expiry_event_id, 'expired', passed.valid_to, passed.id, passed.from_party, passed.to_party, passed.handled_by
    from passed where coalesce(passed.rejected_at, passed.withdrawn_at, passed.valid_to) >= passed.valid_to
    on conflict (id) do nothing)
    select count(*)::int as count from passed`,
};

/** Notes some, and answers how many. */
export const noteExpiries = async (act: Act, most: number): Promise<number> =>
  (await queryOne<{ count: number }>(act.db, expire, [act.now, most]))!.count;
