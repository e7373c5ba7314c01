// A party in words that keep namesakes apart. Pure apart from our locale texts.
import { t, type Language } from '../platform/locale.ts';
import { displayName, numbered } from './text.ts';

/** A person by name with the year of birth, an organisation with its number. */
export const identified = (
  party: { kind: string; name: string; organizationNo: string | null; bornOn: string | null },
  language: Language,
): string =>
  party.bornOn
    ? t(language, 'consent.born', { name: displayName(party), year: party.bornOn.slice(0, 4) })
    : numbered(party, language);
