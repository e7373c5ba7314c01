// The sides of a request: who stands on which, what its right keys mean, and how it is shown.
import type { Deciding } from '../decision/act.ts';
import { actsFor, isOneself } from '../caller/model.ts';
import { mayAdminister, mayManageReceived, type Actor } from '../delegation/authority.ts';
import { partyDto } from '../delegation/dto_model.ts';
import { problem } from '../delegation/problems.ts';
import { findParties, findParty } from '../party/store.ts';
import type { Db } from '../platform/db/db.ts';
import { guard } from '../platform/act.ts';
import { fault } from '../platform/errors.ts';
import { packageId } from '../resource/catalogue/model.ts';
import { actionsOf, packageUrn, rightKey } from '../resource/policy/model.ts';
import { findPolicyOf } from '../resource/policy/store.ts';
import { markOf } from './fall.ts';
import {
  freshYeses,
  partOfRequest,
  type RequestSide,
  type RequestRow,
  type RequestState,
} from './model.ts';
import { levelOfAnswerer, levelOfFiller } from './yeses.ts';

/** `partly` is ours: to a client that knows five states it is approved. */
const WIRE: Record<RequestState, string> = {
  draft: 'Draft',
  pending: 'Pending',
  approved: 'Approved',
  partly: 'Approved',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
};

/**
 * Whether the actor gives for the party, or is the one who asks or administers an organisation that
 * does.
 */
export async function standsFor(
  act: Deciding,
  actor: Actor,
  party: string,
  side: RequestSide,
): Promise<boolean> {
  if (side === 'from') {
    return isOneself(actor, party) || mayAdminister(act, actor, party, 'access');
  }
  const asker = await findParty(act, { by: 'uuid', value: party });
  return asker !== undefined && mayManageReceived(act, actor, asker);
}

/**
 * Whether the actor stands on that side of a request: for its party, or among those who answer it;
 * of what is answered also who did.
 */
export const standsIn = async (
  act: Deciding,
  actor: Actor,
  request: RequestRow,
  side: RequestSide,
): Promise<boolean> =>
  (await standsFor(act, actor, request[side], side)) ||
  (side === 'from' && actsFor(actor, request.from) && (await isAmong(act, request, actor)));

async function isAmong(act: Deciding, request: RequestRow, actor: Actor): Promise<boolean> {
  if (request.state === 'pending')
    return (await levelOfAnswerer(act, request, actor)) !== undefined;
  if (!request.offered && !request.yeses.length) return false;
  const isOwn = request.yeses.some(({ party }) => party === actor.party);
  return isOwn || (await levelOfFiller(act, request, actor)) !== undefined;
}

/** As `standsFor`, or 403; each transaction of the act asks it again. */
export const mustStand = (
  act: Deciding,
  actor: Actor,
  party: string,
  side: RequestSide,
): Promise<void> =>
  guard(act, `${actor.party} ${side} ${party}`, async (at) => {
    if (!(await standsFor(at, actor, party, side)))
      throw fault('TIL-00008', { because: 'not that side' });
  });

/** Actions for right keys of a resource, none when there are none; AM-00036 for another's. */
export async function actionsFor(
  db: Db,
  resource: string,
  keys: string[],
): Promise<string[] | null> {
  if (!keys.length) return null;
  const policy = await findPolicyOf(db, resource);
  const known = policy ? actionsOf(policy) : [];
  const byKey = new Map(known.map((action) => [rightKey(resource, action), action]));
  return keys.map((key) => {
    const action = byKey.get(key.toLowerCase());
    if (action === undefined) throw problem('AM-00036');
    return action;
  });
}

/**
 * A request as its two sides and its author see it; on the wire `from` asks and `to` owns.
 */
export async function requestDto(
  act: Deciding,
  issuer: string,
  request: RequestRow,
  side: RequestSide,
) {
  const base = `${issuer}/accessmanagement/api/v1`;
  const ids = [request.from, request.to, request.by];
  const found = await findParties(act, ids);
  const parties = new Map(found.map((party) => [party.id, partyDto(party)]));
  const { id, resource, package: code } = request;
  const verified = await markOf(act, request);
  const actions = partOfRequest(request, side, act.now) ?? [];
  return {
    id,
    status: WIRE[request.state],
    partly: request.state === 'partly',
    type: code === null ? 'resource' : 'package',
    lastUpdated: request.changedAt,
    lastUpdatedBy: request.changedBy,
    resource: resource && {
      id: resource,
      referenceId: resource,
      rightKeys: actions.map((action) => rightKey(resource, action)),
    },
    package: code && { id: packageId(code), referenceId: packageUrn(code) },
    links: {
      detailsLink: `${base}/enduser/request?id=${id}`,
      statusLink: `${base}/serviceowner/delegationrequests/${id}/status`,
    },
    from: parties.get(request.to),
    to: parties.get(request.from),
    by: parties.get(request.by),
    ...(verified ? { verified } : {}),
    ...(request.state === 'pending' && freshYeses(request, act.now).length
      ? { awaiting: true }
      : {}),
    validTo: request.validTo,
    redirectUrl: request.redirectUrl,
  };
}
