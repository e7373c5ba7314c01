// Checkpoints as text: signed notes with Ed25519 (c2sp.org/signed-note), whose text is of three
// lines (c2sp.org/tlog-checkpoint). Pure; it knows no table.
import { createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';

const ED25519 = 1;

/** A public key as it is published, with the name under which it signs. */
export interface NoteKey {
  name: string;
  /** The 32 bytes of RFC 8032. */
  publicKey: Buffer;
}

/** The first four bytes of the digest of name, algorithm and key. */
const keyId = ({ name, publicKey }: NoteKey): Buffer =>
  hash(
    'sha256',
    Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey]),
    'buffer',
  ).subarray(0, 4);

/** The key as verifiers are configured with it (golang.org/x/mod/sumdb/note). */
export const verifierKey = (key: NoteKey): string =>
  `${key.name}+${keyId(key).toString('hex')}+${Buffer.concat([Buffer.of(ED25519), key.publicKey]).toString('base64')}`;

export interface Signer extends NoteKey {
  privateKey: KeyObject;
}

/** A checkpoint signed by each of the keys. */
export function signedCheckpoint(
  { origin, size, root }: { origin: string; size: number; root: Buffer },
  signers: Signer[],
): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  const lines = signers.map((signer) => {
    const signature = sign(null, Buffer.from(text), signer.privateKey);
    return `— ${signer.name} ${Buffer.concat([keyId(signer), signature]).toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
  note: string;
}

// A signature is 68 bytes; one that was cut short is none.
const NOTE =
  /(?:^|\n)([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n\n((?:— [^\s+]+ [A-Za-z0-9+/]{91}=\n)+)/g;

/** The checkpoints of a file that are whole, in its order; a crash may have cut the last short. */
export const checkpointsIn = (file: string): Checkpoint[] =>
  [...file.matchAll(NOTE)].map(([, origin, size, root, signatures]) => ({
    origin: origin!,
    size: Number(size),
    root: Buffer.from(root!, 'base64'),
    note: `${origin}\n${size}\n${root}\n\n${signatures}`,
  }));

/** Whether a key of its log signed it, and none of them signed anything else in its place. */
export function isSignedBy({ note, origin }: Checkpoint, keys: NoteKey[]): boolean {
  const end = note.lastIndexOf('\n\n') + 1;
  const text = Buffer.from(note.slice(0, end));
  const signatures = note.slice(end + 1).matchAll(/^— (\S+) (\S+)$/gm);
  const found = [...signatures].flatMap(([, name, value]) => {
    const bytes = Buffer.from(value!, 'base64');
    const key = keys.find(
      (one) => one.name === origin && name === origin && keyId(one).equals(bytes.subarray(0, 4)),
    );
    return key ? [verify(null, text, keyObject(key), bytes.subarray(4))] : [];
  });
  return found.length > 0 && found.every(Boolean);
}

const keyObject = ({ publicKey }: NoteKey) =>
  createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
    format: 'jwk',
  });
