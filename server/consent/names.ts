// Names of persons around a consent, for the one it is about and theirs.
import { findParties } from '../party/store.ts';
import type { Act } from '../platform/act.ts';
import { displayName } from './text.ts';

/** The names of those who live, in order; none at all where the address of one is protected. */
export async function namesOf(act: Act, ids: string[]): Promise<string[]> {
  const found = ids.length ? await findParties(act, ids) : [];
  if (found.some(({ protectedAddress }) => protectedAddress)) return [];
  return found
    .filter(({ ended }) => !ended)
    .map(displayName)
    .sort();
}
