// SQL of the authorization server's own state: clients, what oidc-provider keeps (by digest),
// replay marks, revoked tokens. It knows no protocol.
import { digestOf, eventOfEach, idsFor, NO_PARTIES, ofHouse } from '../../event/store.ts';
import { sweepExpired } from '../../platform/db/sweep_store.ts';
import { type Act, look } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import { lookJoint } from '../../consent/joint_store.ts';
import { consentInForce, type InForce } from '../../consent/redeem/store.ts';
import { lookup } from '../../platform/db/together_store.ts';

export interface ClientRow {
  clientId: string;
  owner: string | null;
  ownerNo: string | null;
  ownerName: string | null;
  /** Prefixes of API scopes that the owner has. */
  prefixes: string[];
  metadata: Record<string, unknown>;
}

const client: Statement = {
  name: 'find_client',
  text: `select client.client_id as "clientId", client.owner, owner.organization_no as "ownerNo", owner.name as "ownerName", client.metadata,
      array(select scope_prefix.prefix from scope_prefix where scope_prefix.owner = client.owner order by scope_prefix.prefix) as prefixes
    from oauth_client client left join party owner on owner.id = client.owner where client.client_id = $1 and (owner.ended_at is null or owner.ended_at > $2)`,
};

/** A client; none whose organisation has ended. */
export function findClientRow(act: Act, clientId: string): Promise<ClientRow | undefined> {
  return queryOne<ClientRow>(act.db, client, [clientId, act.now]);
}

export interface StateRow {
  payload: Record<string, unknown>;
  consumedAt: Date | null;
  /** Where the tokens of a grant are in the status lists. */
  statusPlace: string | null;
}

/** Seconds in which a rotated refresh token still answers: an answer may be lost on its way. */
const RENEWED_SECONDS = 10;
/** A refresh token whose successor nobody has used yet, shortly after it was rotated. */
export const isRenewed = (state: string, now: string) =>
  `${state}.successor is not null and ${state}.consumed_at > ${now}::timestamptz - interval '${RENEWED_SECONDS} seconds'`;
// Such a token is not used up.
const stateColumns = `state.payload, state.status_place::text as "statusPlace", case when not (${isRenewed('state', '$3')}) then state.consumed_at end as "consumedAt"`;
const byId: Statement = {
  name: 'find_state',
  text: `select ${stateColumns} from oidc_state state where state.model = $1 and state.id_hash = $2
    and (state.expires_at is null or state.expires_at > $3)`,
};
const byUid: Statement = {
  name: 'find_state_by_uid',
  text: `select ${stateColumns} from oidc_state state where state.model = $1 and state.uid = $2
    and (state.expires_at is null or state.expires_at > $3) limit 1`,
};

export function findState(act: Act, model: string, idHash: string): Promise<StateRow | undefined> {
  return queryOne<StateRow>(act.db, byId, [model, idHash, act.now]);
}

export function findStateByUid(
  act: Act,
  model: string,
  uid: string,
): Promise<StateRow | undefined> {
  return queryOne<StateRow>(act.db, byUid, [model, uid, act.now]);
}

/** A payload with its end, which oidc-provider reads there. */
export const withEnd = (end: string) =>
  `jsonb_set(oidc_state.payload, '{exp}', to_jsonb(floor(extract(epoch from ${end}::timestamptz))::bigint))`;
const put: Statement = {
  name: 'put_state',
  // A grant lives as long as its longest refresh token.
  text: `with lasting as (update oidc_state set expires_at = $6, payload = ${withEnd('$6')}
      where $1 = 'RefreshToken' and oidc_state.model = 'Grant' and oidc_state.grant_id = $4 and oidc_state.expires_at < $6)
    insert into oidc_state (model, id_hash, payload, grant_id, uid, expires_at, status_place) values ($1, $2, $3, $4, $5, $6, case when $1 = 'Grant' then next_status_place() end)
    on conflict (model, id_hash) do update set payload = excluded.payload, grant_id = excluded.grant_id,
      uid = excluded.uid, expires_at = excluded.expires_at`,
};

export interface NewState {
  model: string;
  idHash: string;
  payload: unknown;
  grantId: string | null;
  uid: string | null;
  expiresAt: Date | null;
}

export async function putState(db: Db, state: NewState): Promise<void> {
  await query(db, put, [
    state.model,
    state.idHash,
    JSON.stringify(state.payload),
    state.grantId,
    state.uid,
    state.expiresAt,
  ]);
}

const consume: Statement = {
  name: 'consume_state',
  text: `update oidc_state set consumed_at = $3 where oidc_state.model = $1 and oidc_state.id_hash = $2
    and oidc_state.consumed_at is null returning oidc_state.grant_id`,
};

