// The stored fact that one party may act for another, or see its data. Rules of force in time; no acts of its own.

export type Basis = 'register' | 'delegation' | 'customer' | 'consent';

export interface Mandate {
  basis: Basis;
  validFrom: Date;
  /** Exclusive; null for a register fact that stands until the register ends it. */
  validTo: Date | null;
  endedAt: Date | null;
  uses: number;
  useLimit: number | null;
}

/** In force: begun, not past its end, not ended, not used up. The same condition stands in the SQL that redeems. */
export function inForce(mandate: Mandate, now: Date): boolean {
  return mandate.validFrom <= now
    && (mandate.validTo === null || mandate.validTo > now)
    && mandate.endedAt === null
    && (mandate.useLimit === null || mandate.uses < mandate.useLimit);
}
