// An event as a leaf of the log: its id, kind and instant in plain, and each member as the digest
// of a disclosure (RFC 9901 §4.2), so that a member is proved to whoever has it, and is nothing to
// anybody else. Pure; it knows no table.
import { createSecretKey, hash, hkdfSync } from 'node:crypto';

/** The members of every event, empty ones too, so that their number says nothing. */
export const OF_EVENT = [
  ...(['consent', 'mandate', 'request', 'from', 'to'] as const),
  ...(['handledBy', 'by', 'role', 'detail'] as const),
];

/** The members beside them, of an event that a receipt is made of: its content, as it stood. */
const OF_CONTENT = [
  ...(['fromParty', 'fromPersonNo', 'toParty', 'toPersonNo', 'handledByParty'] as const),
  ...(['byParty', 'byPersonNo', 'authority', 'rights', 'terms'] as const),
  ...(['conditions', 'level', 'page', 'replaces'] as const),
];
type ContentMember = (typeof OF_CONTENT)[number];
export type Member = (typeof OF_EVENT)[number] | ContentMember;

/** An event with its members as they are stored; `detail` is the text of its JSON. */
export type LoggedEvent = Record<(typeof OF_EVENT)[number], string | null> & {
  id: string;
  kind: string;
  /** RFC 3339 in UTC, with microseconds. */
  at: string;
  /** 128 random bits, in hexadecimal, from which the salts are made; in no answer. */
  seed: string;
  /** Its MAC with what it covers, in hexadecimal (mac_model.ts); null where it has none. */
  mac: string | null;
  /** The members beside it, of an event that a receipt is made of. */
  content: Record<ContentMember, unknown> | null;
};

const SALT_BYTES = 16;

/** A member with its disclosure, `[salt, name, value]` in base64url (§4.2.1). */
interface Disclosure {
  /** One that stands for all of them, of an event that no receipt is made of. */
  name: Member | 'members';
  value: unknown;
  text: string;
}

/**
 * The disclosures of all members. Their salts are cut in that order from one output of HKDF-SHA-256
 * of the seed, of which no part gives another away; where there is one, the seed is its salt.
 */
export function disclosuresOf(event: LoggedEvent): Disclosure[] {
  const { seed, content } = event;
  const own = OF_EVENT.map((name): [Member, unknown] => [name, event[name]]);
  const members: [Disclosure['name'], unknown][] = content
    ? [...own, ...OF_CONTENT.map((name): [Member, unknown] => [name, content[name]])]
    : [['members', Object.fromEntries(own)]];
  const bytes = Buffer.from(seed, 'hex');
  const salts = content ? saltsOf(bytes, members.length) : bytes;
  return members.map(([name, value], place) => {
    const salt = salts.toString('base64url', place * SALT_BYTES, (place + 1) * SALT_BYTES);
    const said = `["${salt}","${name}",${JSON.stringify(value ?? null)}]`;
    return { name, value, text: Buffer.from(said).toString('base64url') };
  });
}

// A key as an object: it takes 6 µs, and 9 as bytes.
const saltsOf = (seed: Buffer, count: number): Buffer =>
  Buffer.from(hkdfSync('sha256', createSecretKey(seed), '', 'salts', count * SALT_BYTES));

/**
 * The leaf's data, which a receipt's payload is byte for byte: JSON of the event with the digests
 * of its members in order (§4.2.3, §4.2.4.1).
 */
export const leafOf = (event: LoggedEvent): string =>
  JSON.stringify(payloadOf(event, disclosuresOf(event)));

/** The same as an object, of these disclosures of all its members. */
export function payloadOf({ id, kind, at }: LoggedEvent, disclosures: Disclosure[]): object {
  const digests = disclosures.map(({ text }) => hash('sha256', text, 'base64url'));
  return { event: id, kind, at, _sd: digests.sort() };
}
