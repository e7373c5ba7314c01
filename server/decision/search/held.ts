// The description of a party that somebody may act for.
import type { PartyRow } from '../../party/store.ts';
import type { HeldRow } from './store.ts';

export interface AuthorizedOptions {
  viaKeyRoles: boolean;
  subParties: boolean;
  inactive: boolean;
  roles: boolean;
  packages: boolean;
  resources: boolean;
  instances: boolean;
  /** Only these parties; null for all. */
  parties: string[] | null;
  /** Only parties where one of these can be used; null for all. */
  anyOfResources: string[] | null;
  /** Only what opens resources of this owner; null for everything. */
  ownerNo: string | null;
  /** Whether the subject itself asks: then its own secrets are answered too. */
  own: boolean;
}

export interface Instance {
  resource: string;
  instance: string;
}
export interface HeldThings {
  roles: Set<string>;
  packages: Set<string>;
  resources: Set<string>;
  instances: Instance[];
  /** When the last of it ends; null when some of it has no end, undefined of what nobody gave. */
  until?: Date | null;
}
export interface Authorized {
  party: PartyRow;
  roles: string[];
  packages: string[];
  resources: string[];
  instances: Instance[];
  until?: Date | null | undefined;
  shell: boolean;
  units: Authorized[];
}

type End = Date | null | undefined;
/** The later of two ends. */
const later = (one: End, other: End): End =>
  one === undefined ? other : other === undefined ? one : one && other ? max(one, other) : null;
const max = (one: Date, other: Date) => (one > other ? one : other);

export const holdsNothing = (): HeldThings => ({
  roles: new Set(),
  packages: new Set(),
  resources: new Set(),
  instances: [],
});

export function add(
  held: HeldThings,
  row: HeldRow,
  packages: readonly string[],
  instances = true,
): void {
  if (row.role !== null) held.roles.add(row.role);
  packages.forEach((code) => held.packages.add(code));
  held.until = later(held.until, row.validTo === null ? null : new Date(row.validTo)) ?? null;
  if (row.resource === null) return;
  if (row.instance === null) held.resources.add(row.resource);
  else if (instances) held.instances.push({ resource: row.resource, instance: row.instance });
}
