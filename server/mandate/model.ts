// What a mandate says of itself at a moment. Pure; whether it holds is found by the statement that
// read it (force_store.ts).

export type MandateStatus = 'active' | 'upcoming' | 'suspended' | 'expired' | 'ended' | 'inactive';

export interface Standing {
  validFrom: Date;
  validTo: Date | null;
  endedAt: Date | null;
  suspendedAt: Date | null;
  /** Whether it holds, with all that it was passed on through. */
  holds: boolean;
}

/**
 * `inactive` when nothing of its own is the matter: the receiver lacks a qualification, or a link
 * of its chain does not hold.
 */
export function statusOf(mandate: Standing, now: Date): MandateStatus {
  if (mandate.endedAt && mandate.endedAt <= now) return 'ended';
  if (mandate.validTo && mandate.validTo <= now) return 'expired';
  if (mandate.suspendedAt) return 'suspended';
  if (mandate.validFrom > now) return 'upcoming';
  return mandate.holds ? 'active' : 'inactive';
}
