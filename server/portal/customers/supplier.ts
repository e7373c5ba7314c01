// The supplier for whose customers a page is.
import type { Context } from 'koa';
import type { Posted } from '../../caller/declared_pages.ts';
import { sessionOf, tellStepUp } from '../../caller/pages.ts';
import { mustAdminister } from '../../delegation/authority.ts';
import { findParty } from '../../party/store.ts';
import { queryParameter } from '../../platform/http/body.ts';
import { fault, type Fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import type { PortalPages } from '../page.ts';
import { onBehalfBy, whoOf, type Acting } from '../party.ts';

/** The supplier for whose customers the person administers; TIL-00008 else. */
export async function supplierIn(
  ctx: Context,
  { act }: PortalPages,
  named = queryParameter(ctx, 'party'),
): Promise<Acting> {
  const party = isUuid(named) ? await findParty(act, { by: 'uuid', value: named }) : undefined;
  if (!party || party.kind === 'person') throw fault('TIL-00008');
  const session = sessionOf(ctx);
  await mustAdminister(act, session, party.id, 'clients');
  const acting = await onBehalfBy(ctx, act, party, 'clients');
  ctx.state.who = whoOf(ctx, acting);
  return acting;
}

/** Leads to a stronger login where an act takes one, and back; throws any other fault. */
export function toStronger(error: Fault, { ctx, pages }: Posted<PortalPages>): void {
  if (error.code !== 'TIL-00007') throw error;
  tellStepUp(ctx, pages.render, ctx.url, error, ctx.url);
}
