// Ages at which a person or the parents decide, about a consent or a power of attorney. Between
// `decidesFrom` and `parentUntil` either may; before it the parents only, after it the person only.
// Pure.
import { isUnder, type Minority } from '../../party/age_model.ts';
import { decidesFrom, parentUntil, type Ages } from '../model.ts';

/** Why somebody whom the rules let decide may not, for the age of the one it is about. */
export interface AgeRefusal {
  why: 'under_age' | 'of_age' | 'parents_all';
  /** The age that it is about. */
  age: number;
}

/** Why a person may not decide alone about all of these. */
export function ownRefusal(
  giver: Minority,
  ages: readonly Ages[],
  now: Date,
): AgeRefusal | undefined {
  const age = Math.max(...ages.map(decidesFrom));
  return isUnder(age, giver, now) ? { why: 'under_age', age } : undefined;
}

/** Why a parent may not decide for a child. */
export function parentRefusal(
  giver: Minority,
  ages: readonly Ages[],
  now: Date,
): AgeRefusal | undefined {
  const age = Math.min(...ages.map(parentUntil));
  if (!isUnder(age, giver, now)) return { why: 'of_age', age };
  const isShared = ages.some(({ parents }) => parents === 'all') && giver.parents.length > 1;
  return isShared ? { why: 'parents_all', age } : undefined;
}

/** Whether either the person or a parent may decide now, so that the other is notified. */
export const isBetween = (giver: Minority, ages: readonly Ages[], now: Date): boolean =>
  isUnder(Math.min(...ages.map(parentUntil)), giver, now) && !ownRefusal(giver, ages, now);
