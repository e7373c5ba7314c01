// The form of giving a power of attorney on pages.
import { lastName, type TestParty } from '../world.ts';

export const PACKAGE = 'innbygger-pensjon';
export const terms = (to: TestParty, more: object = {}) => ({
  number: to.number,
  lastName: lastName(to),
  long: 'half',
  ...more,
});
