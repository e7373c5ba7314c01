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
const base64url = (text: string) => Buffer.from(text).toString('base64url');

/** A member's disclosure: `[salt, name, value]`, the salt by HKDF-SHA-256 of the event's seed. */
function disclosure({ seed }: LoggedEvent, name: string, value: string | null): string {
  const salt = Buffer.from(hkdfSync('sha256', Buffer.from(seed, 'hex'), '', name, SALT_BYTES));
  return base64url(JSON.stringify([salt.toString('base64url'), name, value]));
}

/** The leaf's data: JSON of the event with the digests of its members in their order (§4.2.4.1). */
export function leafOf(event: LoggedEvent): string {
  const digests = MEMBERS.map((name) =>
    hash('sha256', disclosure(event, name, event[name]), 'base64url'),
  );
  const { id, kind, at } = event;
  return JSON.stringify({ event: id, kind, at, _sd: digests.sort() });
}
