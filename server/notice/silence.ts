// The button by which a party lets another send it nothing more, beside what that one has sent; and
// the way to those whom it has silenced.
import type { Act } from '../platform/act.ts';
import { t, type Language } from '../platform/locale.ts';
import { hasSilenced, type Silence } from './silence_store.ts';

/** Where the button of a thing's page goes to. */
export const silencePath = (page: string): string => page.replace(/(?=\?|$)/, '/silence');

/** Where a party sees whom it has silenced. */
export const silencesPath = (party: string): string => `/silences?party=${party}`;

/**
 * The button, as a form that goes to an address takes it; the words and the way where the sender is
 * silenced already.
 */
export async function silencingOf(
  act: Act,
  { party, sender }: Silence,
  { action, name, isSelf }: { action: string; name: string; isSelf: boolean },
  language: Language,
) {
  if (await hasSilenced(act, { party, sender }))
    return { said: t(language, 'silence.is', { name }), href: silencesPath(party) };
  const words = { name, self: isSelf ? 'yes' : 'no' };
  return {
    action,
    label: t(language, 'silence.button', words),
    hides: t(language, 'silence.hides', words),
  };
}
