// Why somebody may not answer a request, in words. It decides nothing.
import { inEach, t, type Language } from '../platform/locale.ts';
import type { Barred } from './basis/model.ts';

/** Why somebody may not answer, for a client and in words for the person. */
export const barredTold = (barred: Barred) => ({
  consent_reason: barred.why,
  reason_user: inEach((language) => barredText(barred, language)),
});
export const barredText = (
  { why, age }: Barred,
  language: Language,
  parent: 'yes' | 'no' | 'unasked' = 'unasked',
): string => t(language, `consent.${why}.body`, { age, parent });
