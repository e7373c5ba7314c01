// The list of consents as a file of exactly what the page shows.
import { type Wired, visit } from '../../platform/act.ts';
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

export function consentFilePages(pages: Wired<PortalPages>): Router {
  const router = new Router();
  for (const kind of KINDS)
    router.get(
      `/consents.${kind}`,
      named(`consents_${kind}`),
      page,
      pages.signedIn(),
      async (ctx) => {
        const visited = visit(pages);
        const view = await consentViewOf(ctx, visited);
        // Events are no list of consents.
        if (view.tab === 'events') throw fault('TIL-00009');
        const name = t(view.language, `portal.file.${view.tab}`);
        const file = { kind, name, columns: COLUMNS, headings: 'portal.column' };
        sendFile(ctx, visited, file, everything(view));
      },
    );
  return router;
}

async function* everything(view: ConsentView) {
  for await (const consent of readableOf(view, undefined, ALL))
    yield cellsOf(told(consent, view.language), view.language, view.act.now);
}
