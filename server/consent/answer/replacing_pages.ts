// The page of a request in the place of another consent: how that one was used, and what keeps the
// person from a yes. It decides nothing.
import { t, type Language } from '../../platform/locale.ts';
import { replacedWords, usedSince } from '../replace_text.ts';
import { displayName } from '../text.ts';
import type { Consent } from '../model.ts';
import type { Replacing } from './replacing.ts';

export function aboutReplacing(
  consent: Consent,
  { old, is, isLet, shown }: Replacing,
  { language, isForOther }: { language: Language; isForOther: boolean },
) {
  if (is === 'over') return { over: t(language, 'consent.replace.over') };
  if (!isLet) return { barred: { text: t(language, 'consent.replace.not_yours') } };
  const words = replacedWords(old, language);
  const see = { href: `/consents/${old.id}`, label: t(language, 'consent.replace.see') };
  return {
    replaced: { used: usedSince(shown, language), ...see },
    ...(is === 'suspended'
      ? { barred: { text: t(language, 'consent.replace.suspended', words), ...see } }
      : {}),
    ...(consent.renews
      ? { yes: yesText(consent, language, { ...words, other: isForOther ? 'yes' : 'no' }) }
      : {}),
  };
}

const yesText = (
  consent: Consent,
  language: Language,
  { poa, other }: { poa: string; other: string },
) =>
  t(language, 'consent.replace.yes_renew', {
    poa,
    other,
    name: displayName(consent.from),
  });
