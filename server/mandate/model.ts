// A mandate's status at a moment. Pure; the statement that read it found whether it holds
// (force_store.ts).

/** `sent` waits for its receiver to accept it. */
export const STATUSES = [
  ...(['active', 'sent', 'upcoming', 'suspended', 'expired', 'ended', 'inactive'] as const),
];
export type MandateStatus = (typeof STATUSES)[number];

/** Days within which a receiver accepts what was sent. */
export const ACCEPT_DAYS = 30;

/** Conditions outside the mandate itself that fail. */
export const LACKS = [
  'estate',
  'receiver_ended',
  'giver_ended',
  'receiver_suspended',
  'receiver_unqualified',
  'giver_incapable',
  'upstream_suspended',
  'upstream_ended',
  'not_in_force',
] as const;
export type Lack = (typeof LACKS)[number];

/**
 * Conditions on a person who gave, named to others by one word: which of these it is concerns the
 * giver only.
 */
const OF_THE_GIVER: Lack[] = [
  'giver_incapable',
  'giver_ended',
  'upstream_suspended',
  'upstream_ended',
];

/** A mandate as somebody may read it: the giver, and who decides in the giver's stead, hear why. */
export const readBy = <
  Row extends { from: string; fromKind: string; lacks: Lack | null; guardians: string[] | null },
>(
  row: Row,
  reader: string,
): Row =>
  row.fromKind !== 'person' ||
  row.from === reader ||
  row.guardians?.includes(reader) ||
  !row.lacks ||
  !OF_THE_GIVER.includes(row.lacks)
    ? row
    : { ...row, lacks: 'not_in_force' };

interface Terms {
  validTo: Date | null;
  actions: string[] | null;
  mayPassOn: boolean;
  subunits: boolean;
}

/**
 * A mandate as it was: later acts are left out, and terms that were changed since are as the first
 * of those changes says they were before (`before`: an event's detail).
 */
export const asOf = <
  Row extends Terms & {
    endedAt: Date | null;
    suspendedAt: Date | null;
    lastUsedAt: Date | null;
  },
>(
  row: Row,
  at: Date,
  before?: unknown,
): Row => {
  const until = (done: Date | null) => (done && done <= at ? done : null);
  const { endedAt, suspendedAt, lastUsedAt } = row;
  return {
    ...row,
    ...termsIn(before),
    endedAt: until(endedAt),
    suspendedAt: until(suspendedAt),
    lastUsedAt: until(lastUsedAt),
  };
};

/** Terms in an event's detail: all of them, or the actions alone. */
function termsIn(before: unknown): Partial<Terms> {
  if (Array.isArray(before)) return { actions: before as string[] };
  if (typeof before !== 'object' || before === null) return {};
  const { validTo, ...terms } = before as Partial<Terms> & { validTo?: string | null };
  return { ...terms, ...(validTo === undefined ? {} : { validTo: validTo && new Date(validTo) }) };
}

export interface Standing {
  validFrom: Date;
  validTo: Date | null;
  endedAt: Date | null;
  suspendedAt: Date | null;
  acceptBy: Date | null;
  lacks: Lack | null;
}

/** `inactive` when nothing of its own is the matter, and something that it rests on is. */
export function statusOf(mandate: Standing, now: Date): MandateStatus {
  if (mandate.endedAt && mandate.endedAt <= now) return 'ended';
  const isPast = (at: Date | null) => at !== null && at <= now;
  if (isPast(mandate.validTo) || isPast(mandate.acceptBy)) return 'expired';
  if (mandate.suspendedAt || mandate.lacks === 'estate') return 'suspended';
  if (mandate.acceptBy) return 'sent';
  if (mandate.validFrom > now) return 'upcoming';
  return mandate.lacks ? 'inactive' : 'active';
}
