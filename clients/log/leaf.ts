// The bytes of a leaf, from an event as the database has it (docs/log.md): id, kind and instant in
// plain, each member as the digest of a disclosure (RFC 9901 §4.2). It asks nobody.
import { hash, hkdfSync } from 'node:crypto';

/** The members of an event's leaf. */
const MEMBERS = [
  ...(['consent', 'mandate', 'request', 'from', 'to'] as const),
  ...(['handledBy', 'by', 'role', 'detail'] as const),
];
/** The members that follow in the leaf of an event that a receipt is made of. */
const CONTENT = [
  ...['fromParty', 'fromPersonNo', 'toParty', 'toPersonNo', 'handledByParty', 'byParty'],
  ...['byPersonNo', 'authority', 'rights', 'terms', 'conditions', 'level', 'page', 'replaces'],
];

/** An event: its seed in hexadecimal, its instant with microseconds, `detail` as text of JSON. */
export type AuditedEvent = Record<(typeof MEMBERS)[number], string | null> &
  Record<'id' | 'kind' | 'at' | 'seed', string> & { content: Record<string, unknown> | null };

export function leafBytes(event: AuditedEvent): Buffer {
  const seed = Buffer.from(event.seed, 'hex');
  const { content } = event;
  const own: [string, unknown][] = MEMBERS.map((name) => [name, event[name]]);
  const members: [string, unknown][] = content
    ? [...own, ...CONTENT.map((name): [string, unknown] => [name, content[name] ?? null])]
    : [['members', Object.fromEntries(own)]];
  const salts = content
    ? Buffer.from(hkdfSync('sha256', seed, '', 'salts', 16 * members.length))
    : seed;
  const digests = members.map(([name, value], place) => {
    const salt = salts.subarray(16 * place, 16 * place + 16).toString('base64url');
    const said = Buffer.from(JSON.stringify([salt, name, value])).toString('base64url');
    return hash('sha256', said, 'base64url');
  });
  const { id, kind, at } = event;
  return Buffer.from(JSON.stringify({ event: id, kind, at, _sd: digests.sort() }));
}
