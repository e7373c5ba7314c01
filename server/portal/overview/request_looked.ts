// One request for a right and the side on which somebody stands, for every page about it. It
// answers nothing.
import type { Context } from 'koa';
import type { RequestRow } from '../../access_request/model.ts';
import { standsIn } from '../../access_request/standing.ts';
import { findRequest } from '../../access_request/store.ts';
import { sessionOf } from '../../caller/pages.ts';
import { findParties, type PartyRow } from '../../party/store.ts';
import { fault } from '../../platform/errors.ts';
import { isUuid } from '../../platform/ids.ts';
import type { PortalPages } from '../page.ts';
import { onBehalf, type Acting } from '../party.ts';
import type { Side } from './request_steps.ts';

export interface LookedRequest {
  request: RequestRow;
  side: Side;
  from: PartyRow;
  to: PartyRow;
  acting: Acting;
}

/** The request and the side that the person stands on, of these; a stranger's is not there. */
export async function lookAtRequest(
  ctx: Context,
  { act }: PortalPages,
  wanted: Side[] = ['from', 'to'],
): Promise<LookedRequest> {
  const { id } = ctx.params as { id: string };
  if (!isUuid(id)) throw fault('TIL-00009');
  const session = sessionOf(ctx);
  const request = await findRequest(act.db, id);
  if (!request) throw fault('TIL-00009');
  // An asker who also answers for the party follows the request here, and answers where the party
  // gets its notices.
  const isOwn = request.to === session.party && ctx.URL.searchParams.get('party') !== request.from;
  const sides = isOwn ? [...wanted].reverse() : wanted;
  // A draft is nobody's business but the asker's and its author's.
  const open = sides.filter((side) =>
    side === 'to' ? !request.offered : request.state !== 'draft',
  );
  for (const side of open) {
    if (!(await standsIn(act, session, request, side))) continue;
    const found = await findParties(act, [request.from, request.to]);
    const parties = new Map(found.map((one) => [one.id, one]));
    const [from, to] = [parties.get(request.from)!, parties.get(request.to)!];
    return { request, side, from, to, acting: onBehalf(session, side === 'from' ? from : to) };
  }
  throw fault('TIL-00009');
}
