// The log's own keys, Ed25519, kept sealed in the database: who signs it now, and every key that
// ever did. A new one signs beside the one before for a month; one that others may have ends at
// once, with its log.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { Act } from '../platform/act.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { NoteKey, Signer } from './note_model.ts';
import { addLogKey, endLogKeys, listLogKeys, sealLogKey, type LogKeyRow } from './store.ts';

const PURPOSE = 'log_key';
const BESIDE_MILLIS = 30 * 86_400_000;

/** The name of a log: the issuer's host, and its number. */
export const logName = (issuer: string, log: number) => `${new URL(issuer).host}/log/${log}`;

const signsAt = ({ signsFrom, signsUntil }: LogKeyRow, now: Date) =>
  signsFrom <= now && (signsUntil === null || signsUntil > now);

/** Makes a key for a log from now on; call it in a transaction that holds the log's lock. */
async function addKey({ db, now }: Act, log: number, seal: Seal): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  await addLogKey(db, {
    id: uuidv7(now),
    log,
    publicKey: Buffer.from(x!, 'base64url').toString('hex'),
    sealedPrivate: seal.seal(
      PURPOSE,
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ),
    signsFrom: now,
    signsUntil: null,
  });
}

/** Begins a key beside the one that signs, which ends in a month. */
export async function renewKey(act: Act, log: number, seal: Seal): Promise<void> {
  await endLogKeys(act.db, log, new Date(act.now.getTime() + BESIDE_MILLIS));
  await addKey(act, log, seal);
}

const published = ({ log, publicKey }: LogKeyRow, issuer: string): NoteKey => ({
  name: logName(issuer, log),
  publicKey: Buffer.from(publicKey, 'hex'),
});

/** Every key that signs a log, or did. */
export const logVerifiers = async ({ db }: Act, log: number, issuer: string): Promise<NoteKey[]> =>
  (await listLogKeys(db)).filter((key) => key.log === log).map((key) => published(key, issuer));

/** The keys that sign a log now, the first made where there is none; under the log's lock. */
export async function logSigners(
  act: Act,
  log: number,
  { issuer, seal }: { issuer: string; seal: Seal },
): Promise<Signer[]> {
  const find = async () =>
    (await listLogKeys(act.db)).filter((key) => key.log === log && signsAt(key, act.now));
  let rows = await find();
  if (!rows.length) {
    await addKey(act, log, seal);
    rows = await find();
  }
  for (const { id, sealedPrivate } of rows) {
    const renewed = seal.renewed(PURPOSE, sealedPrivate);
    if (renewed) await sealLogKey(act.db, id, renewed, sealedPrivate);
  }
  return rows.map((key) => ({
    ...published(key, issuer),
    privateKey: createPrivateKey(seal.open(PURPOSE, key.sealedPrivate)),
  }));
}
