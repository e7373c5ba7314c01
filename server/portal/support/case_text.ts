// A support case in words: all that a party gave and has, as support staff see it.
import { formatUntil } from '../../consent/until_model.ts';
import type { Consent } from '../../consent/model.ts';
import { displayName, titlesOf } from '../../consent/text.ts';
import type { MandateRow } from '../../mandate/delegation_store.ts';
import { t } from '../../platform/locale.ts';
import {
  asHeading,
  giverName,
  mandateName,
  receiverName,
  validityText,
  type MandateWords,
} from '../mandate/text.ts';

/** How lines are said: the system of each that has one, by id, and who may let go on. */
export interface CaseWords extends MandateWords {
  origins: Map<string, string>;
  mayResume: (id: string) => boolean;
}

/** One power of attorney or consent. */
export interface CaseLine {
  id: string;
  label: string;
  about: string;
  /** Whether it is suspended, and whether this one of the staff may let it go on. */
  isPaused: boolean;
  mayResume: boolean;
}

interface Said {
  id: string;
  what: string;
  to: string;
  until: string;
  isPaused: boolean;
  /** The system that has it, in words. */
  origin?: string | undefined;
}

const lineOf = (
  { id, what, to, until, isPaused, origin }: Said,
  { language, mayResume }: CaseWords,
): CaseLine => ({
  ...{ id, isPaused, mayResume: mayResume(id) },
  label: asHeading(language, t(language, 'support.gave', { what, to })),
  about: [t(language, 'support.about', { until, paused: isPaused ? 'yes' : 'no' }), origin]
    .filter(Boolean)
    .join('. '),
});

/** Lines of all that the party gave, powers of attorney first. */
export const givenLines = (
  { mandates, consents }: { mandates: MandateRow[]; consents: Consent[] },
  words: CaseWords,
): CaseLine[] => [
  ...mandates.map((one) =>
    lineOf(
      {
        id: one.id,
        what: mandateName(one, words),
        to: receiverName(one),
        until: validityText(words.language, one.validTo),
        isPaused: one.suspendedAt !== null,
        origin: words.origins.get(one.to),
      },
      words,
    ),
  ),
  ...consents.map((one) =>
    lineOf(
      {
        id: one.id,
        what: titlesOf(one, words.language),
        to: displayName(one.to),
        until: formatUntil(words.language, one.validTo),
        isPaused: one.isPaused,
      },
      words,
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
