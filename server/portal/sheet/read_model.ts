// A file of rows as a spreadsheet saves it: its columns are found by their headings, in whatever
// order they stand. Pure.
import { CsvError, parse } from 'csv-parse/sync';

/** A row with the line in which it ends, and its cells by column, empty where it has none. */
export interface SheetRow {
  line: number;
  cell: (column: string) => string;
}

/**
 * Why a file cannot be read: it is no CSV, lacks a column, has rows that nobody marked only, or too
 * many.
 */
export type SheetFault = { why: 'unreadable' | 'columns' | 'empty' | 'long' };

/** Columns by their headings in any language, in small letters, and those that a file must have. */
export interface SheetColumns {
  headings: ReadonlyMap<string, string>;
  needed: readonly string[];
}

/** Characters that may stand between cells; the first line has most of the one that does. */
const DELIMITERS = [';', '\t', ','];
/** A line by which some spreadsheets say which. */
const SAYS_DELIMITER = /^sep=(.)\r?\n/;
const LONGEST_CELL = 500;

interface Parsed {
  record: string[];
  info: { lines: number };
}

/** Rows below the headings. A cell that was marked as no formula is read without the mark. */
export function readSheet(
  text: string,
  { headings, needed }: SheetColumns,
  most: number,
): SheetRow[] | SheetFault {
  const said = SAYS_DELIMITER.exec(text);
  let parsed: Parsed[];
  try {
    parsed = parse(said ? text.slice(said[0].length) : text, {
      delimiter: said?.[1] ?? delimiterIn(text),
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      info: true,
      to: most + 2,
    }) as unknown as Parsed[];
  } catch (error) {
    if (error instanceof CsvError) return { why: 'unreadable' };
    throw error;
  }
  const [first, ...rest] = parsed;
  if (rest.length > most) return { why: 'long' };
  // Places of the columns that we know alone: a file may have any number of others.
  const places = new Map<string, number>();
  for (const [place, heading] of (first?.record ?? []).entries()) {
    const column = headings.get(heading.toLowerCase());
    if (column && !places.has(column)) places.set(column, place);
  }
  if (!needed.every((one) => places.has(one))) return { why: 'columns' };
  return rest.map(({ record, info }) => ({
    line: info.lines + (said ? 1 : 0),
    cell: (column) => cellOf(record[places.get(column) ?? -1] ?? ''),
  }));
}

function delimiterIn(text: string): string {
  const [first = ''] = text.split('\n', 1);
  const count = (one: string) => first.split(one).length;
  return DELIMITERS.toSorted((a, b) => count(b) - count(a))[0]!;
}

const cellOf = (text: string): string => text.replace(/^'(?=[=+\-@])/, '').slice(0, LONGEST_CELL);
