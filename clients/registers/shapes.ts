// What the stand-ins for the registers share: the world they are filled from, and an answer of
// theirs.

export interface World {
  parties: {
    kind: string;
    number?: string;
    name: string;
    unitType?: string;
    parent?: string;
    /** The bankruptcy, of one that is. */
    estate?: { on?: string; court?: string } | null;
  }[];
  roleHolders: { role: string; from: string; to: string; validTo?: string }[];
}

export interface Answer {
  status?: number;
  body?: unknown;
}
