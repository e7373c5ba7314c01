// The parts that the stand-ins for registers share: the world that fills them, and the shape of
// their answers.

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
