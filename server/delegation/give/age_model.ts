// Whether the age or the capacity of a person keeps somebody from giving for that person. Pure.
import type { Minority } from '../../party/age_model.ts';
import { inEach, t } from '../../platform/locale.ts';
import { ownRefusal, parentRefusal, type AgeRefusal } from '../../resource/policy/age_model.ts';
import type { Ages } from '../../resource/model.ts';

/** Facts about who gives for a person, for one thing. */
export interface Capacity {
  minority: Minority | null;
  /** Persons who have a guardian's task for the person. */
  guardians: string[];
  /** Persons who decide in the person's stead, where a court has taken the capacity to give it. */
  incapable: string[] | null;
}

/**
 * Why somebody who has the right may not give; `age` is what it is about, 0 where about none. That
 * a court has taken the capacity is said to the person alone.
 */
export interface Withheld {
  why: AgeRefusal['why'] | 'no_capacity' | 'unsaid' | 'together';
  age: number;
}

/** Whether one may give it, alone or with others. */
export const isToGive = ({
  result,
  withheld,
}: {
  result: boolean;
  withheld?: Withheld | undefined;
}): boolean => result || isForSeveral(withheld?.why);

/** Whether it is given with the yes of others. */
export const isForSeveral = (why: unknown): boolean => why === 'parents_all' || why === 'together';

/** Why it may not be given by this person for the giver; undefined where nothing is in the way. */
export function withheldFrom(
  by: string,
  giver: string,
  capacity: Capacity,
  ages: Ages,
  now: Date,
): Withheld | undefined {
  const { minority, incapable } = capacity;
  const isParent = minority?.parents.includes(by) ?? false;
  const isGuardian = capacity.guardians.includes(by);
  // Nor does anybody decide in the person's stead but those whom the law lets.
  if (incapable && !isParent && !incapable.includes(by))
    return { why: by === giver ? 'no_capacity' : 'unsaid', age: 0 };
  if (!minority) return undefined;
  if (by === giver) return ownRefusal(minority, [ages], now);
  if (isGuardian) return undefined;
  const refusal = parentRefusal(minority, [ages], now);
  // One whom a parent has let give decides no more than that parent could.
  return isParent || refusal?.why === 'parents_all' ? refusal : undefined;
}

/** Whether a parent can do what a child cannot yet, where that has been asked. */
export type ByParent = 'yes' | 'no' | 'unasked';

/** In words, for the one who would have given. */
export const withheldWords = (why: string, age = 0, parent: ByParent = 'unasked') =>
  inEach((language) => t(language, `decision.age.${why}`, { age, parent }));
