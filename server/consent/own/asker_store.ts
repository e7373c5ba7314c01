// SQL of the requests that an organisation asked or handles, in the order in which they were
// asked. It decides nothing.
import type { Act } from '../../platform/act.ts';
import { query, type Statement } from '../../platform/db/db.ts';
import type { PartyName } from '../../party/model.ts';
import type { ConsentRow, ConsentState } from '../model.ts';
import { consentColumns, consentTables, eventsOf } from '../store.ts';

// A giver is found by the name that the asker used, and by any once it was given: a list is no way
// to learn whose number it is.
const ofGiver = `exists (select from party giver where giver.id = request.from_party
        and (request.approved_at is not null or request.from_named = case $6 when 'uuid' then 'uuid' else 'number' end)
        and $7 = case $6 when 'uuid' then giver.id::text else coalesce(giver.person_no, giver.organization_no) end)`;
const own = (
  column: string,
) => `(select request.id, request.requested_at from consent_request request
      where request.${column} = $1 and ($3::text[] is null or request.state = any($3)) and ($4::timestamptz is null or request.requested_at > $4)
        and ($7::text is null or ${ofGiver})
        and ($5::uuid is null or (request.requested_at, request.id) > (select last.requested_at, last.id from consent_request last where last.id = $5))
      order by request.requested_at, request.id limit $8)`;
const list: Statement = {
  name: 'list_own_requests',
  text: `with listed as (select asked.id, asked.requested_at from (${own('to_party')} union ${own('handled_by')}) as asked
      order by asked.requested_at, asked.id limit $8)
    select ${consentColumns('$2')}, ${eventsOf(100)} from ${consentTables} join listed on listed.id = request.id
    order by listed.requested_at, listed.id`,
};

export interface OwnWanted {
  /** The receiver, or the organisation that handles the requests. */
  party: string;
  states: ConsentState[] | null;
  after: Date | null;
  /** The last that was read before, by its id. */
  last: string | null;
  from: PartyName | null;
  limit: number;
}

export const listOwnRequests = (act: Act, wanted: OwnWanted): Promise<ConsentRow[]> =>
  query<ConsentRow>(act.db, list, [
    ...[wanted.party, act.now, wanted.states, wanted.after, wanted.last],
    ...[wanted.from?.by ?? null, wanted.from?.value ?? null, wanted.limit],
  ]);
