// Fetches the facts that words about mandates are made of.
import type { Context } from 'koa';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { languageOf } from '../../platform/locale.ts';
import { findResources } from '../../resource/store.ts';
import type { MandateWords, MandateSubject } from './text.ts';
import type { PortalPages } from '../page.ts';

export async function tellingOf(
  ctx: Context,
  { act }: PortalPages,
  mandates: readonly Pick<MandateSubject, 'resource'>[],
): Promise<MandateWords> {
  const ids = [...new Set(mandates.flatMap(({ resource }) => resource ?? []))];
  return {
    language: languageOf(ctx),
    catalogue: await currentCatalogue(act),
    resources: ids.length ? await findResources(act.db, ids) : new Map(),
    now: act.now,
  };
}
