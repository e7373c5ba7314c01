// SQL of what a person has let clients do after the login: the yes, with the words it was said to,
// ended and never deleted.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';
import { sessionLives } from '../../caller/store.ts';
import { OFFLINE, type OfflineShown } from './offline_model.ts';
import { CONSENT_TYPE } from '../provider/hook_model.ts';
import { intoEvent, newEvent } from '../../event/store.ts';

/** Whether a person's yes to a client stands. */
const stands = (person: string, client: string) =>
  `select from offline_permission allowed where allowed.person = ${person} and allowed.client_id = ${client} and allowed.ended_at is null`;

/** Whether the yes stands that a grant, as a row of oidc-provider's, rests on: no later one. */
const offlineStands = (grant: string) =>
  `exists (${stands(`(${grant}.payload ->> 'accountId')::uuid`, `${grant}.payload ->> 'clientId'`)}
    and allowed.allowed_at < to_timestamp((${grant}.payload ->> 'iat')::bigint + 1))`;

/** The thing that a grant, as a row of oidc-provider's, lasts with: offline_model.ts in SQL. */
export const lastingOfGrant = (grant: string) =>
  `case when coalesce(${grant}.payload -> 'rar', '[]') @> '[{"type":"${CONSENT_TYPE}"}]' then 'consent'
    when ' ' || coalesce(${grant}.payload #>> '{openid,scope}', '') || ' ' like '% ${OFFLINE} %' then 'offline' else 'session' end`;

/** Whether that stands with which a grant lasts; a consent is asked by itself. */
export const stillLasts = (lasting: string, grant: string, now: string) =>
  `case ${lasting} when 'consent' then true when 'offline' then ${offlineStands(grant)}
    else ${sessionLives(`${grant}.grant_id`, now)} end`;

export interface OfflineOf {
  person: string;
  clientId: string;
}

const find: Statement = {
  name: 'find_offline_permission',
  text: stands('$1', '$2'),
};

export const isOfflineAllowed = async (
  act: Act,
  { person, clientId }: OfflineOf,
): Promise<boolean> => (await query(act.db, find, [person, clientId])).length > 0;

// The event is the person's alone: whoever owns the client knows the person by another name.
const evidence = (event: { id: string; mac: string }, type: string, row: string) =>
  `${intoEvent('id', 'mac', 'type', 'at', 'from_party', 'to_party', 'by_party', 'detail')}
    select ${event.id}, ${event.mac}::bytea, '${type}', $3, ${row}.person, ${row}.person,
      ${row}.person, jsonb_build_object('client', ${row}.client_id) from ${row}`;

const evidenceOf = (kind: string, person: string) => ({
  ...{ kind, from: person, to: person, by: person },
});

const allow: Statement = {
  name: 'allow_offline',
  text: `with made as (insert into offline_permission (id, person, client_id, allowed_at, shown) values ($4, $1, $2, $3, $5)
      on conflict (person, client_id) where ended_at is null do nothing returning offline_permission.person, offline_permission.client_id)
    ${evidence({ id: '$6', mac: '$7' }, 'offline_allowed', 'made')}`,
};

/** Keeps a yes, with its event; a second one while the first stands changes nothing. */
export async function allowOffline(
  act: Act,
  { person, clientId }: OfflineOf,
  shown: OfflineShown,
): Promise<void> {
  const detail = { client: clientId };
  const { id, mac } = newEvent(act, { ...evidenceOf('offline_allowed', person), detail });
  const values = [person, clientId, act.now, uuidv7(act.now), JSON.stringify(shown), id, mac];
  await query(act.db, allow, values);
}

const end: Statement = {
  name: 'end_offline',
  text: `with ended as (update offline_permission set ended_at = $3 where offline_permission.person = $1
      and (offline_permission.client_id = $2 or offline_permission.id = $5) and offline_permission.ended_at is null
      returning offline_permission.person, offline_permission.client_id),
    noted as (${evidence({ id: '$4', mac: '$6' }, 'offline_ended', 'ended')})
    select array(select state.grant_id from oidc_state state where state.model = 'Grant' and state.payload ->> 'accountId' = $1::text
      and state.payload ->> 'clientId' = ended.client_id and ${lastingOfGrant('state')} = 'offline') as grants from ended`,
};

/** A yes of a person's, by its client or by its id. */
export interface OfflineEnded {
  person: string;
  clientId: string | null;
  id: string | null;
}

/** Ends a yes, with its event; answers with the grants that rest on it, undefined without one. */
export const endOffline = async (
  act: Act,
  { person, clientId, id }: OfflineEnded,
): Promise<string[] | undefined> => {
  const event = newEvent(act, evidenceOf('offline_ended', person));
  const values = [person, clientId, act.now, event.id, id, event.mac];
  return (await queryOne<{ grants: string[] }>(act.db, end, values))?.grants;
};

export interface OfflineRow {
  id: string;
  clientId: string;
  clientName: string | null;
  ownerName: string | null;
  since: Date;
}

const list: Statement = {
  name: 'list_offline',
  text: `select allowed.id, allowed.client_id as "clientId", client.metadata ->> 'client_name' as "clientName", owner.name as "ownerName", allowed.allowed_at as since
    from offline_permission allowed left join oauth_client client on client.client_id = allowed.client_id left join party owner on owner.id = client.owner
    where allowed.person = $1 and allowed.ended_at is null order by allowed.id desc limit 1000`,
};

/** Permissions that stand, the newest first. */
export const listOffline = (act: Act, person: string): Promise<OfflineRow[]> =>
  query<OfflineRow>(act.db, list, [person]);
