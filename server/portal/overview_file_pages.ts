// The overview as a file of exactly what the page shows.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Router from '@koa/router';
import { stringify } from 'csv-stringify';
import type { Context } from 'koa';
import { listShelf } from '../mandate/overview_store.ts';
import { forbidCompression } from '../platform/compress.ts';
import { named, page } from '../platform/http.ts';
import { t } from '../platform/locale.ts';
import { cellsOf, COLUMNS } from './mandate_text.ts';
import { tellingOf } from './telling.ts';
import type { PortalPages } from './page.ts';

import { viewOf, type View } from './overview.ts';

/** Read at once into a file. */
const BATCH = 5_000;
/** Files of one person at once. */
const MOST_FILES = 2;

export function overviewFilePages(pages: PortalPages): Router {
  const router = new Router();
  for (const kind of ['csv', 'json'] as const)
    router.get(`/overview.${kind}`, named(`overview_${kind}`), page, pages.signedIn(), (ctx) =>
      sendFile(ctx, pages, kind),
    );
  return router;
}

/** All that is found, a batch at a time, so that a file of any length holds nobody up. */
async function* everything(ctx: Context, pages: PortalPages, view: View) {
  let after: string | undefined;
  for (;;) {
    const { viewed, sought, now } = view;
    const page = { limit: BATCH, ...(after ? { after } : {}) };
    const found = await listShelf(pages.point.db, viewed, sought, page, now);
    const telling = await tellingOf(ctx, pages, found);
    for (const mandate of found) yield cellsOf(mandate, telling);
    if (found.length < BATCH) return;
    after = found.at(-1)!.id;
  }
}

async function* asJson(rows: AsyncIterable<object>) {
  let before = '[';
  for await (const row of rows) {
    yield `${before}\n${JSON.stringify(row)}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}

/** No national number, nor anything that a spreadsheet would take for a formula. */
async function sendFile(ctx: Context, pages: PortalPages, kind: 'csv' | 'json'): Promise<void> {
  const view = await viewOf(ctx, pages);
  const end = pages.limits.begin('file', view.acting.session.party, MOST_FILES);
  ctx.res.once('close', end);
  const rows = everything(ctx, pages, view);
  // Between a stream that fails and the answer, a compressor would not hear of it.
  forbidCompression(ctx);
  ctx.attachment(`${view.sought.shelf}.${kind}`);
  ctx.set('cache-control', 'no-store');
  if (kind === 'json') {
    ctx.type = 'application/json';
    ctx.body = Readable.from(asJson(rows));
    return;
  }
  ctx.type = 'text/csv; charset=utf-8';
  const { language } = view.sought;
  const csv = stringify({
    bom: true,
    delimiter: ';',
    record_delimiter: 'windows',
    escape_formulas: true,
    header: true,
    columns: COLUMNS.map((key) => ({ key, header: t(language, `mandate.fact.${key}`) })),
  });
  ctx.body = csv;
  // A reader who leaves, or a database that fails, ends both: the file is cut off, never whole.
  void pipeline(Readable.from(rows), csv).catch((error) => csv.destroy(error));
}
