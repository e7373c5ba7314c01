// A support case in words: all that a party gave and has, as support staff see it.
import { formatUntil } from '../../consent/until_model.ts';
import type { Consent } from '../../consent/model.ts';
import { displayName, titlesOf } from '../../consent/text.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { t, type Language } from '../../platform/locale.ts';
import {
  asHeading,
  giverName,
  mandateName,
  receiverName,
  validityText,
  type MandateWords,
} from '../mandate/text.ts';

/** One power of attorney or consent. */
export interface CaseLine {
  id: string;
  label: string;
  about: string;
  /** Whether it is suspended, and whether this one of the staff may let it go on. */
  isPaused: boolean;
  mayResume: boolean;
}

const lineOf = (
  id: string,
  { what, to, until, isPaused }: { what: string; to: string; until: string; isPaused: boolean },
  language: Language,
  mayResume: boolean,
): CaseLine => ({
  ...{ id, isPaused, mayResume },
  label: asHeading(language, t(language, 'support.gave', { what, to })),
  about: t(language, 'support.about', { until, paused: isPaused ? 'yes' : 'no' }),
});

/** Lines of all that the party gave, powers of attorney first. */
export const givenLines = (
  { mandates, consents }: { mandates: MandateRow[]; consents: Consent[] },
  telling: MandateWords,
  mayResume: (id: string) => boolean,
): CaseLine[] => [
  ...mandates.map((one) =>
    lineOf(
      one.id,
      {
        what: mandateName(one, telling),
        to: receiverName(one),
        until: validityText(telling.language, one.validTo),
        isPaused: one.suspendedAt !== null,
      },
      telling.language,
      mayResume(one.id),
    ),
  ),
  ...consents.map((one) =>
    lineOf(
      one.id,
      {
        what: titlesOf(one, telling.language),
        to: displayName(one.to),
        until: formatUntil(telling.language, one.validTo),
        isPaused: one.isPaused,
      },
      telling.language,
      mayResume(one.id),
    ),
  ),
];

/** Lines of all that the party has of others. */
export const hadLines = (mandates: MandateRow[], telling: MandateWords): string[] =>
  mandates.map((one) =>
    asHeading(
      telling.language,
      t(telling.language, 'support.had', {
        what: mandateName(one, telling),
        from: giverName(one),
        until: validityText(telling.language, one.validTo),
      }),
    ),
  );
