// The page of a request in the place of another consent: how that one was used, and what keeps the
// person from a yes. It decides nothing.
import { t, type Language } from '../../platform/locale.ts';
import { replacedWords, usedSince } from '../replace_text.ts';
import { displayName } from '../text.ts';
import type { Consent } from '../model.ts';
import type { Replacing } from './replacing.ts';

export function aboutReplacing(
  consent: Consent,
  { old, is }: Replacing,
  { language, isForOther }: { language: Language; isForOther: boolean },
) {
  if (is === 'over') return { over: t(language, 'consent.replace.over') };
  const words = replacedWords(old, language);
  const see = { href: `/consents/${old.id}`, label: t(language, 'consent.replace.see') };
  const yes = { ...words, other: isForOther ? 'yes' : 'no', name: displayName(consent.from) };
  return {
    replaced: { used: usedSince(old, language), ...see },
    ...(is === 'suspended'
      ? { barred: { text: t(language, 'consent.replace.suspended', words), ...see } }
      : {}),
    ...(consent.renews ? { yes: t(language, 'consent.replace.yes_renew', yes) } : {}),
  };
}
