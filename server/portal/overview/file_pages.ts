// The overview as a file of exactly what the page shows.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { listShelf, SHELVES } from '../../mandate/overview_store.ts';
import { fault } from '../../platform/errors.ts';
import { t } from '../../platform/locale.ts';
import { KINDS, sendFile } from '../file.ts';
import { mandateCells, MANDATE_COLUMNS } from '../mandate/cells_text.ts';
import { viewOf, type View } from './overview.ts';
import type { PortalPages } from '../page.ts';
import { asTheyWere } from '../then.ts';
import { tellingOf } from '../mandate/telling.ts';

/** Read at once into a file. */
const BATCH = 5_000;

export const overviewFilePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(
    pages,
    KINDS.map((kind) => ({
      id: `overview_${kind}`,
      path: `/overview.${kind}`,
      async show(ctx, own) {
        const show = ctx.URL.searchParams.get('show');
        // Waiting requests are not a list of powers of attorney.
        if (show && !SHELVES.some((one) => one === show)) throw fault('TIL-00009');
        const view = await viewOf(ctx, own);
        const { shelf, language } = view.sought;
        const name = t(language, `mandate.file.${shelf}`);
        const file = { kind, name, columns: MANDATE_COLUMNS, headings: 'mandate.fact' };
        sendFile(ctx, own, file, everything(ctx, own, view));
      },
    })),
  );

/** All that is found, a batch at a time, so that a file of any length holds nobody up. */
async function* everything(ctx: Context, pages: PortalPages, view: View) {
  let after: string | undefined;
  for (;;) {
    const { act, viewed, sought } = view;
    const page = { limit: BATCH, ...(after ? { after } : {}) };
    const found = await listShelf(act, viewed, sought, page);
    const telling = { ...(await tellingOf(ctx, pages, found)), now: act.now };
    const then = view.acting.closed ? await asTheyWere(act, found) : found;
    for (const one of then) yield mandateCells(one, telling);
    if (found.length < BATCH) return;
    after = found.at(-1)!.id;
  }
}
