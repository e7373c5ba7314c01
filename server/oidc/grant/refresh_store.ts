// SQL of using a refresh token: kept or rotated, with the end of its grant. Ids are digests.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Statement } from '../../platform/db/db.ts';
import type { Lasting } from '../choice/offline_model.ts';
import { stillLasts } from '../choice/offline_store.ts';
import { isRenewed, lockedGrants, withEnd } from '../provider/store.ts';

const lasts = (lasting: string, now: string) => stillLasts(`${lasting}::text`, 'held', now);

// The grant's row is locked first, as by whoever ends the grant: nobody waits in a ring.
const keep: Statement = {
  name: 'keep_refresh_token',
  text: `with held as (${lockedGrants(`= $1 and ${lasts('$5', '$4')}`)})
    update oidc_state set expires_at = $3, used_at = $4, payload = ${withEnd('$3')} from held
    where oidc_state.grant_id = held.grant_id and (oidc_state.model = 'Grant' or (oidc_state.model = 'RefreshToken' and oidc_state.id_hash = $2))
    returning oidc_state.model`,
};

export interface UsedToken {
  grantId: string;
  idHash: string;
  /** When it and its grant end from now on. */
  end: Date;
  lasting: Lasting;
}

/** Notes a use of a token that stays; false when it, or what it lasts with, has gone meanwhile. */
export const keepToken = async (act: Act, used: UsedToken): Promise<boolean> =>
  (await query(act.db, keep, [used.grantId, used.idHash, used.end, act.now, used.lasting]))
    .length === 2;

const rotate: Statement = {
  name: 'rotate_refresh_token',
  text: `with held as (${lockedGrants(`= $7 and ${lasts('$8', '$2')}`)}),
    old as (
      update oidc_state set consumed_at = $2, successor = $3 from held
      where oidc_state.model = 'RefreshToken' and oidc_state.id_hash = $1 and oidc_state.grant_id = held.grant_id and oidc_state.consumed_at is null
      returning oidc_state.id_hash, oidc_state.payload, oidc_state.grant_id, oidc_state.uid),
    made as (
      insert into oidc_state (model, id_hash, payload, grant_id, uid, expires_at, used_at)
      select 'RefreshToken', $4, old.payload || $6::jsonb, old.grant_id, old.uid, $5, $2 from old returning id_hash),
    spent as (
      update oidc_state set successor = null from old
      where oidc_state.grant_id = old.grant_id and oidc_state.model = 'RefreshToken' and oidc_state.successor is not null and oidc_state.id_hash <> old.id_hash),
    lasting as (
      update oidc_state set expires_at = $5, payload = ${withEnd('$5')} from old
      where oidc_state.grant_id = old.grant_id and oidc_state.model = 'Grant')
    select made.id_hash from made`,
};

export interface Rotation extends UsedToken {
  successorHash: string;
  sealed: string;
  /** Members of the payload that the successor has anew. */
  changes: { iat: number; exp: number; rotations: number };
}

/**
 * Uses a token up and makes its successor, in one statement; false when it was used up before. The
 * token before it answers no more.
 */
export const rotateToken = async (act: Act, rotation: Rotation): Promise<boolean> =>
  (
    await query(act.db, rotate, [
      rotation.idHash,
      act.now,
      rotation.sealed,
      rotation.successorHash,
      rotation.end,
      JSON.stringify(rotation.changes),
      rotation.grantId,
      rotation.lasting,
    ])
  ).length === 1;

const renewed: Statement = {
  name: 'successor_of_token',
  text: `select state.successor from oidc_state state
    where state.model = 'RefreshToken' and state.id_hash = $1 and ${isRenewed('state', '$2')}
      and exists (select from oidc_state held where held.model = 'Grant' and held.grant_id = state.grant_id and ${lasts('$3', '$2')})`,
};

/** The sealed successor of a token that was rotated a moment ago; undefined once it was used. */
export const findSuccessor = async (
  act: Act,
  { idHash, lasting }: Pick<UsedToken, 'idHash' | 'lasting'>,
): Promise<string | undefined> =>
  (await queryOne<{ successor: string }>(act.db, renewed, [idHash, act.now, lasting]))?.successor;
