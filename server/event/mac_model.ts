// The MAC of an event: that a node made it, which has SECRET, and not merely somebody who can write
// to the database. It covers id, kind and instant, and those members that the act knows when it
// sends its statement; which ones these are stands in front of it, and is covered too. What the
// statement copies from the thing's row, the audit holds to the event that made the row.
import { timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../platform/ids.ts';
import type { Seal } from '../platform/secret/seal.ts';
import { OF_EVENT, type LoggedEvent } from './payload_model.ts';

type MemberOfEvent = (typeof OF_EVENT)[number];
/** The members that an act knows; one that is null is known to be empty. */
export type KnownMembers = Partial<Record<Exclude<MemberOfEvent, 'detail'>, string | null>> & {
  detail?: unknown;
};
/** An event before it is written. */
export type KnownEvent = KnownMembers & { id: string; kind: string; at: Date | string };

/** The purpose of its key (platform/secret/seal.ts). */
const PURPOSE = 'event';
/** Hexadecimal digits of the covered members, and of 128 bits. */
const [COVERS_LENGTH, MAC_LENGTH] = [4, 32];

const instant = (at: Date | string) =>
  typeof at === 'string' ? at : `${at.toISOString().slice(0, -1)}000Z`;

function memberOf(event: KnownMembers, name: MemberOfEvent): string | null {
  if (name !== 'detail')
    return (name === 'role' ? event[name] : event[name]?.toLowerCase()) ?? null;
  const { detail = null } = event;
  if (detail === null) return null;
  return canonicalJson(typeof detail === 'string' ? JSON.parse(detail) : detail);
}

/** The text that a MAC is of, and which members it covers, in hexadecimal. */
function covered(event: KnownEvent, names: readonly MemberOfEvent[]) {
  const bits = names.reduce((sum, name) => sum | (1 << OF_EVENT.indexOf(name)), 0);
  const covers = bits.toString(16).padStart(COVERS_LENGTH, '0');
  const members = names.map((name) => memberOf(event, name));
  return {
    covers,
    text: JSON.stringify([covers, event.id, event.kind, instant(event.at), members]),
  };
}

const shortened = (digest: string) =>
  Buffer.from(digest, 'base64url').toString('hex').slice(0, MAC_LENGTH);

/** The MAC of an event, in hexadecimal: two bytes of what it covers, and 128 bits. */
export function macBy(seal: Seal, event: KnownEvent): string {
  const names = OF_EVENT.filter((name) => event[name] !== undefined);
  const { covers, text } = covered(event, names);
  return `${covers}${shortened(seal.digest(PURPOSE, text))}`;
}

/** Whether a node made the event as it is stored, by the seal's secret or an accepted one. */
export function isMadeBy(seal: Seal, event: LoggedEvent): boolean {
  const { mac } = event;
  if (!mac) return false;
  const bits = Number.parseInt(mac.slice(0, COVERS_LENGTH), 16);
  const names = OF_EVENT.filter((_name, place) => bits & (1 << place));
  const { covers, text } = covered(event, names);
  return seal
    .digests(PURPOSE, text)
    .map((digest) => isSame(`${covers}${shortened(digest)}`, mac))
    .includes(true);
}

/** Compares MACs, whose length is no secret, in time that does not depend on where they differ. */
const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
