// SQL of signing keys: private halves, sealed, and public ones, which stay. It knows no algorithm.
import { appendHouseEvents } from '../../event/store.ts';
import type { Act } from '../../platform/act.ts';
import { query, type Db, type Statement } from '../../platform/db/db.ts';

export interface KeyRow {
  kid: string;
  alg: 'RS256' | 'ES256';
  publicJwk: Record<string, unknown>;
  privateJwkSealed: string;
  activeFrom: Date;
}

const keys: Statement = {
  name: 'signing_keys',
  text: `select key.kid, key.alg, key.public_jwk as "publicJwk", key.private_jwk_sealed as "privateJwkSealed",
      key.active_from as "activeFrom" from signing_key key where key.private_jwk_sealed is not null order by key.alg, key.active_from limit 100`,
};
const insertKeyRow: Statement = {
  name: 'insert_signing_key',
  text: `insert into signing_key (kid, alg, public_jwk, private_jwk_sealed, created_at, active_from)
    values ($1, $2, $3, $4, $5, $6)`,
};
const deleteKeys: Statement = {
  name: 'delete_signing_keys',
  text: 'delete from signing_key where signing_key.kid = any($1)',
};
// The public half stays: what it signed is checked by it.
const retire: Statement = {
  name: 'retire_signing_keys',
  text: 'update signing_key set private_jwk_sealed = null where signing_key.kid = any($1)',
};
const verifying: Statement = {
  name: 'verifying_keys',
  text: `select key.public_jwk as "publicJwk" from signing_key key where key.alg = 'ES256' order by key.active_from`,
};
const sealKeyRow: Statement = {
  name: 'seal_signing_key',
  text: 'update signing_key set private_jwk_sealed = $2 where signing_key.kid = $1',
};
const lockKeys: Statement = {
  name: 'lock_signing_keys',
  text: 'select pg_advisory_xact_lock(727275)',
};

export function listKeys(db: Db): Promise<KeyRow[]> {
  return query<KeyRow>(db, keys);
}

export async function insertKey(act: Act, key: KeyRow): Promise<void> {
  await query(act.db, insertKeyRow, [
    key.kid,
    key.alg,
    JSON.stringify(key.publicJwk),
    key.privateJwkSealed,
    act.now,
    key.activeFrom,
  ]);
  const { kid, alg, publicJwk, activeFrom } = key;
  await appendHouseEvents(act, [
    { type: 'key_begun', detail: { kid, alg, publicJwk, activeFrom } },
  ]);
}

const ended = (type: 'key_removed' | 'key_retired', kids: string[]) =>
  kids.map((kid) => ({ type, detail: { kid } }));

export async function removeKeys(act: Act, kids: string[]): Promise<void> {
  await query(act.db, deleteKeys, [kids]);
  await appendHouseEvents(act, ended('key_removed', kids));
}

const retired: Statement = {
  name: 'retired_signing_keys',
  text: 'select key.kid, key.alg, key.active_from as "activeFrom" from signing_key key where key.private_jwk_sealed is null order by key.alg, key.active_from',
};

/** Keys that sign no more, and check what they signed. */
export const listRetired = (db: Db): Promise<Pick<KeyRow, 'kid' | 'alg' | 'activeFrom'>[]> =>
  query(db, retired);

/** They sign no more; what they signed is known by them still. */
export async function retireKeys(act: Act, kids: string[]): Promise<void> {
  await query(act.db, retire, [kids]);
  await appendHouseEvents(act, ended('key_retired', kids));
}

/** The public keys by which everything that lasts was signed, from the first; none that leaked. */
export const listVerifyingKeys = async (db: Db): Promise<object[]> =>
  (await query<{ publicJwk: object }>(db, verifying)).map(({ publicJwk }) => publicJwk);

export async function sealKey(db: Db, kid: string, sealed: string): Promise<void> {
  await query(db, sealKeyRow, [kid, sealed]);
}

/** Only one node at a time makes keys. */
export async function lockKeyring(db: Db): Promise<void> {
  await query(db, lockKeys);
}
