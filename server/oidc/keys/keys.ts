// Our signing keys: made ahead, published before use, kept after, sealed in the database, rotated
// on a plan without a restart. Whoever signs asks for the key of this moment. It knows no token.
import { actAlone } from '../../platform/act.ts';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  sign,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { clock } from '../../platform/clock.ts';
import { transaction, type Db } from '../../platform/db/db.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import { noteOperatorAct } from '../../platform/operator_store.ts';
import { opensFirst } from '../../platform/secret/seal_store.ts';
import {
  insertKey,
  listKeys,
  listRetired,
  lockKeyring,
  removeKeys,
  retireKeys,
  sealKey,
  type KeyRow,
} from './key_store.ts';

export type Alg = KeyRow['alg'];
const ALGS: Alg[] = ['RS256', 'ES256'];
/**
 * How long a key is published after its successor took over: longer than any token and any cache of
 * ours lives.
 */
const KEPT_MILLIS = 2 * 86_400_000;

interface Key {
  kid: string;
  alg: Alg;
  activeFrom: Date;
  privateKey: KeyObject;
  publicKey: KeyObject;
  publicJwk: JWK;
}

export interface KeyringSettings {
  db: Db;
  seal: Seal;
  rotationDays: number;
  publishAheadSeconds: number;
}

const makePair = promisify(generateKeyPair);
const signAsync = promisify(sign);

export type Keyring = Awaited<ReturnType<typeof openKeyring>>;

/** Loads the keys, making the first ones when there are none. */
export async function openKeyring(settings: KeyringSettings) {
  let keys: Key[] = [];
  const watchers: (() => void)[] = [];

  /** Keys that were taken away are gone, also where another cannot be opened, which throws. */
  async function load(): Promise<void> {
    const rows = await listKeys(settings.db);
    keys = keys.filter(({ kid }) => rows.some((row) => row.kid === kid));
    const known = new Map(keys.map((key) => [key.kid, key]));
    keys = rows.map((row) => known.get(row.kid) ?? openKey(row, settings.seal));
  }

  const current = (alg: Alg): Key => {
    const now = clock.now();
    const own = keys.filter((candidate) => candidate.alg === alg);
    // A clock that was set back must not stop the house: then the oldest signs.
    const key = own.filter((candidate) => candidate.activeFrom <= now).at(-1) ?? own[0];
    if (!key) throw new Error(`no signing key for ${alg}`);
    return key;
  };

  await sealAnew(settings);
  await rotate(settings);
  await load();
  let seen = state();

  return {
    current,
    /** Every published key: coming, in use, and lately replaced. */
    publicJwks: (): JWK[] => keys.map((key) => key.publicJwk),
    /** Private JWKs, the ones in use first: oidc-provider signs with the first that fits. */
    privateJwks: (): JWK[] => {
      const first = new Set(ALGS.map((alg) => current(alg).kid));
      return [...keys]
        .sort((a, b) => Number(first.has(b.kid)) - Number(first.has(a.kid)))
        .map((key) => ({
          ...(key.privateKey.export({ format: 'jwk' }) as JWK),
          kid: key.kid,
          alg: key.alg,
          use: 'sig',
        }));
    },
    publicKey: (kid: string | undefined): KeyObject | undefined =>
      keys.find((key) => key.kid === kid)?.publicKey,
    /** Signs a JWT; the RSA work is done outside the event loop's thread. */
    async signJwt(alg: Alg, claims: object, header: object = {}): Promise<string> {
      const { kid, privateKey } = current(alg);
      const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
      const input = `${encode({ alg, kid, ...header })}.${encode(claims)}`;
      const key =
        alg === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' as const } : privateKey;
      return `${input}.${(await signAsync('sha256', Buffer.from(input), key)).toString('base64url')}`;
    },
    /** Called when the keys, or which of them is in use, have changed. */
    watch(watcher: () => void): void {
      watchers.push(watcher);
    },
    follow,
    /** Rotates if due, and follows. */
    async refresh(): Promise<void> {
      await rotate(settings);
      await follow();
    },
  };

  /** Reads what others made and took away; one question, cheap enough for every few seconds. */
  async function follow(): Promise<void> {
    await load();
    if (state() === seen) return;
    seen = state();
    watchers.forEach((watcher) => watcher());
  }

  function state(): string {
    return keys.map((key) => key.kid).join() + ALGS.map((alg) => current(alg).kid).join();
  }
}

/** Keys that an earlier SECRET sealed are sealed with this one. */
async function sealAnew({ db, seal }: KeyringSettings): Promise<void> {
  await transaction(db, async (trx) => {
    await lockKeyring(trx);
    for (const row of await listKeys(trx)) {
      const renewed = renewedKey(row, seal);
      if (renewed !== undefined) await sealKey(trx, row.kid, renewed);
    }
  });
}