/** True for the first use, false for every other, however simultaneous. */
export async function consumeState(act: Act, model: string, idHash: string): Promise<boolean> {
  return (await query(act.db, consume, [model, idHash, act.now])).length === 1;
}

/** The rows of grants, by their ids, locked; whoever writes more of a grant locks it first. */
export const lockedGrants = (ids: string) =>
  `select held.grant_id from oidc_state held where held.model = 'Grant' and held.grant_id ${ids} order by held.grant_id for update`;

const remove: Statement = {
  name: 'delete_state',
  text: 'delete from oidc_state where oidc_state.model = $1 and oidc_state.id_hash = $2',
};
const removeGrants: Statement = {
  name: 'delete_grant_state',
  text: `with held as materialized (${lockedGrants('= any($1::text[])')})
    delete from oidc_state where oidc_state.grant_id = any($1::text[]) and (select count(*) from held) >= 0`,
};

export async function deleteState(db: Db, model: string, idHash: string): Promise<void> {
  await query(db, remove, [model, idHash]);
}

export async function deleteStateOfGrants(db: Db, grantIds: string[]): Promise<void> {
  await query(db, removeGrants, [grantIds]);
}

const mark: Statement = {
  name: 'mark_used',
  text: `insert into replay_mark (id, expires_at) select * from unnest($1::text[], $2::timestamptz[])
    on conflict (id) do nothing returning replay_mark.id`,
};

/**
 * Inserts marks and answers with those that were new. Ids sorted, so that two batches never wait
 * for each other.
 */
export async function insertMarks(db: Db, marks: Map<string, Date>): Promise<Set<string>> {
  const ids = [...marks.keys()].sort();
  const rows = await query<{ id: string }>(db, mark, [ids, ids.map((id) => marks.get(id))]);
  return new Set(rows.map((row) => row.id));
}

const revoke: Statement = {
  name: 'revoke_token',
  text: 'insert into revoked_token (jti, expires_at) values ($1, $2) on conflict (jti) do nothing',
};
const revoked = lookup<{ jti: string }>(
  'is_revoked',
  (jti) => `select token.jti from revoked_token token where token.jti = ${jti}`,
);

const consentToken = (name: string, joint: boolean) =>
  lookup<InForce>(
    name,
    (
      key,
      now,
    ) => `select held.id, held."isNarrowed", held."isJoint" from (${consentInForce(`split_part(${key}, ' ', 1)`, now, { joint })}) as held
    where not exists (select from revoked_token token where token.jti = substr(${key}, strpos(${key}, ' ') + 1))`,
  );
const tokenInForce = lookJoint(
  consentToken('consent_token_in_force', false),
  consentToken('joint_consent_token_in_force', true),
);

/** Undefined unless a token with a consent is not revoked, and the consent holds; one statement. */
export const findTokenInForce = (act: Act, { consent, jti }: { consent: string; jti: string }) =>
  tokenInForce(act, `${consent} ${jti}`);

export async function insertRevoked(db: Db, jti: string, expiresAt: Date): Promise<void> {
  await query(db, revoke, [jti, expiresAt]);
}

export const isRevoked = async (act: Act, jti: string) =>
  (await look(act, revoked, jti)) !== undefined;

/** Removes what has expired. */
export const sweepState = sweepExpired(['oidc_state', 'replay_mark', 'revoked_token']);

const putClients: Statement = {
  name: 'import_clients',
  text: `with put as (insert into oauth_client as client (client_id, owner, metadata)
      select r.client_id, r.owner, r.metadata from jsonb_to_recordset($1::jsonb) as r(client_id text, owner uuid, metadata jsonb)
      on conflict (client_id) do update set owner = excluded.owner, metadata = excluded.metadata
        where (client.owner, client.metadata) is distinct from (excluded.owner, excluded.metadata)
      returning client.client_id, client.owner, client.metadata, xmax = 0 as is_new)
    ${eventOfEach(
      `${ofHouse("case when put.is_new then 'client_registered' else 'client_changed' end", 'null::uuid', `jsonb_build_object('client', put.client_id, 'owner', put.owner, 'digest', ${digestOf('put.metadata')})`)} from put`,
      '$2::timestamptz',
      '$3',
    )}`,
};

/** Rows of {client_id, owner, metadata}; each that is not as it was leaves an event. */
export async function importClients(act: Act, rows: unknown[]): Promise<void> {
  const most = { client_registered: rows.length, client_changed: rows.length };
  const ids = idsFor(act, most, { ...NO_PARTIES, by: null });
  await query(act.db, putClients, [JSON.stringify(rows), act.now, ids]);
}
