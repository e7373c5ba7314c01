// Ages, by birth dates of registers and imports alone: a day begins when it begins in Oslo. Pure.

/**
 * A person's birth date, where a register says it, and the current holders of parental
 * responsibility.
 */
export interface Minority {
  /** YYYY-MM-DD. */
  bornOn: string | null;
  /** Ids of the holders. */
  parents: string[];
}

const HOUR = 3_600_000;
const hourInOslo = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  hour: 'numeric',
  hourCycle: 'h23',
});

/**
 * When somebody born on that day reaches an age: at midnight in Oslo. Who was born on 29 February
 * does on the 28th where there is no 29th.
 */
export function reaches(bornOn: string, age: number): Date {
  const [year = 0, month = 1, day = 1] = bornOn.split('-').map(Number);
  const last = new Date(Date.UTC(year + age, month, 0)).getUTCDate();
  const midnight = Date.UTC(year + age, month - 1, Math.min(day, last));
  const winter = new Date(midnight - HOUR);
  return Number(hourInOslo.format(winter)) === 0 ? winter : new Date(midnight - 2 * HOUR);
}

/**
 * Whether somebody is younger than an age. Who stands under parental responsibility is, when nobody
 * knows the birth date; anyone else counts as adult.
 */
export const isUnder = (age: number, { bornOn, parents }: Minority, now: Date): boolean =>
  bornOn === null ? parents.length > 0 : now < reaches(bornOn, age);
