// A request as it is answered right after it was stored. It reads nothing.
import type { Party } from '../../party/model.ts';
import type { StoredRequest } from '../model.ts';
import type { NewConsent } from '../store.ts';

interface Stored {
  from: Party;
  to: Party;
  handledBy: Party | null;
  requiredDelegator: Party | null;
}

/** As it is answered, right after it was stored. */
export function asStored(
  request: NewConsent,
  { from, to, handledBy, requiredDelegator }: Stored,
): StoredRequest {
  const { eventId, at, asker: byParty } = request;
  return {
    id: request.id,
    state: 'requested',
    from,
    to,
    handledBy,
    requiredDelegator,
    validTo: request.answerBy ?? request.validTo,
    askedValidTo: request.validTo,
    answerBy: request.answerBy,
    awaiting: null,
    pair: request.pair === null ? null : { id: request.pair, isAwaiting: false },
    rights: request.rights,
    leftOut: [],
    oneTime: request.oneTime,
    replaces: request.replaces,
    renews: request.renews,
    countsAnew: request.countsAnew,
    askedUses: request.uses,
    useLimit: request.uses,
    portalViewMode: request.portalViewMode,
    redirectUrl: request.redirectUrl,
    requestMessage: request.requestMessage,
    fromNamed: request.fromNamed,
    delegatorNamed: request.delegatorNamed,
    expiryEventId: request.expiryEventId,
    requestedAt: at,
    importedAt: null,
    approvedAt: null,
    rejectedAt: null,
    withdrawnAt: null,
    erasedAt: null,
    erasedAfter: null,
    deletionAskedAt: null,
    fallen: null,
    suspended: false,
    uses: 0,
    periodUses: 0,
    events: [
      { id: eventId, type: 'requested', at: at.toISOString(), byParty, byRole: null, reason: null },
    ],
  };
}
