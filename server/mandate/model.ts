// A mandate's status at a moment. Pure; the statement that read it found whether it holds
// (force_store.ts).

export type MandateStatus = 'active' | 'upcoming' | 'suspended' | 'expired' | 'ended' | 'inactive';

/** Conditions outside the mandate itself that fail. */
export const LACKS = [
  'estate',
  'receiver_ended',
  'giver_ended',
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

/** A mandate as it was: of what has been done since, nothing. */
export const asOf = <
  Row extends { endedAt: Date | null; suspendedAt: Date | null; lastUsedAt: Date | null },
>(
  row: Row,
  at: Date,
): Row => {
  const until = (done: Date | null) => (done && done <= at ? done : null);
  const { endedAt, suspendedAt, lastUsedAt } = row;
  return {
    ...row,
    endedAt: until(endedAt),
    suspendedAt: until(suspendedAt),
    lastUsedAt: until(lastUsedAt),
  };
};

export interface Standing {
  validFrom: Date;
  validTo: Date | null;
  endedAt: Date | null;
  suspendedAt: Date | null;
  lacks: Lack | null;
}

/** `inactive` when nothing of its own is the matter, and something that it rests on is. */
export function statusOf(mandate: Standing, now: Date): MandateStatus {
  if (mandate.endedAt && mandate.endedAt <= now) return 'ended';
  if (mandate.validTo && mandate.validTo <= now) return 'expired';
  if (mandate.suspendedAt || mandate.lacks === 'estate') return 'suspended';
  if (mandate.validFrom > now) return 'upcoming';
  return mandate.lacks ? 'inactive' : 'active';
}
