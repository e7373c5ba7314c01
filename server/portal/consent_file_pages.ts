// The list of consents as a file of exactly what the page shows.
import Router from '@koa/router';
import { readable } from '../consent/standing.ts';
import { named as told } from '../consent/text.ts';
import { fault } from '../platform/errors.ts';
import { named, page } from '../platform/http.ts';
import { cellsOf, COLUMNS, consentViewOf, listOf, type ConsentView } from './consent_list.ts';
import { KINDS, sendFile } from './file.ts';
import type { PortalPages } from './page.ts';

/** Read at once into a file, each with the question whether the person may. */
const BATCH = 2_500;

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
        // What happened is no list of consents.
        if (view.tab === 'events') throw fault('TIL-00009');
        const file = { kind, name: view.tab, columns: COLUMNS, headings: 'portal.column' };
        sendFile(ctx, pages, file, everything(pages, view));
      },
    );
  return router;
}

async function* everything(pages: PortalPages, view: ConsentView) {
  let after: string | undefined;
  for (;;) {
    const found = await listOf(pages, view, { limit: BATCH, after });
    const mine = await readable(pages.point, found, view.person, view.now);
    for (const consent of mine)
      yield cellsOf(told(consent, view.language), view.language, view.now);
    if (found.length < BATCH) return;
    after = found.at(-1)!.id;
  }
}
