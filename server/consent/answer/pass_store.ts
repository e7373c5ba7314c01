// SQL of passing a request on: who gets a notice of it, at most once, and its event. The caller
// holds the request's row (ask/replace_store.ts). It decides nothing.
import type { Act } from '../../platform/act.ts';
import { intoEvent, newEvent } from '../../event/store.ts';
import { intoNotice } from '../../notice/store.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';

const pass: Statement = {
  name: 'pass_request_on',
  text: `with receiver as (
      select told.* from jsonb_to_recordset($4::jsonb) as told(id uuid, party uuid) where not exists (select from notice earlier
        where earlier.party = told.party and earlier.consent_id = $1 and earlier.type = 'consent_passed_on')),
    passed as (
      select request.* from consent_request request where request.id = $1 and request.state = 'requested' and request.valid_to > $2
        and request.required_delegator is null and exists (select from receiver)),
    told as (
      ${intoNotice('id', 'party', 'type', 'at', 'consent_id', 'by_party', 'shown_at', 'read_at')}
      select receiver.id, receiver.party, 'consent_passed_on', $2, passed.id, $3, null, null from receiver, passed)
    ${intoEvent('id', 'mac', 'type', 'at', 'consent_id', 'from_party', 'to_party', 'handled_by', 'by_party')}
    select $5, $6::bytea, 'passed_on', $2, passed.id, passed.from_party, passed.to_party, passed.handled_by, $3 from passed returning event.id`,
};

/** Notifies those of these parties who have not been sent it yet. */
export const passRequestOn = (
  act: Act,
  { id, by, to }: { id: string; by: string; to: string[] },
): Promise<unknown> => {
  const { db, now } = act;
  const told = to.map((party) => ({ id: uuidv7(now), party }));
  const event = newEvent(act, { kind: 'passed_on', consent: id, by });
  return query(db, pass, [id, now, by, JSON.stringify(told), event.id, event.mac]);
};
