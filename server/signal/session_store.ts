// SQL of sessions that end: each stream of an organisation whose client knew of one hears of it
// (OpenID Continuous Access Evaluation Profile 1.0 §3.1).
import type { EndedSession } from '../caller/store.ts';
import { actAlone } from '../platform/act.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';

// Two organisations that compare what they hear find no id in common: each has an event of its own,
// as it has a name of its own for the person. One that keeps a stream for another hears of its own
// client's sessions alone.
const note: Statement = {
  name: 'note_sessions_revoked',
  text: `with ended as (select client.owner, ended.party, ended.session, array_agg(ended.client) as clients, array_agg(ended.sid order by ended.sid) as sid
      from jsonb_to_recordset($1::jsonb) as ended(session uuid, party uuid, client text, sid text) join oauth_client client on client.client_id = ended.client
      where client.owner is not null group by client.owner, ended.party, ended.session),
    happened as materialized (select ended.*, gen_random_uuid() as event from ended)
    insert into signal_delivery (stream_id, event_id, subject, pos, kind, is_state, said, state, why, made_at, next_at, settled_at)
    select stream.id, happened.event, happened.party, nextval('event_pos'), 'session-revoked', false,
      jsonb_build_object('status', 'ended', 'sid', happened.sid, 'event_timestamp', floor(extract(epoch from $2::timestamptz))::bigint),
      case when unheard.why is null then 'waiting' else 'dropped' end, unheard.why, $2, $2, case when unheard.why is not null then $2::timestamptz end
    from happened join signal_stream stream on stream.owner = happened.owner and stream.ended_at is null and (stream.supplier is null or stream.client = any(happened.clients))
      cross join lateral (select case when stream.status = 'disabled' then 'disabled' when not 'session-revoked' = any(stream.kinds) then 'not_asked_for' end as why) as unheard`,
};

/** Puts the end of each session on its way. Call it in the transaction that ends them. */
export async function noteSessionsRevoked(trx: Db, ended: EndedSession[]): Promise<void> {
  const { now } = actAlone(trx);
  const rows = ended.flatMap(({ id: session, party, clients }) =>
    clients.map(({ clientId: client, sid }) => ({ session, party, client, sid })),
  );
  if (rows.length) await query(trx, note, [JSON.stringify(rows), now]);
}
