// Whether a token holds still: its place in the issuer's status list (Token Status List, IETF
// draft-ietf-oauth-status-list-21), fetched anew when it may be kept no longer.
import { base64url, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ConsentTokenError } from './refusal.ts';

export interface StatusOptions {
  /**
   * Asks the issuer about a token that has no place in a list (RFC 7662): whether it is active.
   * Such a token rests on what only the issuer knows.
   */
  ask: (token: string) => Promise<boolean>;
}

interface Settings {
  issuer: string;
  keys: JWTVerifyGetKey;
  status: StatusOptions;
  /** Seconds that the issuer's clock may be off. */
  clockTolerance: number;
  now: () => Date;
}

interface List {
  bits: number;
  bytes: Uint8Array;
  /** Until when it may be kept, in seconds since 1970. */
  until: number;
}

const PATIENCE_MILLIS = 5_000;
const MOST_BYTES = 4 * 2 ** 20;
const BITS = [1, 2, 4, 8];
const [VALID, SUSPENDED] = [0, 2];

const unavailable = (message: string) => new ConsentTokenError('status_unavailable', message);
/** An issuer, with a slash at its end or without. */
export const withoutSlash = (uri: string) => uri.replace(/\/$/, '');

/**
 * A check of one API's tokens: throws `withdrawn` or `suspended`; `invalid_token` for a place that
 * is not the issuer's; `status_unavailable` where the list, or the issuer, does not answer.
 */
export function createStatusCheck({ issuer, keys, status, clockTolerance, now }: Settings) {
  const kept = new Map<string, List>();
  const coming = new Map<string, Promise<List>>();
  const seconds = () => now().getTime() / 1_000;

  async function fetchList(uri: string): Promise<List> {
    const list = await readList(uri, { issuer, keys, clockTolerance, now: now() });
    kept.set(uri, list);
    return list;
  }
  /** The list that is kept; else one fetch for all who wait for it. */
  function listAt(uri: string): List | Promise<List> {
    const list = kept.get(uri);
    if (list && list.until > seconds()) return list;
    const fetching = coming.get(uri) ?? fetchList(uri).finally(() => coming.delete(uri));
    coming.set(uri, fetching);
    return fetching;
  }

  return async (token: string, claims: JWTPayload): Promise<void> => {
    if (claims.status === undefined) return mustBeActive(token, status);
    const { idx, uri } = placeIn(claims.status, issuer);
    const { bits, bytes } = await listAt(uri);
    const inByte = 8 / bits;
    const at = Math.floor(idx / inByte);
    if (at >= bytes.length) throw unavailable('the status list is too short');
    const value = (bytes[at]! >> ((idx % inByte) * bits)) & (2 ** bits - 1);
    if (value === SUSPENDED) throw new ConsentTokenError('suspended', 'the consent is suspended');
    if (value !== VALID) throw new ConsentTokenError('withdrawn', 'the consent holds no longer');
  };
}

async function mustBeActive(token: string, { ask }: StatusOptions): Promise<void> {
  const isActive = await ask(token).catch(() => {
    throw unavailable('the issuer does not answer');
  });
  if (!isActive) throw new ConsentTokenError('withdrawn', 'the token is not active');
}

/** The place that a token names, which must be in a list of its issuer's. */
function placeIn(status: unknown, issuer: string): { idx: number; uri: string } {
  const { status_list: place } = (status ?? {}) as { status_list?: Record<string, unknown> };
  const { idx, uri } = place ?? {};
  const isOwn =
    typeof uri === 'string' && URL.canParse(uri) && uri.startsWith(`${withoutSlash(issuer)}/`);
  if (!isOwn || !Number.isSafeInteger(idx) || (idx as number) < 0)
    throw new ConsentTokenError('invalid_token', "the token's status is not of its issuer");
  return { idx: idx as number, uri };
}

/** Fetches a list and checks its signature, whose it is, and its times. */
async function readList(
  uri: string,
  { issuer, keys, clockTolerance, now }: Omit<Settings, 'status' | 'now'> & { now: Date },
): Promise<List> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MILLIS);
    const headers = { accept: 'application/statuslist+jwt' };
    const answer = await fetch(uri, { headers, redirect: 'error', signal });
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    const { payload } = await jwtVerify(await answer.text(), keys, {
      typ: 'statuslist+jwt',
      algorithms: ['RS256', 'PS256', 'ES256'],
      ...{ currentDate: now, clockTolerance },
      subject: uri,
      requiredClaims: ['exp', 'iat', 'iss'],
    });
    if (withoutSlash(payload.iss!) !== withoutSlash(issuer)) throw new Error('another issuer');
    const { bits, lst } = payload.status_list as { bits: number; lst: string };
    if (!BITS.includes(bits)) throw new Error('bits');
    const bytes = await inflated(Uint8Array.from(base64url.decode(lst)));
    const ttl = typeof payload.ttl === 'number' ? payload.ttl : payload.exp! - payload.iat!;
    const [seconds, until] = [now.getTime() / 1_000, payload.iat! + ttl];
    // A copy that somebody kept for too long, or a clock that is off by more than is let pass.
    if (until + clockTolerance <= seconds || payload.iat! > seconds + clockTolerance + 1)
      throw new Error('not of now');
    return { bits, bytes, until: Math.min(until, seconds + ttl) };
  } catch {
    throw unavailable('the status list cannot be read');
  }
}

/** A list uncompressed, as far as it is of a size that one can be. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  const whole = new Uint8Array(MOST_BYTES);
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return whole.slice(0, length);
    // Throws where it is longer.
    whole.set(value, length);
    length += value.length;
  }
}
