// A place in a feed, as a reader holds it, belongs to an epoch: where the database has been set
// back, places of before are another event's.
import type { Restoration } from '../platform/restoration_store.ts';

export const epochOf = (restored: Restoration | undefined): number => restored?.epoch ?? 0;

/** Words for a reader whose place is of an epoch before; undefined where no other has been. */
export const whyOld = (restored: Restoration | undefined): string | undefined =>
  restored &&
  `The feed was set back to ${restored.point.toISOString()}, and places of before are no more: begin again from a little before that instant, and pass over what you have by its id.`;
