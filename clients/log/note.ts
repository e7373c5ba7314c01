// A checkpoint as whoever holds it reads it: a signed note (c2sp.org/signed-note, tlog-checkpoint),
// and the keys as `/log/keys` lists them. It asks nobody.
import { createPublicKey, hash, verify } from 'node:crypto';

export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

const CHECKPOINT =
  /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n)+)$/;

/** The checkpoint of a note, whoever signed it; undefined for another text. */
export function readCheckpoint(note: string): Checkpoint | undefined {
  const [, origin, size, root] = CHECKPOINT.exec(note) ?? [];
  if (!origin || !size || !root) return undefined;
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

const ED25519 = 1;

/**
 * Whether a key (`name+id+key`) of the log that it names signed the note; a signature that names
 * one of them and is none makes it worthless.
 */
export function isSigned(note: string, keys: string[]): boolean {
  const end = note.indexOf('\n\n') + 1;
  const text = Buffer.from(note.slice(0, end));
  const [origin] = note.split('\n', 1);
  const judged = [...note.slice(end + 1).matchAll(/^— (\S+) (\S+)$/gm)].flatMap(
    ([, name, value]) => {
      const bytes = Buffer.from(value!, 'base64');
      const id = `${origin}+${bytes.toString('hex', 0, 4)}+`;
      const key = name === origin ? keys.find((one) => one.startsWith(id)) : undefined;
      return key ? [isSignedWith(key, text, bytes.subarray(4))] : [];
    },
  );
  return judged.length > 0 && judged.every(Boolean);
}

function isSignedWith(key: string, text: Buffer, signature: Buffer): boolean {
  const [name, id] = key.split('+', 2);
  const encoded = Buffer.from(key.slice(`${name}+${id}+`.length), 'base64');
  const named = Buffer.concat([Buffer.from(`${name}\n`), encoded]);
  if (encoded[0] !== ED25519 || hash('sha256', named).slice(0, 8) !== id) return false;
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: encoded.toString('base64url', 1) },
    format: 'jwk',
  });
  return verify(null, text, publicKey, signature);
}
