// One right of a consent in the words of its owner. Pure apart from our locale texts.
import { formatList, pick, t, type Language } from '../platform/locale.ts';
import { formatMetadata } from '../resource/model.ts';
import { hasChoice, type Consent, type ConsentRight } from './model.ts';

/** An optional right, and what happens without it. */
interface Choice {
  without: string;
  /** States where it comes from, where that isn't where the rest does. */
  source?: string;
}

export interface ShownRight {
  /** Its place among the rights as they were asked for, from 0. */
  place: number;
  resource: string;
  version: number;
  title: string;
  html: string;
  lang: Language;
  note?: string;
  /** How often, and what a no means, where another right of the same consent says otherwise. */
  often?: string;
  ifNo?: string;
  /** The choice, where the giver may leave it out and has not answered. */
  choice?: Choice;
  /** Says whom the owner's words are written to, where that isn't the reader. */
  writtenTo?: string;
}

export function resourceTitle(right: ConsentRight, language: Language): string {
  return pick(right.content.title, language)?.text ?? right.resource;
}

/**
 * The rights that the sentences about the whole are made of: while there is a choice, what is
 * needed where something is; each of the others speaks for itself.
 */
function mainRights(consent: Consent): ConsentRight[] {
  const needed = consent.rights.filter(({ optional }) => !optional);
  return hasChoice(consent) && needed.length ? needed : consent.rights;
}

/** The titles of what is needed, and that there is something to choose. */
export function mainTitles(consent: Consent, language: Language): string {
  const main = mainRights(consent);
  const more = main.length < consent.rights.length ? [t(language, 'consent.what_you_choose')] : [];
  return formatList(language, [
    ...new Set(main.map((right) => resourceTitle(right, language))),
    ...more,
  ]);
}

/** The owners of those rights, by name. */
export const sourcesOf = (consent: Consent) =>
  new Set(mainRights(consent).map((right) => right.owner.name));

/** The owner of an optional right, where none of those is its own. */
export function ownSource(consent: Consent, { owner }: ConsentRight, language: Language) {
  if (sourcesOf(consent).has(owner.name)) return {};
  const poa = consent.template.isPoa ? 'yes' : 'no';
  return { source: t(language, 'consent.source', { name: owner.name, poa }) };
}

/** The words of rights: once for all where they are the same, else for each. */
export function inCommon(words: (string | undefined)[]): {
  all: string | undefined;
  each: (string | undefined)[];
} {
  return new Set(words).size > 1 ? { all: undefined, each: words } : { all: words[0], each: [] };
}

/** The line over words that are written to the one whom they are about, for somebody else. */
export const writtenTo = (name: string, language: Language) =>
  t(language, 'consent.written_to', { name });

/** The metadata of a right in words, by the names that its service knows. */
export function metadataWords(
  { content: { consentMetadata: fields }, metadata }: ConsentRight,
  language: Language,
): Record<string, string> {
  const words: Record<string, string> = {};
  for (const [key, value] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    if (Object.hasOwn(fields, name)) words[name] = formatMetadata(fields[name]!, value, language);
  }
  return words;
}

/**
 * A right in its owner's words; `about` names whom it is about, to whoever answers for them, and
 * `isSaid` is whether the page says once for all whom the words are written to.
 */
export function shownRight(
  right: ConsentRight,
  language: Language,
  { about, isSaid = false }: { about?: string | undefined; isSaid?: boolean } = {},
): ShownRight {
  const { consentText, consentTextAbout, words, wordsAbout } = right.content;
  const ownAbout = about === undefined ? undefined : pick(consentTextAbout, language);
  const lang = (ownAbout ?? pick(consentText, language))?.language ?? language;
  const values = metadataWords(right, lang);
  for (const name of Object.keys(right.content.consentMetadata))
    values[name] ??= t(lang, 'consent.not_given');
  return {
    place: right.ordinal,
    resource: right.resource,
    version: right.version,
    title: resourceTitle(right, language),
    html: (ownAbout ? wordsAbout : words).html(lang, values),
    lang,
    ...(about !== undefined && !ownAbout && !isSaid
      ? { writtenTo: writtenTo(about, language) }
      : {}),
    ...(lang === language ? {} : { note: t(language, `consent.only_in.${lang}`) }),
  };
}
