// SQL of requests that pass their time: each once, as an event. It knows no feed.
import type { Act } from '../../platform/act.ts';
import { microseconds } from '../../event/feed_store.ts';
import { intoEvent, macOf } from '../../event/store.ts';
import { query, type Statement } from '../../platform/db/db.ts';

// A row that an answer holds this moment has its turn the next time.
const pass: Statement = {
  name: 'pass_their_time',
  text: `update consent_request request set expiry_noted = true where request.id = any(array(
        select due.id from consent_request due where not due.expiry_noted and due.valid_to <= $1
        order by due.valid_to limit $2 for update skip locked))
      returning request.expiry_event_id as id, ${microseconds('request.valid_to')} as at, request.id as consent, request.from_party as "from", request.to_party as "to",
        request.handled_by as "handledBy", coalesce(request.rejected_at, request.withdrawn_at, request.valid_to) >= request.valid_to as "isExpired"`,
};

const note: Statement = {
  name: 'note_expiries',
  text: `${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by')}
    select passed.id, passed.mac, 'expired', passed.at, passed.consent, passed."from", passed."to", passed."handledBy"
    from jsonb_to_recordset($1::jsonb) as passed(id uuid, mac bytea, at timestamptz, consent uuid, "from" uuid, "to" uuid, "handledBy" uuid)
    on conflict (id) do nothing`,
};

interface Passed {
  /** The id of its event. */
  id: string;
  at: string;
  consent: string;
  from: string;
  to: string;
  handledBy: string | null;
  /** Whether nothing had ended it before. */
  isExpired: boolean;
}

/** Notes some, and answers how many; call it in a transaction. */
export async function noteExpiries({ db, now }: Act, most: number): Promise<number> {
  const passed = await query<Passed>(db, pass, [now, most]);
  const expired = passed
    .filter(({ isExpired }) => isExpired)
    .map(({ isExpired: _, ...one }) => ({ ...one, mac: macOf(db, { ...one, kind: 'expired' }) }));
  if (expired.length) await query(db, note, [JSON.stringify(expired)]);
  return passed.length;
}
