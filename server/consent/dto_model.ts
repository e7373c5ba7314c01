// A consent as it leaves the house: by number to organisations, by UUID to people. Pure.
import { isWireEvent, WIRE_EVENT } from '../event/model.ts';
import { numberUrn, uuidUrn } from '../party/model.ts';
import {
  askedRights,
  instantText,
  WIRE_STATUS,
  type Consent,
  type ConsentParty,
  type StoredRequest,
} from './model.ts';
import { effectiveStatus, hasExpired } from './status_model.ts';
import { askersReason, type FallReason } from './basis/model.ts';
import { isUsedUp, usesLeft } from './uses_model.ts';

const rightDto = (right: StoredRequest['rights'][number]) => ({
  action: right.actions,
  resource: [{ type: 'urn:altinn:resource', value: right.resource }],
  metadata: right.metadata,
});
const askedDto = (right: StoredRequest['rights'][number]) => ({
  ...rightDto(right),
  ...(right.optional ? { optional: true } : {}),
});

interface Naming {
  party: (party: ConsentParty) => string;
  from: (consent: StoredRequest) => string | null;
  delegator: (consent: StoredRequest) => string | null;
  /** Why it fell. */
  reason: (reason: FallReason, consent: StoredRequest) => string;
  isAskers: boolean;
  /** Whether the role of whoever answered is said: a person's shows parents or a guardian. */
  role: (consent: StoredRequest) => boolean;
}
const named = (party: ConsentParty, by: string | null) =>
  by === 'number' ? numberUrn(party) : by === 'uuid' ? uuidUrn(party.id) : null;

/**
 * By number; but before an approval only as the asker named them, so that asking is no way to learn
 * a number.
 */
const byNumber: Naming = {
  party: numberUrn,
  from: (consent) => named(consent.from, consent.approvedAt ? 'number' : consent.fromNamed),
  delegator: (consent) =>
    consent.requiredDelegator && named(consent.requiredDelegator, consent.delegatorNamed),
  reason: (reason, { from }) => askersReason(reason, { isPerson: from.kind === 'person' }),
  isAskers: true,
  role: ({ from }) => from.kind !== 'person',
};
const byUuid: Naming = {
  party: (party) => uuidUrn(party.id),
  from: (consent) => uuidUrn(consent.from.id),
  delegator: (consent) => consent.requiredDelegator && uuidUrn(consent.requiredDelegator.id),
  reason: (reason) => reason,
  isAskers: false,
  role: () => true,
};

/**
 * Events of the request itself. The receiver never learns which employee answered: the performer is
 * the party it was done for, and the role says why.
 */
function eventDtos(consent: StoredRequest, naming: Naming, now: Date) {
  const dtos = consent.events
    .flatMap(({ type, ...event }) =>
      isWireEvent(type) && type !== 'used' ? [{ ...event, type }] : [],
    )
    .map((event) => ({
      consentEventID: event.id,
      created: instantText(event.at),
      performedBy: event.type === 'requested' ? naming.party(consent.to) : naming.from(consent),
      ...(event.byRole && naming.role(consent) ? { performedByRole: event.byRole } : {}),
      eventType: WIRE_EVENT[event.type],
      consentRequestID: consent.id,
      ...(event.reason ? { reason: naming.reason(event.reason, consent) } : {}),
    }));
  if (hasExpired(consent, now)) {
    dtos.push({
      consentEventID: consent.expiryEventId,
      created: instantText(consent.validTo),
      performedBy: naming.party(consent.to),
      eventType: WIRE_EVENT.expired,
      consentRequestID: consent.id,
    });
  }
  return dtos;
}

/** Why a consent fell; of what was never given nobody learns what became of its parties. */
const isTold = (consent: StoredRequest) =>
  consent.fallen !== null &&
  (consent.state !== 'requested' || consent.fallen === 'pair_ended') &&
  (consent.state !== 'approved' || !isUsedUp(consent));

/** How often it may be used, and what is left of that to a reader who sees the uses. */
function usesOf(consent: StoredRequest) {
  const { useLimit: approvedUses, veiled } = consent;
  const left = veiled ? undefined : usesLeft(consent);
  return { ...(approvedUses ? { approvedUses } : {}), ...(left ? { usesLeft: left } : {}) };
}

/** To the requester both of a pair are awaited from the first yes. */
function statusIn(consent: StoredRequest, { isAskers }: Naming, now: Date) {
  const status = effectiveStatus(consent, now);
  return status === 'Created' && isAskers && consent.pair?.isAwaiting ? 'Awaiting' : status;
}

/** How many of several have said yes while others are awaited, where it is a number of them. */
const approvalsOf = ({ state, awaiting }: StoredRequest) =>
  state === 'requested' && awaiting?.need !== undefined
    ? { approvals: { have: awaiting.have, need: awaiting.need } }
    : {};

/** The place of the latest of its events that the reader sees, which signals have too. */
export function latestPos({ events }: StoredRequest) {
  const last = Math.max(0, ...events.map(({ pos = 0 }) => pos));
  return last ? { pos: last } : {};
}

function detailsDto(consent: StoredRequest, naming: Naming, now: Date) {
  return {
    id: consent.id,
    from: naming.from(consent),
    to: naming.party(consent.to),
    requiredDelegator: naming.delegator(consent),
    handledBy: consent.handledBy && naming.party(consent.handledBy),
    validTo: instantText(consent.askedValidTo),
    consentRights: askedRights(consent).map(askedDto),
    ...(consent.askedUses ? { uses: consent.askedUses } : {}),
    ...(consent.pair && naming.isAskers ? { with: consent.pair.id } : {}),
    ...(consent.answerBy ? { answerBy: instantText(consent.answerBy) } : {}),
    ...(consent.replaces ? { [consent.renews ? 'renews' : 'replaces']: consent.replaces } : {}),
    ...(consent.approvedAt
      ? {
          ...usesOf(consent),
          approvedRights: consent.rights.map(rightDto),
          approvedValidTo: instantText(consent.validTo),
        }
      : {}),
    status: WIRE_STATUS[consent.state],
    effectiveStatus: statusIn(consent, naming, now),
    ...approvalsOf(consent),
    ...(isTold(consent) ? { consentReason: naming.reason(consent.fallen!, consent) } : {}),
    consented: consent.approvedAt && instantText(consent.approvedAt),
    ...(consent.deletionAskedAt ? { deletionAsked: instantText(consent.deletionAskedAt) } : {}),
    redirectUrl: consent.redirectUrl,
    consentRequestEvents: eventDtos(consent, naming, now),
    portalViewMode: consent.portalViewMode === 'hide' ? 'Hide' : 'Show',
    ...(consent.veiled === 'whole' ? { veiled: true } : {}),
  };
}

/** The enterprise DTO (Altinn 3, consent API): parties by number. */
export function enterpriseDto(consent: StoredRequest, viewUri: string, now: Date) {
  return { ...detailsDto(consent, byNumber, now), requestMessage: consent.requestMessage, viewUri };
}

/**
 * The portal DTO (Altinn 3, consent API): parties by UUID, `requestmessage` in lower case,
 * template named.
 */
export function portalDto(consent: Consent, viewUri: string, now: Date) {
  return {
    ...detailsDto(consent, byUuid, now),
    requestmessage: consent.requestMessage,
    ...(consent.veiled === 'whole'
      ? {}
      : { templateId: consent.template.id, templateVersion: consent.template.version }),
    ...(consent.requiredLevel === undefined ? {} : { requiredLevel: consent.requiredLevel }),
    viewUri,
  };
}
