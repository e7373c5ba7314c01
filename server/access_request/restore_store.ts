// SQL of requests for a right that had been refused or withdrawn when the database was set back.
import { query, type Db, type Statement } from '../platform/db/db.ts';

export interface ClosedRequest {
  id: string;
  changed_by: string;
}

const read: Statement = {
  name: 'closed_requests_as_rows',
  text: `select to_jsonb(asked) as row from access_request asked where asked.id = any($1::uuid[]) and asked.state in ('rejected', 'withdrawn')`,
};
export const closedRequests = async (archive: Db, ids: string[]): Promise<ClosedRequest[]> =>
  (await query<{ row: ClosedRequest }>(archive, read, [ids])).map(({ row }) => row);

const close: Statement = {
  name: 'close_requests_again',
  text: `update access_request set state = closed.state, changed_at = closed.changed_at, changed_by = closed.changed_by
    from jsonb_populate_recordset(null::access_request, $1::jsonb) as closed
    where access_request.id = closed.id and access_request.state in ('draft', 'pending') returning access_request.id`,
};
/** Closes those that wait here; answers with their ids. */
export const closeRequestsAgain = async (db: Db, rows: ClosedRequest[]): Promise<string[]> =>
  (await query<{ id: string }>(db, close, [JSON.stringify(rows)])).map(({ id }) => id);

const said: Statement = {
  name: 'right_yeses_as_rows',
  text: 'select yes.request_id as request, yes.by_party as party from access_request_yes yes where yes.request_id = any($1::uuid[])',
};
const reopen: Statement = {
  name: 'reopen_access_requests',
  text: `with lost as (select distinct yes.request_id from access_request_yes yes join access_request request on request.id = yes.request_id
      where yes.request_id = any($1::uuid[]) and request.state = 'pending' and not exists (select from jsonb_to_recordset($2::jsonb) as kept(request uuid, party uuid)
        where kept.request = yes.request_id and kept.party = yes.by_party)),
    gone as (delete from access_request_yes using lost where access_request_yes.request_id = lost.request_id)
    select lost.request_id as id from lost`,
};
/**
 * Has requests wait for a first yes again to which one of several took a yes back in the archive;
 * answers with their ids.
 */
export async function reopenRequestsAgain(db: Db, archive: Db, ids: string[]): Promise<string[]> {
  const kept = await query(archive, said, [ids]);
  const rows = await query<{ id: string }>(db, reopen, [ids, JSON.stringify(kept)]);
  return rows.map(({ id }) => id);
}
