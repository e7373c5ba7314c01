// The form of giving a power of attorney on pages.
import { inDays, lastName, type TestParty } from '../world.ts';

export const PACKAGE = 'innbygger-pensjon';
/** A day that comes, as people write it. */
export const dayIn = (days: number): string =>
  new Date(inDays(days)).toISOString().slice(0, 10).split('-').reverse().join('.');
export const terms = (to: TestParty, more: object = {}) => ({
  number: to.number,
  lastName: lastName(to),
  long: 'half',
  ...more,
});
