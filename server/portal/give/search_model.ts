// Finds words in whatever form they have, in any order, the nearest first. Pure.
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as norwegian } from '@orama/stemmers/norwegian';
import type { Language } from '../../platform/locale.ts';

/** A word as it was written, and what its forms begin with. */
export interface Word {
  whole: string;
  stem: string;
}

const MOST_WORDS = 10;
/** Shorter words are in too many others to be looked for within them. */
const SHORTEST_WITHIN = 4;

const split = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

export const wordsIn = (search: string, language: Language): Word[] =>
  split(search)
    .slice(0, MOST_WORDS)
    .map((whole) => {
      const stem = (language === 'en' ? english : norwegian)(whole);
      // «compani» begins no word that «companies» is a form of.
      return { whole, stem: whole.startsWith(stem) ? stem : shared(whole, stem) };
    });

/** How two words begin alike. */
function shared(one: string, other: string): string {
  let length = 0;
  while (length < other.length && one[length] === other[length]) length += 1;
  return one.slice(0, length) || one;
}

/** 0 when each word begins one of the texts', 1 when some is but within another; else undefined. */
export function closeness(words: Word[], texts: string[]): 0 | 1 | undefined {
  const there = texts.flatMap(split);
  const begins = ({ stem }: Word) => there.some((one) => one.startsWith(stem));
  const isWithin = ({ whole }: Word) =>
    whole.length >= SHORTEST_WITHIN && there.some((one) => one.includes(whole));
  if (!words.length) return undefined;
  if (words.every(begins)) return 0;
  return words.every((word) => begins(word) || isWithin(word)) ? 1 : undefined;
}

/** The text that a row in the database must contain: the beginning of one word's forms. */
export const soughtText = (search: string, words: Word[]): string =>
  words.length === 1 ? words[0]!.stem : search.toLowerCase();
