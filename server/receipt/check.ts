// Checking a receipt that somebody brings: signed by a key of ours, with the disclosures of what it
// opens (RFC 9901 §7), and in our log. It keeps nothing of it.
import { hash } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { isLogged } from '../log/prove.ts';
import { listVerifyingKeys } from '../oidc/keys/key_store.ts';
import type { Act } from '../platform/act.ts';
import type { ReceiptSaid } from './facts_text.ts';
import type { ReceiptThing } from './view_model.ts';

/** The verdict; `pending` is right, and not signed in the log yet. */
type Verdict = 'right' | 'pending' | 'altered' | 'key' | 'log';

export interface CheckedReceipt {
  verdict: Verdict;
  /** The act that it is of, where it is right. */
  found?: { thing: ReceiptThing; said: ReceiptSaid; isPartly: boolean };
}

const TYPE = /^(consent|mandate)-receipt\+sd-jwt$/;

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The receipt of a file as it was fetched, or of the bare text. */
function receiptIn(text: string): string {
  const file = parsedText(text) as { receipt?: unknown } | undefined;
  return typeof file?.receipt === 'string' ? file.receipt : text.trim();
}

/** Members that disclosures open; undefined where one is none of those that were signed. */
function openedMembers(texts: string[], digests: unknown): Record<string, unknown> | undefined {
  const said: Record<string, unknown> = {};
  for (const text of texts) {
    const isSigned = Array.isArray(digests) && digests.includes(hash('sha256', text, 'base64url'));
    const parts = parsedText(Buffer.from(text, 'base64url').toString());
    if (!isSigned || !Array.isArray(parts) || parts.length !== 3) return undefined;
    const [, name, value] = parts as [unknown, unknown, unknown];
    if (typeof name !== 'string' || Object.hasOwn(said, name)) return undefined;
    said[name] = value;
  }
  return said;
}

/** The key that a token names and the thing that it is about; undefined where it is no receipt. */
function headerOf(token: string): { kid: string | undefined; thing: ReceiptThing } | undefined {
  const signature = token.split('.')[2] ?? '';
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return undefined;
  try {
    const { kid, typ, alg } = decodeProtectedHeader(token);
    const thing = TYPE.exec(typ ?? '')?.[1] as ReceiptThing | undefined;
    return thing && alg === 'ES256' ? { kid, thing } : undefined;
  } catch {
    return undefined;
  }
}

/** Checks a receipt, or the file that it came in. */
export async function checkText(act: Act, text: string): Promise<CheckedReceipt> {
  const [token = '', ...disclosures] = receiptIn(text).split('~');
  const header = headerOf(token);
  if (!header || disclosures.pop() !== '') return { verdict: 'altered' };
  const keys = (await listVerifyingKeys(act.db)) as JWK[];
  const key = keys.find(({ kid }) => kid === header.kid);
  if (!key) return { verdict: 'key' };
  const signed = await compactVerify(token, await importJWK(key, 'ES256')).catch(() => undefined);
  if (!signed) return { verdict: 'altered' };
  const payload = Buffer.from(signed.payload).toString();
  const { _sd: digests, ...plain } = JSON.parse(payload) as ReceiptSaid & { _sd: unknown[] };
  const opened = openedMembers(disclosures, digests);
  if (!opened) return { verdict: 'altered' };
  const isThere = await isLogged(act, plain.event, payload);
  if (isThere === false) return { verdict: 'log' };
  const isPartly = disclosures.length < digests.length;
  const found = { thing: header.thing, said: { ...opened, ...plain }, isPartly };
  return { verdict: isThere ? 'right' : 'pending', found };
}
