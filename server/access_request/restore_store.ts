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
