// Secrets derived from the one configured secret: encryption at rest, keyed digests, cookie keys.
// Each purpose has its own key, so that what is made for one is worthless for another. While a
// secret is replaced, what other nodes seal with the one before or after it is opened too. It knows
// no domain.
import { sameSecret } from '../ids.ts';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

export interface Seal {
  /** Encrypts (AES-256-GCM, random nonce); the purpose is bound in as associated data. */
  seal(purpose: string, plain: string): string;
  /**
   * Decrypts; throws when the text was made with another secret, for another purpose, or changed.
   */
  open(purpose: string, sealed: string): string;
  /** The same; undefined where it throws: it was not sealed here, or with a secret that is gone. */
  opened(purpose: string, sealed: string): string | undefined;
  /** The text sealed anew, when an accepted secret sealed it; undefined when this one did. */
  renewed(purpose: string, sealed: string): string | undefined;
  /** A keyed digest (HMAC-SHA-256, base64url). */
  digest(purpose: string, value: string): string;
  /** Whether it is the value's digest, by this secret or an accepted one. */
  isDigest(purpose: string, value: string, digest: string): boolean;
  /** The keys of this secret and of accepted ones, for what others keep for a while. */
  digests(purpose: string, value: string): string[];
}

/** One secret's keys. */
function keysOf(secret: string) {
  // A key as an object: a digest with one that is bytes takes 8 µs, not 1.3.
  const keys = new Map<string, KeyObject>();
  const keyFor = (purpose: string): KeyObject => {
    let key = keys.get(purpose);
    if (!key) {
      key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, 'tillit', purpose, 32)));
      keys.set(purpose, key);
    }
    return key;
  };
  return {
    seal(purpose: string, plain: string): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyFor(purpose), nonce).setAAD(
        Buffer.from(purpose),
      );
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(purpose: string, sealed: string): string {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keyFor(purpose), bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString(
        'utf8',
      );
    },
    digest: (purpose: string, value: string) =>
      createHmac('sha256', keyFor(purpose)).update(value).digest('base64url'),
  };
}

/** `accepted` are secrets beside it, which open what others seal and are never sealed with. */
export function createSeal(secret: string, accepted: string[] = []): Seal {
  const own = keysOf(secret);
  const all = [own, ...accepted.map(keysOf)];
  const openedBy = (purpose: string, sealed: string) => {
    let fault: unknown;
    for (const keys of all) {
      try {
        return { keys, plain: keys.open(purpose, sealed) };
      } catch (error) {
        fault ??= error;
      }
    }
    throw fault;
  };
  return {
    seal: own.seal,
    open: (purpose, sealed) => openedBy(purpose, sealed).plain,
    opened(purpose, sealed) {
      try {
        return openedBy(purpose, sealed).plain;
      } catch {
        return undefined;
      }
    },
    renewed(purpose, sealed) {
      const { keys, plain } = openedBy(purpose, sealed);
      return keys === own ? undefined : own.seal(purpose, plain);
    },
    digest: own.digest,
    // Each is compared, so that the time says nothing of which one it was.
    isDigest: (purpose, value, digest) =>
      all.filter((keys) => sameSecret(keys.digest(purpose, value), digest)).length > 0,
    digests: (purpose, value) => all.map((keys) => keys.digest(purpose, value)),
  };
}
