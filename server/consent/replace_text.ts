// A request in the place of a consent that holds, in words: what comes, what goes, what stays, and
// what a no means. Pure apart from our locale texts.
import { formatDate, formatList, t, type Language } from '../platform/locale.ts';
import { hasChoice, type Consent, type ConsentRight } from './model.ts';
import { differences } from './replace_model.ts';
import { metadataWords, resourceTitle } from './right_text.ts';
import { formatUntil } from './until_model.ts';
import { limitText } from './uses_text.ts';

/** The consent that was given, by its day. */
export const replacedWords = ({ template, approvedAt }: Consent, language: Language) => ({
  poa: template.isPoa ? 'yes' : 'no',
  date: formatDate(language, approvedAt!),
});

/** The sentence that it goes on as it is: as before, or suspended. */
export const goesOn = (old: Consent, language: Language) =>
  t(
    language,
    `consent.replace.${old.suspended ? 'no_paused' : 'no'}`,
    replacedWords(old, language),
  );

/** The neutral sentence of a no, and its values: what it replaces goes on. */
export const noOf = (
  { template }: Consent,
  replaced: Consent | undefined,
  whom: Record<string, string>,
  language: Language,
) =>
  replaced
    ? { key: 'consent.replace.if_no', words: { ...whom, old: goesOn(replaced, language) } }
    : { key: `consent.if_no${template.isPoa ? '_poa' : ''}`, words: whom };

/** A right by its title and what was said of it: income of two years are two rights. */
function named(right: ConsentRight, language: Language): string {
  const values = Object.values(metadataWords(right, language));
  const title = resourceTitle(right, language);
  return values.length ? `${title} (${formatList(language, values)})` : title;
}

/** The part of the page that sets the request beside the consent. */
export function replacedText(consent: Consent, old: Consent, language: Language) {
  const words = replacedWords(old, language);
  const { added, gone, kept } = differences(consent, old);
  const isChosen = (right: ConsentRight) => hasChoice(consent) && right.optional;
  const list = (rights: ConsentRight[]) =>
    formatList(
      language,
      rights.map((right) => named(right, language)),
    );
  const needed = (rights: ConsentRight[]) => list(rights.filter((right) => !isChosen(right)));
  const until = formatUntil(language, consent.validTo);
  const before = formatUntil(language, old.validTo);
  const facts: [string, string][] = [
    ['added', needed(added)],
    ['gone', list(gone)],
    ['kept', needed(kept)],
    ['choose', list(consent.rights.filter(isChosen))],
    ['until', until === before ? '' : t(language, 'consent.replace.instead', { until, before })],
    ['count', countText(consent, old, language)],
    ['no', goesOn(old, language)],
  ];
  return {
    heading: t(language, `consent.replace.${consent.renews ? 'renews' : 'heading'}`, words),
    facts: facts
      .filter(([, text]) => text)
      .map(([key, text]) => ({ key, label: t(language, `consent.replace.fact.${key}`), text })),
  };
}

/** How often, where it is counted: as before or not, and whether the count goes on. */
function countText(consent: Consent, old: Consent, language: Language): string {
  const said = ({ useLimit }: Consent) =>
    useLimit ? limitText(useLimit, language) : t(language, 'consent.replace.no_limit');
  const [now, before] = [said(consent), said(old)];
  return [
    ...(now === before ? [] : [t(language, 'consent.replace.limit', { now, before })]),
    ...(consent.useLimit && old.useLimit
      ? [t(language, `consent.replace.${consent.countsAnew ? 'counts_anew' : 'counts_on'}`)]
      : []),
  ].join(' ');
}

/** How often it was used since it was given, to a reader who sees the uses. */
export const usedSince = (old: Consent, language: Language): string | undefined =>
  old.veiled
    ? undefined
    : t(language, 'consent.replace.used', {
        n: old.uses,
        last: old.lastUsedAt ? formatDate(language, old.lastUsedAt) : '',
      });
