// The log's own keys, Ed25519, kept sealed in the database: who signs it now, and every key that
// ever did. A new one signs beside the one before for a month; one that others may have ends at
// once, with its log.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { appendHouseEvents } from '../event/store.ts';
import type { Act } from '../platform/act.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { NoteKey, Signer } from './note_model.ts';
import { addLogKey, endLogKeys, listLogKeys, sealLogKey, type LogKeyRow } from './store.ts';

const PURPOSE = 'log_key';
const BESIDE_MILLIS = 30 * 86_400_000;

/** The name of a log that begins: the issuer's host, and its number. */
export const nameOfLog = (issuer: string, log: number) => `${new URL(issuer).host}/log/${log}`;

const signsAt = ({ signsFrom, signsUntil }: LogKeyRow, now: Date) =>
  signsFrom <= now && (signsUntil === null || signsUntil > now);

/** Makes a key for a log from now on; call it in a transaction that holds the log's lock. */
export async function addKey(act: Act, log: number, seal: Seal): Promise<void> {
  const { db, now } = act;
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  const id = uuidv7(now);
  const hex = Buffer.from(x!, 'base64url').toString('hex');
  await addLogKey(db, {
    id,
    log,
    publicKey: hex,
    sealedPrivate: seal.seal(
      PURPOSE,
      privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ),
    signsFrom: now,
    signsUntil: null,
  });
  const detail = { id, log, publicKey: hex };
  await appendHouseEvents(act, [{ type: 'log_key_begun', detail }]);
}

/** Ends the keys of a log at an instant. */
export async function endKeys(act: Act, log: number, until: Date): Promise<void> {
  await endLogKeys(act.db, log, until);
  await appendHouseEvents(act, [{ type: 'log_keys_ended', detail: { log, until } }]);
}

/** Begins a key beside the one that signs, which ends in a month. */
export async function renewKey(act: Act, log: number, seal: Seal): Promise<void> {
  await endKeys(act, log, new Date(act.now.getTime() + BESIDE_MILLIS));
  await addKey(act, log, seal);
}

interface LogKeys {
  /** Every key that signs the log, or did. */
  all: NoteKey[];
  /** The keys that sign it now. */
  signers: Signer[];
}

/** The keys of a log, sealed anew where an accepted secret sealed them. */
export async function keysOfLog(
  { db, now }: Act,
  log: number,
  { origin, seal }: { origin: string; seal: Seal },
): Promise<LogKeys> {
  const rows = (await listLogKeys(db)).filter((key) => key.log === log);
  const published = ({ publicKey }: LogKeyRow): NoteKey => ({
    name: origin,
    publicKey: Buffer.from(publicKey, 'hex'),
  });
  const signing = rows.filter((key) => signsAt(key, now));
  for (const { id, sealedPrivate } of signing) {
    const renewed = seal.renewed(PURPOSE, sealedPrivate);
    if (renewed) await sealLogKey(db, id, renewed, sealedPrivate);
  }
  return {
    all: rows.map(published),
    signers: signing.map((key) => ({
      ...published(key),
      privateKey: createPrivateKey(seal.open(PURPOSE, key.sealedPrivate)),
    })),
  };
}
