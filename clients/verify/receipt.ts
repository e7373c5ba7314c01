// A receipt as anybody checks it who holds it: signed by a key (RFC 7515), with the disclosures of
// what it opens (RFC 9901 §7), and in the log (c2sp.org/tlog-proof). It asks nobody, and shares no
// code with whoever made it.
import { createPublicKey, hash, verify } from 'node:crypto';
import { isSigned, readCheckpoint, type Checkpoint } from '../log/note.ts';
import { leafHash, rootFrom } from '../log/tree.ts';

/** The verdict, in its first words. */
export type Verdict = 'right' | 'altered' | 'wrong key' | 'not in the log';

export interface Checked {
  verdict: Verdict;
  /** The reason where it is not right, and what was not looked at. */
  notes: string[];
  /** The event's id, kind and instant, and the members that are opened. */
  said: Record<string, unknown>;
}

export interface Trusted {
  /** Keys that sign receipts, as `/receipt/keys` lists them. */
  receipts: (JsonWebKey & { kid?: string })[];
  /** Keys that sign the log, as `/log/keys` lists them. */
  log: string[];
  /** A checkpoint that came from elsewhere. */
  checkpoint?: Checkpoint | undefined;
}

const TYPES = ['consent-receipt+sd-jwt', 'mandate-receipt+sd-jwt'];

class Wrong extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict, why: string) {
    super(why);
    this.verdict = verdict;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
const decoded = (part: string): unknown =>
  /^[\w-]+$/.test(part) ? parsed(Buffer.from(part, 'base64url').toString()) : undefined;

/** The payload of the token, signed by one of the keys. */
function payloadOf(token: string, keys: Trusted['receipts']): Buffer {
  const parts = token.split('.');
  const [head = '', payload = '', signature = ''] = parts;
  const header = decoded(head) as { alg?: unknown; kid?: unknown; typ?: unknown } | undefined;
  const isExact = Buffer.from(signature, 'base64url').toString('base64url') === signature;
  if (
    parts.length !== 3 ||
    !isExact ||
    header?.alg !== 'ES256' ||
    !TYPES.includes(String(header.typ))
  )
    throw new Wrong('altered', 'it is no receipt');
  const key = keys.find(({ kid, kty }) => kid === header.kid && kty === 'EC');
  if (!key) throw new Wrong('wrong key', 'it names a key that is none of those');
  const by = {
    key: createPublicKey({ key, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363' as const,
  };
  const input = Buffer.from(`${head}.${payload}`);
  if (!verify('sha256', input, by, Buffer.from(signature, 'base64url')))
    throw new Wrong('altered', 'the signature is not of this text');
  return Buffer.from(payload, 'base64url');
}

/** The members that the disclosures open; each must be one of those that were signed (§7.1). */
function openedBy(disclosures: string[], digests: unknown[]): Record<string, unknown> {
  const said: Record<string, unknown> = {};
  for (const text of disclosures) {
    if (!digests.includes(hash('sha256', text, 'base64url')))
      throw new Wrong('altered', 'a disclosure is none of those that were signed');
    const [, name, value, ...more] = (decoded(text) ?? []) as unknown[];
    if (typeof name !== 'string' || more.length || name in said)
      throw new Wrong('altered', 'a disclosure is not of one member');
    said[name] = value;
  }
  return said;
}

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra [^\n]*\n)?index (0|[1-9]\d{0,14})\n((?:[A-Za-z0-9+/]{43}=\n)*)\n/;

/** Holds the payload to the proof and its checkpoint; answers with what was not looked at. */
function inLog(payload: Buffer, proof: string, { log, checkpoint }: Trusted): string[] {
  const [head, index, ways] = PROOF.exec(proof) ?? [];
  const note = head && proof.slice(head.length);
  const signed = note ? readCheckpoint(note) : undefined;
  if (!signed) throw new Wrong('not in the log', 'the proof is none');
  const hashes = ways!
    .split('\n')
    .filter(Boolean)
    .map((one) => Buffer.from(one, 'base64'));
  const root = rootFrom(leafHash(payload), { index: Number(index), size: signed.size, hashes });
  if (!root?.equals(signed.root)) throw new Wrong('not in the log', 'the proof is of another');
  if (checkpoint) {
    const { origin, size } = checkpoint;
    if (origin !== signed.origin || size !== signed.size)
      throw new Error(
        `the proof is of ${signed.origin} at ${signed.size}, and the checkpoint of ${origin} at ${size}: fetch the receipt with ?size=${size}`,
      );
    if (!checkpoint.root.equals(signed.root))
      throw new Wrong('not in the log', 'the log that you know has another root');
    return [];
  }
  if (!log.length) return ['who signed the log was not looked at, as no key of it is given'];
  if (!isSigned(note!, log)) throw new Wrong('not in the log', 'none of the keys signed the log');
  return [];
}

/** The text of a receipt and its proof, from a file as it is fetched or from the bare receipt. */
function partsOf(text: string): { receipt: string; proof: string | null } {
  const file = parsed(text) as { receipt?: unknown; proof?: unknown } | undefined;
  if (typeof file !== 'object' || file === null) return { receipt: text.trim(), proof: null };
  const { receipt, proof } = file;
  return {
    receipt: typeof receipt === 'string' ? receipt : '',
    proof: typeof proof === 'string' ? proof : null,
  };
}

/**
 * Checks a receipt: its text, or the JSON that it came in with its proof. Throws where the proof
 * and the checkpoint are of two sizes, of which nothing follows.
 */
export function checkReceipt(text: string, trusted: Trusted): Checked {
  try {
    const { receipt, proof } = partsOf(text);
    const [token = '', ...disclosures] = receipt.split('~');
    if (disclosures.pop() !== '') throw new Wrong('altered', 'it is no receipt, or cut short');
    const payload = payloadOf(token, trusted.receipts);
    const { _sd: digests, ...plain } = JSON.parse(payload.toString()) as { _sd: unknown[] };
    const said = { ...plain, ...openedBy(disclosures, digests) };
    if (proof === null && trusted.checkpoint)
      throw new Wrong('not in the log', 'there is no proof that it is');
    const notes =
      proof === null ? ['there is no proof that it is in the log'] : inLog(payload, proof, trusted);
    return { verdict: 'right', notes, said };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { verdict: error.verdict, notes: [error.message], said: {} };
  }
}
