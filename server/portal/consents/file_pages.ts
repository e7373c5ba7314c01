// The list of consents as a file of exactly what the page shows.
import { pageRouter } from '../../caller/declared_pages.ts';
import type { Wired } from '../../platform/act.ts';
import type Router from '@koa/router';
import { inWords } from '../../consent/text.ts';
import { fault } from '../../platform/errors.ts';
import { t } from '../../platform/locale.ts';
import {
  consentCells,
  CONSENT_COLUMNS,
  consentViewOf,
  readableOf,
  type ConsentView,
} from './list.ts';
import { KINDS, sendFile } from '../file.ts';
import type { PortalPages } from '../page.ts';

/** Read at once into a file, each with the question whether the person may. */
const BATCH = 2_500;
const ALL = { first: BATCH, more: BATCH, most: Number.POSITIVE_INFINITY };

export const consentFilePages = (pages: Wired<PortalPages>): Router =>
  pageRouter(
    pages,
    KINDS.map((kind) => ({
      id: `consents_${kind}`,
      path: `/consents.${kind}`,
      async show(ctx, own) {
        const view = await consentViewOf(ctx, own);
        // Events are no list of consents.
        if (view.tab === 'events') throw fault('TIL-00009');
        const name = t(view.language, `portal.file.${view.tab}`);
        const file = { kind, name, columns: CONSENT_COLUMNS, headings: 'portal.column' };
        sendFile(ctx, own, file, everything(view));
      },
    })),
  );

async function* everything(view: ConsentView) {
  for await (const consent of readableOf(view, undefined, ALL))
    yield consentCells(inWords(consent, view.language), view.language, view.act.now);
}
