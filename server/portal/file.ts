// A list as a file, of any length: CSV as Norwegian spreadsheets read it, or JSON.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Context } from 'koa';
import { sessionOf } from '../caller/pages.ts';
import { forbidCompression } from '../platform/http/compress.ts';
import { languageOf, t } from '../platform/locale.ts';
import type { PortalPages } from './page.ts';

/** Files of one person at once. */
const MOST_FILES = 2;

export const KINDS = ['csv', 'json'] as const;
type FileKind = (typeof KINDS)[number];

/** A file's name without the ending, and its columns, whose headings are texts. */
export interface FileOf {
  kind: FileKind;
  name: string;
  columns: readonly string[];
  headings: string;
}

async function* asJson(rows: AsyncIterable<object>) {
  let before = '[';
  for await (const row of rows) {
    yield `${before}\n${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** Sends rows as they come; nothing of them that a spreadsheet would take for a formula. */
export function sendFile(
  ctx: Context,
  { limits }: PortalPages,
  { kind, name, columns, headings }: FileOf,
  rows: AsyncIterable<object>,
): void {
  ctx.res.once('close', limits.begin('file', sessionOf(ctx).party, MOST_FILES));
  // Between a stream that fails and the answer, a compressor would not hear of it.
  forbidCompression(ctx);
  ctx.attachment(`${name}.${kind}`);
  ctx.set('cache-control', 'no-store');
  if (kind === 'json') {
    ctx.type = 'application/json';
    ctx.body = Readable.from(asJson(rows));
    return;
  }
  ctx.type = 'text/csv; charset=utf-8';
  const language = languageOf(ctx);
  const csv = stringify({
    bom: true,
    delimiter: ';',
    record_delimiter: 'windows',
    escape_formulas: true,
    header: true,
    columns: columns.map((key) => ({ key, header: t(language, `${headings}.${key}`) })),
  });
  ctx.body = csv;
  // A reader who leaves, or a database that fails, ends both: the file is cut off, never whole.
  void pipeline(Readable.from(rows), csv).catch((error) => csv.destroy(error));
}
