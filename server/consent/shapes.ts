// Shapes of the consent contract, in and out, as Altinn's clients write and read them.
import {
  coded,
  instant,
  instantOut,
  list,
  maybe,
  named,
  nullable,
  oneOf,
  shape,
  Type,
  uuid,
} from '../platform/http/shapes.ts';

import { MOST_USES_LIMITED, PERIODS } from '../resource/uses_model.ts';
import { FALLEN } from './basis/model.ts';

export const requestId = { id: uuid() };
/** The place to read on from, under either of its names (platform/http/validation.ts). */
export const queryPlace = {
  continuationToken: Type.Optional(Type.String({ minLength: 0, maxLength: 100 })),
  cursor: Type.Optional(Type.String({ minLength: 0, maxLength: 100 })),
};

export const queryInstant = () => Type.Optional(instant());

const party = () => Type.String({ maxLength: 200 });
const metadata = () => Type.Record(Type.String(), nullable(Type.String({ maxLength: 4_000 })));

/** Faults inside are reported with the contract's own codes (consent/ask/draft.ts). */
const Right = shape({
  action: maybe(list(Type.String({ maxLength: 200 }), 50)),
  resource: maybe(
    list(
      shape({
        type: maybe(Type.String({ maxLength: 200 })),
        value: maybe(Type.String({ maxLength: 400 })),
      }),
      50,
    ),
  ),
  metadata: maybe(metadata()),
  /** Read by the draft: a fault in a list that may be null would be reported of the list. */
  optional: Type.Optional(Type.Unknown()),
});

export const ConsentRequest = named(
  'ConsentRequest',
  shape({
    id: uuid(),
    from: party(),
    to: party(),
    requiredDelegator: maybe(party()),
    validTo: Type.String({ maxLength: 50 }),
    consentRights: coded(
      { required: 'AM.VLD-00023', path: 'Resource' },
      Type.Optional(nullable(list(Right, 1_000))),
    ),
    requestMessage: maybe(Type.Record(Type.String(), nullable(Type.String()))),
    redirectUrl: maybe(coded({ type: 'AM.VLD-00027', path: 'RedirectUrl' }, Type.String())),
    portalViewMode: maybe(Type.String({ maxLength: 20 })),
    /** Read by the draft, by names without regard to case. */
    uses: Type.Optional(Type.Unknown()),
    replaces: maybe(uuid()),
    renews: maybe(uuid()),
    answerBy: maybe(Type.String({ maxLength: 50 })),
    with: maybe(uuid()),
  }),
);

const number = () => Type.Integer({ minimum: 1, maximum: MOST_USES_LIMITED });
/** How often it may be used (resource/uses_model.ts). */
export const UsesShape = shape({
  total: Type.Optional(number()),
  per: Type.Optional(shape({ number: number(), period: oneOf(PERIODS) })),
});
const UsesLeft = shape({
  total: Type.Optional(Type.Integer({ minimum: 0 })),
  period: Type.Optional(Type.Integer({ minimum: 0 })),
});

const ShownRight = shape({
  action: Type.Array(Type.String()),
  resource: Type.Array(shape({ type: Type.String(), value: Type.String() })),
  metadata: nullable(Type.Record(Type.String(), nullable(Type.String()))),
});

const AskedRight = shape({ ...ShownRight.properties, optional: Type.Optional(Type.Boolean()) });

/** A requester reads `basis_ended` for reasons of guardianship, parents or death. */
const FELL = oneOf([...FALLEN, 'basis_ended']);

const Event = shape({
  consentEventID: uuid(),
  created: instantOut(),
  performedBy: nullable(Type.String()),
  performedByRole: Type.Optional(nullable(Type.String())),
  eventType: Type.String(),
  consentRequestID: uuid(),
  reason: Type.Optional(FELL),
});

const STATES = oneOf(['Created', 'Accepted', 'Rejected', 'Revoked', 'Deleted']);

const details = {
  id: uuid(),
  from: nullable(Type.String()),
  to: Type.String(),
  requiredDelegator: nullable(Type.String()),
  validTo: instantOut(),
  consented: nullable(instantOut()),
  deletionAsked: Type.Optional(instantOut()),
  consentRights: Type.Array(AskedRight),
  /** The rights that hold, and until when, once it was given. */
  approvedRights: Type.Optional(Type.Array(ShownRight)),
  approvedValidTo: Type.Optional(instantOut()),
  uses: Type.Optional(UsesShape),
  approvedUses: Type.Optional(UsesShape),
  replaces: Type.Optional(uuid()),
  renews: Type.Optional(uuid()),
  usesLeft: Type.Optional(UsesLeft),
  requestMessage: nullable(Type.Record(Type.String(), Type.String())),
  redirectUrl: nullable(Type.String()),
  viewUri: Type.String(),
  handledBy: nullable(Type.String()),
  status: STATES,
  effectiveStatus: Type.String(),
  /** How many of several have said yes, while others are awaited. */
  approvals: Type.Optional(shape({ have: Type.Integer(), need: Type.Integer() })),
  answerBy: Type.Optional(instantOut()),
  with: Type.Optional(uuid()),
  /** Why it has nothing more to rest on, when nobody withdrew it. */
  consentReason: Type.Optional(FELL),
  portalViewMode: Type.String(),
  consentRequestEvents: Type.Array(Event),
};

export const ConsentRequestDetails = named(
  'ConsentRequestDetails',
  shape({ ...details, pos: Type.Optional(Type.Integer()) }),
);
/** The portal reads the message under a name in lower case. */
const { requestMessage: requestmessage, ...shown } = details;
export const PortalDetails = named(
  'PortalDetails',
  shape({
    ...shown,
    requestmessage,
    templateId: Type.Optional(Type.String()),
    templateVersion: Type.Optional(nullable(Type.Integer())),
    consentRequestStatus: Type.Optional(Type.String()),
    /** Whether it is shown without its receiver and content, which are not the caller's to see. */
    veiled: Type.Optional(Type.Boolean()),
    /** The level of the login that shows the request. */
    requiredLevel: Type.Optional(Type.Integer()),
  }),
);

export const LookUp = shape({
  id: uuid(),
  from: party(),
  to: party(),
  scope: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'Scopes of the token that it is drawn for, with spaces between',
    }),
  ),
});

export const ConsentBody = named(
  'Consent',
  shape({
    id: uuid(),
    from: Type.String(),
    to: Type.String(),
    handledBy: nullable(Type.String()),
    consented: instantOut(),
    validTo: instantOut(),
    usesLeft: Type.Optional(UsesLeft),
    consentRights: Type.Array(ShownRight),
    pos: Type.Optional(Type.Integer()),
  }),
);

export const Feed = named(
  'ConsentEvents',
  shape({
    links: shape({ next: nullable(Type.String()) }),
    cursor: Type.String(),
    data: Type.Array(
      shape({
        consentRequestId: uuid(),
        eventType: Type.String(),
        changedDate: instantOut(),
        eventId: uuid(),
      }),
    ),
  }),
);
