// SQL of sessions that end: each stream of an organisation whose client knew of one hears of it
// (OpenID Continuous Access Evaluation Profile 1.0 §3.1).
import type { EndedSession } from '../caller/store.ts';
import { actAlone } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';

const note: Statement = {
  name: 'note_sessions_revoked',
  text: `insert into signal_delivery (stream_id, event_id, subject, pos, kind, is_state, said, state, why, made_at, next_at, settled_at)
    select heard.stream, heard.event, heard.party, nextval('event_pos'), 'session-revoked', false, '{"status":"ended"}',
      case when heard.why is null then 'waiting' else 'dropped' end, heard.why, $2, $2, case when heard.why is not null then $2::timestamptz end
    from (select distinct stream.id as stream, ended.event, ended.party,
        case when stream.status = 'disabled' then 'disabled' when not 'session-revoked' = any(stream.kinds) then 'not_asked_for' end as why
      from jsonb_to_recordset($1::jsonb) as ended(event uuid, party uuid, client text) join oauth_client client on client.client_id = ended.client
        join signal_stream stream on stream.owner = client.owner and stream.ended_at is null) as heard`,
};

/** Puts the end of each session on its way. Call it in the transaction that ends them. */
export async function noteSessionsRevoked(trx: Db, ended: EndedSession[]): Promise<void> {
  const { now } = actAlone(trx);
  const rows = ended.flatMap(({ party, clients }) => {
    const event = uuidv7(now);
    return clients.map(({ clientId: client }) => ({ event, party, client }));
  });
  if (rows.length) await query(trx, note, [JSON.stringify(rows), now]);
}
