// The overview as a file of exactly what the page shows.
import Router from '@koa/router';
import type { Context } from 'koa';
import { listShelf, SHELVES } from '../../mandate/overview_store.ts';
import { fault } from '../../platform/errors.ts';
import { named, page } from '../../platform/http/http.ts';
import { t } from '../../platform/locale.ts';
import { KINDS, sendFile } from '../file.ts';
import { cellsOf, COLUMNS } from '../mandate/text.ts';
import { viewOf, type View } from './overview.ts';
import type { PortalPages } from '../page.ts';
import { asTheyWere } from '../then.ts';
import { tellingOf } from '../mandate/telling.ts';

/** Read at once into a file. */
const BATCH = 5_000;

export function overviewFilePages(pages: PortalPages): Router {
  const router = new Router();
  for (const kind of KINDS)
    router.get(
      `/overview.${kind}`,
      named(`overview_${kind}`),
      page,
      pages.signedIn(),
      async (ctx) => {
        const show = ctx.URL.searchParams.get('show');
        // Waiting requests are not a list of powers of attorney.
        if (show && !SHELVES.some((one) => one === show)) throw fault('TIL-00009');
        const view = await viewOf(ctx, pages);
        const { shelf, language } = view.sought;
        const name = t(language, `mandate.file.${shelf}`);
        const file = { kind, name, columns: COLUMNS, headings: 'mandate.fact' };
        sendFile(ctx, pages, file, everything(ctx, pages, view));
      },
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
    const telling = { ...(await tellingOf(ctx, pages, found)), now };
    const then = view.acting.closed ? await asTheyWere(pages.point.db, found, now) : found;
    for (const one of then) yield cellsOf(one, telling);
    if (found.length < BATCH) return;
    after = found.at(-1)!.id;
  }
}
