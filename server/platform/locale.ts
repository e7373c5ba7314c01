// Words and dates in nb, nn and en: texts from views/locales (ICU MessageFormat), which language a
// request gets, and formatting in Oslo's time. Only our own texts are compiled; what others wrote
// is inserted as plain values.
import { readdirSync, readFileSync } from 'node:fs';
import { match } from '@formatjs/intl-localematcher';
import { IntlMessageFormat } from 'intl-messageformat';
import type { Context } from 'koa';

export const LANGUAGES = ['nb', 'nn', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Values = Record<string, string | number | undefined>;
/** A text per language, as service owners and consumers write them. */
export type Translated = Partial<Record<Language, string>>;

export const LANGUAGE_NAMES: Record<Language, string> = {
  nb: 'Bokmål',
  nn: 'Nynorsk',
  en: 'English',
};
const INTL: Record<Language, string> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };

type Tree = { [key: string]: string | Tree };
const folder = new URL('../../views/locales/', import.meta.url);
/** Compiled at first use: there are thousands, and a command says a few. */
const catalogues = new Map<Language, Map<string, string | IntlMessageFormat>>();
for (const language of LANGUAGES) catalogues.set(language, load(language));

function load(language: Language): Map<string, string | IntlMessageFormat> {
  const texts = new Map<string, string | IntlMessageFormat>();
  const directory = new URL(`${language}/`, folder);
  for (const file of readdirSync(directory).sort()) {
    const tree = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Tree;
    flatten(file.replace(/\.json$/, ''), tree, (key, text) => texts.set(key, text));
  }
  return texts;
}

function flatten(prefix: string, tree: Tree, take: (key: string, text: string) => void): void {
  for (const [name, value] of Object.entries(tree)) {
    const key = `${prefix}.${name}`;
    if (typeof value === 'string') take(key, value);
    else flatten(key, value, take);
  }
}

/** The text of a key. A key or a value that is missing is a defect of ours, so it throws. */
export function t(language: Language, key: string, values: Values = {}): string {
  const texts = catalogues.get(language);
  let text = texts?.get(key);
  if (text === undefined) throw new Error(`no text ${key} in ${language}`);
  if (typeof text === 'string') {
    text = new IntlMessageFormat(text, INTL[language], undefined, { ignoreTag: true });
    texts!.set(key, text);
  }
  return `${text.format(values)}`;
}

/** The same in every language. */
export const inEach = (say: (language: Language) => string): Record<Language, string> =>
  Object.fromEntries(LANGUAGES.map((language) => [language, say(language)])) as Record<
    Language,
    string
  >;

export function hasText(key: string): boolean {
  return catalogues.get('nb')!.has(key);
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** The text in the language, else the nearest that exists, with the language it is really in. */
export function pick(
  texts: Translated | null | undefined,
  language: Language,
): { text: string; language: Language } | undefined {
  const order: Language[] = [
    language,
    ...(language === 'nn' ? (['nb', 'en'] as const) : (['nn', 'nb', 'en'] as const)),
  ];
  if (language === 'en') order.splice(1, 1, 'nb');
  for (const candidate of order) {
    const text = texts?.[candidate];
    if (text) return { text, language: candidate };
  }
  return undefined;
}

/**
 * Explicit click, then cookie, then Accept-Language, then bokmål. `no` means bokmål, which the
 * matcher does not know.
 */
export function languageOf(ctx: Context): Language {
  const clicked = ctx.URL.searchParams.get('lang');
  if (isLanguage(clicked)) return clicked;
  const kept = ctx.cookies.get('lang');
  if (isLanguage(kept)) return kept;
  const wanted = (ctx.get('accept-language') || '')
    .split(',')
    .slice(0, 10)
    .map((entry) => entry.split(';')[0]!.trim().replace(/^no\b/i, 'nb'))
    .filter(isTag);
  return match(wanted, LANGUAGES, 'nb') as Language;
}

/** Pages are in this language from now on; in what the browser says when it is null. */
export function rememberLanguage(ctx: Context, language: Language | null): void {
  ctx.cookies.set('lang', language, {
    sameSite: 'lax',
    httpOnly: true,
    secure: ctx.secure,
    ...(language === null ? {} : { maxAge: 31_536_000_000 }),
  });
}

/** RFC 5646 tags only: the matcher throws on anything else. */
function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

const OSLO = 'Europe/Oslo';
const formats = new Map(
  LANGUAGES.map((language) => [
    language,
    {
      date: new Intl.DateTimeFormat(INTL[language], { dateStyle: 'long', timeZone: OSLO }),
      month: new Intl.DateTimeFormat(INTL[language], {
        month: 'long',
        year: 'numeric',
        timeZone: 'UTC',
      }),
      shortMonth: new Intl.DateTimeFormat(INTL[language], {
        month: 'short',
        year: 'numeric',
        timeZone: OSLO,
      }),
      dateTime: new Intl.DateTimeFormat(INTL[language], {
        dateStyle: 'long',
        timeStyle: 'short',
        timeZone: OSLO,
      }),
      time: new Intl.DateTimeFormat(INTL[language], { timeStyle: 'short', timeZone: OSLO }),
      list: new Intl.ListFormat(INTL[language], { style: 'long', type: 'conjunction' }),
      any: new Intl.ListFormat(INTL[language], { style: 'long', type: 'disjunction' }),
    },
  ]),
);
const NBSP = '\u00a0';
const unbroken = (text: string) => text.replaceAll(' ', NBSP);

/** "4. mars 2027", unbroken. */
export const formatDate = (language: Language, at: Date) =>
  unbroken(formats.get(language)!.date.format(at));
/** "4. mars 2027 kl. 13:05". */
export const formatDateTime = (language: Language, at: Date) =>
  formats.get(language)!.dateTime.format(at);
export const formatTime = (language: Language, at: Date) =>
  unbroken(formats.get(language)!.time.format(at));
/** "mars 2027", of a date without time of day. */
export const formatMonth = (language: Language, at: Date) =>
  formats.get(language)!.month.format(at);
export const formatShortMonth = (language: Language, at: Date) =>
  formats.get(language)!.shortMonth.format(at);
export const formatList = (language: Language, items: string[]) =>
  formats.get(language)!.list.format(items);
/** "a, b eller c". */
export const formatAny = (language: Language, items: string[]) =>
  formats.get(language)!.any.format(items);
/** "310 000 009", unbroken. */
export const formatOrganizationNumber = (number: string) =>
  number.replace(/(\d{3})(?=\d)/g, `$1${NBSP}`);
