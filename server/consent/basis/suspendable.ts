// The consents that a person could suspend, and those that a giver is shown, among many. It changes
// nothing.
import type { Deciding } from '../../decision/act.ts';
import type { Consent } from '../model.ts';
import { effectiveStatus } from '../status_model.ts';
import { isGiversOwn } from './own_model.ts';
import type { ConsentReader } from './standing.ts';
import { wholeAmong } from './among.ts';
import { readByGiver, veiledFor } from './veil_model.ts';

/** The consents that a person could suspend now, as far as they are shown to that person; by id. */
export async function suspendable(
  act: Deciding,
  consents: Consent[],
  reader: ConsentReader,
): Promise<Set<string>> {
  const whole = await wholeAmong(act, consents, reader);
  const shown = whole.map((consent) => veiledFor(consent, reader.party, act.now));
  const isLive = (consent: Consent) => effectiveStatus(consent, act.now) === 'Accepted';
  return new Set(shown.filter(isLive).map(({ id }) => id));
}

/** The giver's own consents that no law hides from the giver. */
export const shownToGiver = (consents: Consent[], now: Date): Consent[] =>
  consents.filter((consent) => isGiversOwn(consent, now) || !readByGiver(consent, now).hiddenBy);
