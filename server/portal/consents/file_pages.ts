// The list of consents as a file of exactly what the page shows.
import Router from '@koa/router';
import { named as told } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { named, page } from '../../platform/http/http.ts';
import { t } from '../../platform/locale.ts';
import { cellsOf, COLUMNS, consentViewOf, readableOf, type ConsentView } from './list.ts';
import { KINDS, sendFile } from '../file.ts';
import type { PortalPages } from '../page.ts';

/** Read at once into a file, each with the question whether the person may. */
const BATCH = 2_500;
const ALL = { first: BATCH, more: BATCH, most: Number.POSITIVE_INFINITY };

export function consentFilePages(pages: PortalPages): Router {
  const router = new Router();
  for (const kind of KINDS)
    router.get(
      `/consents.${kind}`,
      named(`consents_${kind}`),
      page,
      pages.signedIn(),
      async (ctx) => {
        const view = await consentViewOf(ctx, pages);
        // Events are no list of consents.
        if (view.tab === 'events') throw fault('TIL-00009');
        const name = t(view.language, `portal.file.${view.tab}`);
        const file = { kind, name, columns: COLUMNS, headings: 'portal.column' };
        sendFile(ctx, pages, file, everything(pages, view));
      },
    );
  return router;
}

async function* everything(pages: PortalPages, view: ConsentView) {
  for await (const consent of readableOf(pages, view, undefined, ALL))
    yield cellsOf(told(consent, view.language), view.language, view.now);
}
