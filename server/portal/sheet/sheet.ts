// A file of rows that somebody brings to have many things done at once: the parts of which the
// pages of each kind of file are made. A row that is not marked changes nothing.
import type { Context } from 'koa';
import type { NotDone } from '../../platform/all_or_none.ts';
import { inEach, t, type Language } from '../../platform/locale.ts';
import type { Catalogue, Package } from '../../resource/catalogue/model.ts';
import { packageCode } from '../../resource/policy/model.ts';
import type { PortalPages } from '../page.ts';
import type { Acting } from '../party.ts';
import { readSheet, type SheetFault, type SheetRow } from './read_model.ts';

/** The marks of rows: each is a word of its own in each language. */
const MARKS = ['give', 'end'] as const;

/** Rows of a file, and those of them that are marked, at most. */
export const MOST_ROWS = 5_000;
export const MOST_MARKED = 50;

/** A row that is to be done, with its line in the file, counted from 1. */
export interface Marked extends SheetRow {
  does: (typeof MARKS)[number];
}

/** The acts that rows mean, and rows that mean none, by line. */
export interface SheetRead<Line> {
  lines: Line[];
  wrong: { line: number; text: string }[];
}

/** A kind of file. */
export interface Sheet<Line, Of extends { acting: Acting }> {
  /** Texts are under this name, and acts are logged by it. */
  id: string;
  path: string;
  /** The page from which one comes, and to which one goes on. */
  home: (party: string) => string;
  /** The file to begin with. */
  source: (party: string) => string;
  columns: readonly string[];
  needed: readonly string[];
  /** For whom somebody is there; TIL-00008 where they are not. */
  whose: (ctx: Context, pages: PortalPages) => Promise<Of>;
  read: (
    pages: PortalPages,
    of: Of,
    rows: Marked[],
    language: Language,
  ) => Promise<SheetRead<Line>>;
  texts: (pages: PortalPages, of: Of, lines: Line[], language: Language) => Promise<string[]>;
  /**
   * Does all of them or none, as they were looked over at an instant; answers those that could not
   * be done.
   */
  act: (pages: PortalPages, of: Of, lines: Line[], lookedAt: Date) => Promise<NotDone<Line>[]>;
}

/** A text of ours in each language, in small letters. */
const inAny = (key: string): string[] =>
  Object.values(inEach((language) => t(language, key).toLowerCase()));

/** The marked rows of a file; or why there are none, or which mark is no word of ours. */
export function markedIn(
  text: string,
  { id, columns, needed }: Pick<Sheet<never, never>, 'id' | 'columns' | 'needed'>,
  language: Language,
): { rows: Marked[]; wrong: SheetRead<never>['wrong'] } | SheetFault {
  const headings = new Map(
    columns.flatMap((column) =>
      inAny(`${id}.column.${column}`).map((heading) => [heading, column] as const),
    ),
  );
  const found = readSheet(text, { headings, needed }, MOST_ROWS);
  if ('why' in found) return found;
  const words = new Map(
    MARKS.flatMap((mark) => inAny(`sheet.mark.${mark}`).map((word) => [word, mark] as const)),
  );
  const wrong: SheetRead<never>['wrong'] = [];
  const rows = found.flatMap(({ line, cell }): Marked[] => {
    const word = cell('act').toLowerCase();
    const does = words.get(word);
    if (word && !does) wrong.push({ line, text: t(language, 'sheet.wrong.mark') });
    return does ? [{ line, does, cell }] : [];
  });
  if (!rows.length && !wrong.length) return { why: 'empty' };
  return rows.length > MOST_MARKED ? { why: 'long' } : { rows, wrong };
}

/** A number as it was typed: spreadsheets take away the nought with which a person's may begin. */
export const asTyped = (number: string): string =>
  /^\d{10}$/.test(number) ? `0${number}` : number;

/** A package by its code, or by its name in any language. */
export function packageIn(text: string, catalogue: Catalogue): Package | undefined {
  const wanted = text.toLowerCase();
  return (
    catalogue.packages.get(packageCode(text)) ??
    [...catalogue.packages.values()].find(({ name }) =>
      Object.values(name).some((one) => one?.toLowerCase() === wanted),
    )
  );
}

/** Rows about the same as one before them: two marks of one thing may contradict each other. */
export function repeated<Row extends { row: Marked }>(
  rows: Row[],
  keyOf: (row: Row) => string,
  language: Language,
): SheetRead<never>['wrong'] {
  const first = new Map<string, number>();
  return rows.flatMap((one) => {
    const before = first.get(keyOf(one));
    if (before === undefined) first.set(keyOf(one), one.row.line);
    const text = () => t(language, 'sheet.wrong.twice', { line: before });
    return before === undefined ? [] : [{ line: one.row.line, text: text() }];
  });
}