function renewedKey({ privateJwkSealed }: KeyRow, seal: Seal): string | undefined {
  try {
    return seal.renewed('signing_key', privateJwkSealed);
  } catch {
    // Thrown when the key is opened.
    return undefined;
  }
}

/**
 * Makes the next key of each algorithm when its time comes near; takes away those long replaced.
 */
async function rotate(settings: KeyringSettings): Promise<void> {
  await transaction(settings.db, async (trx) => {
    await lockKeyring(trx);
    const now = clock.now();
    const rows = await listKeys(trx);
    for (const alg of ALGS) {
      const latest = rows.filter((row) => row.alg === alg).at(-1);
      const due = latest
        ? latest.activeFrom.getTime() + settings.rotationDays * 86_400_000
        : now.getTime();
      const ahead = now.getTime() + settings.publishAheadSeconds * 1000;
      if (due > ahead) continue;
      await insertKey(
        actAlone(trx, now),
        await makeKey(alg, settings.seal, new Date(latest ? Math.max(due, ahead) : due)),
      );
    }
    const gone = rows.filter((row) => isGone(row, rows, now)).map((row) => row.kid);
    if (gone.length) await retireKeys(actAlone(trx, now), gone);
  });
}

/** Signing keys and the first secret, which last: how many a seal opens, and how many there are. */
export async function countLasting(db: Db, seal: Seal): Promise<{ opened: number; all: number }> {
  const first = await opensFirst(db, seal);
  const lasting = (await listKeys(db)).map(
    ({ privateJwkSealed }) => seal.opened('signing_key', privateJwkSealed) !== undefined,
  );
  if (first !== undefined) lasting.push(first);
  return { opened: lasting.filter(Boolean).length, all: lasting.length };
}

/** A published key, as an operator sees it. */
export type PublishedKey = Pick<KeyRow, 'kid' | 'alg' | 'activeFrom'>;

/**
 * Takes keys away at once, all of them where none is named, and makes others that sign from now on:
 * whatever the old ones signed is refused, receipts too, of those that sign no more as well.
 * Answers with those that were taken away; throws where one is not there.
 */
export const replaceKeys = (db: Db, seal: Seal, kids: string[]): Promise<PublishedKey[]> =>
  transaction(db, async (trx) => {
    await lockKeyring(trx);
    const rows = await listKeys(trx);
    const isMeant = ({ kid }: PublishedKey) => !kids.length || kids.includes(kid);
    const serving = rows.filter(isMeant);
    const gone = [...serving, ...(await listRetired(trx)).filter(isMeant)];
    const unknown = kids.find((kid) => !gone.some((row) => row.kid === kid));
    if (unknown) throw new Error(`There is no key ${unknown}.`);
    const act = actAlone(trx);
    for (const alg of new Set(serving.map((row) => row.alg)))
      await insertKey(act, await makeKey(alg, seal, act.now));
    await removeKeys(
      act,
      gone.map(({ kid }) => kid),
    );
    await noteOperatorAct(act, 'keys', { replaced: gone.map(({ kid }) => kid) });
    return gone;
  });

/**
 * Replaced long ago: its successor has been in use for longer than anything signed with it can
 * live.
 */
function isGone(row: KeyRow, rows: KeyRow[], now: Date): boolean {
  const successor = rows.find(
    (other) => other.alg === row.alg && other.activeFrom > row.activeFrom,
  );
  return successor !== undefined && successor.activeFrom.getTime() + KEPT_MILLIS < now.getTime();
}

async function makeKey(alg: Alg, seal: Seal, activeFrom: Date): Promise<KeyRow> {
  const { privateKey } =
    alg === 'RS256'
      ? await makePair('rsa', { modulusLength: 2048 })
      : await makePair('ec', { namedCurve: 'P-256' });
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    alg,
    activeFrom,
    publicJwk: { ...publicJwk, kid, alg, use: 'sig' },
    privateJwkSealed: seal.seal(
      'signing_key',
      JSON.stringify(privateKey.export({ format: 'jwk' })),
    ),
  };
}

function openKey(row: KeyRow, seal: Seal): Key {
  let jwk: object;
  try {
    jwk = JSON.parse(seal.open('signing_key', row.privateJwkSealed)) as object;
  } catch (cause) {
    throw new Error('The signing keys in this database were sealed with another SECRET.', {
      cause,
    });
  }
  const privateKey = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
  return {
    kid: row.kid,
    alg: row.alg,
    activeFrom: row.activeFrom,
    privateKey,
    publicKey: createPublicKey(privateKey),
    publicJwk: row.publicJwk as JWK,
  };
}
