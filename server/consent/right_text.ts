// One right of a consent in the words of its owner. Pure apart from our locale texts.
import { pick, t, type Language } from '../platform/locale.ts';
import { renderMarkdown } from '../resource/markdown.ts';
import { formatMetadata } from '../resource/model.ts';
import type { ConsentRight } from './model.ts';

export interface ShownRight {
  resource: string;
  version: number;
  title: string;
  html: string;
  lang: Language;
  note?: string;
  /** How often, and what a no means, where another right of the same consent says otherwise. */
  often?: string;
  ifNo?: string;
  /** Says whom the owner's words are written to, where that isn't the reader. */
  writtenTo?: string;
}

export function resourceTitle(right: ConsentRight, language: Language): string {
  return pick(right.content.title, language)?.text ?? right.resource;
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

/**
 * A right in its owner's words; `about` names whom it is about, to whoever answers for them, and
 * `isSaid` is whether the page says once for all whom the words are written to.
 */
export function shownRight(
  right: ConsentRight,
  language: Language,
  { about, isSaid = false }: { about?: string | undefined; isSaid?: boolean } = {},
): ShownRight {
  const ownAbout = about === undefined ? undefined : pick(right.content.consentTextAbout, language);
  const text = ownAbout ?? pick(right.content.consentText, language);
  const lang = text?.language ?? language;
  const fields = right.content.consentMetadata;
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(right.metadata)) {
    const name = key.toLowerCase();
    if (Object.hasOwn(fields, name)) values[name] = formatMetadata(fields[name]!, value, lang);
  }
  for (const name of Object.keys(fields)) values[name] ??= t(lang, 'consent.not_given');
  return {
    resource: right.resource,
    version: right.version,
    title: resourceTitle(right, language),
    html: renderMarkdown(text?.text ?? '', values),
    lang,
    ...(about !== undefined && !ownAbout && !isSaid
      ? { writtenTo: writtenTo(about, language) }
      : {}),
    ...(lang === language ? {} : { note: t(language, `consent.only_in.${lang}`) }),
  };
}
