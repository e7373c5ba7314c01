// An event as a leaf of the log: its id, kind and instant in plain, and each member as the digest
// of a disclosure (RFC 9901 §4.2), so that a member is proved to whoever has it, and is nothing to
// anybody else. Pure; it knows no table.
import { hash, hkdfSync } from 'node:crypto';

/** The members of every event, empty ones too, so that their number says nothing. */
const MEMBERS = [
  ...(['consent', 'mandate', 'request', 'from', 'to'] as const),
  ...(['handledBy', 'by', 'role', 'detail'] as const),
];

/** An event with its members as they are stored; `detail` is the text of its JSON. */
export type LoggedEvent = Record<(typeof MEMBERS)[number], string | null> & {
  id: string;
  kind: string;
  /** RFC 3339 in UTC, with microseconds. */
  at: string;
  /** 128 random bits, in hexadecimal, from which the salts are made; in no answer. */
  seed: string;
};

const SALT_BYTES = 16;

/** The salts of all members, one after the other in their order: HKDF-SHA-256 of the seed. */
const saltsOf = ({ seed }: LoggedEvent): Buffer =>
  Buffer.from(
    hkdfSync('sha256', Buffer.from(seed, 'hex'), '', 'salts', MEMBERS.length * SALT_BYTES),
  );

/** The digest of a member's disclosure, `[salt, name, value]` (§4.2.3). */
function digestOf(salt: string, name: string, value: string | null): string {
  const disclosure = `["${salt}","${name}",${JSON.stringify(value)}]`;
  return hash('sha256', Buffer.from(disclosure).toString('base64url'), 'base64url');
}

/** The leaf's data: JSON of the event with the digests of its members in order (§4.2.4.1). */
export function leafOf(event: LoggedEvent): string {
  const salts = saltsOf(event);
  const digests = MEMBERS.map((name, place) => {
    const salt = salts.toString('base64url', place * SALT_BYTES, (place + 1) * SALT_BYTES);
    return digestOf(salt, name, event[name]);
  });
  const { id, kind, at } = event;
  return JSON.stringify({ event: id, kind, at, _sd: digests.sort() });
}
