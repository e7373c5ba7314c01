// The members of our own events as JSON Schemas, each at the address that the event is named by.
// Pure.
import { CONSENT_REASONS } from '../consent/basis/model.ts';
import { Type, type TSchema } from '../platform/http/shapes.ts';
import { eventUri, SIGNAL_KINDS, type SignalKind } from './model.ts';

const CONSENT_STATUSES = [
  ...['Created', 'Accepted', 'Suspended'],
  ...['Rejected', 'Revoked', 'Deleted', 'Expired'],
];
const MANDATE_STATUSES = ['active', 'suspended', 'ended'];

const party = (description: string) =>
  Type.String({
    description,
    pattern: '^urn:altinn:(organization:identifier-no:\\d{9}|party:uuid:[0-9a-f-]{36})$',
  });
const service = Type.Optional(
  Type.Array(Type.String(), { description: 'Services that it is about, by id', minItems: 1 }),
);
const giver = party('Party whose right it is');
const validTo = Type.Union([Type.String(), Type.Null()], {
  description: 'End of it as RFC 3339, null where none is set',
});
const pos = Type.Integer({
  description: 'Place among the events of the same subject: the highest says what holds',
});

const OF_CONSENT = Type.Object({
  pos,
  status: Type.String({ enum: CONSENT_STATUSES, description: 'Status after the event' }),
  validTo,
  approvedRights: Type.Array(Type.Integer({ minimum: 0 }), {
    description: 'Rights that hold, by their places in what was asked for',
  }),
  requester: party('Organisation or person that asked'),
  giver: Type.Optional(giver),
  reason: Type.Optional(
    Type.String({ enum: [...CONSENT_REASONS], description: 'Why it fell by itself' }),
  ),
  service,
});
const mandate = (members: Record<string, TSchema>) =>
  Type.Object({
    pos,
    status: Type.String({ enum: MANDATE_STATUSES, description: 'Status after the event' }),
    ...members,
    giver,
    service,
  });
const OF_MANDATE = mandate({ validTo });
const OF_ENDED = mandate({});
const OF_POLICY = Type.Object({ pos });

function membersOfKind(kind: OwnKind): TSchema {
  if (kind === 'policy-published') return OF_POLICY;
  if (kind === 'mandate-ended') return OF_ENDED;
  return kind.startsWith('mandate') ? OF_MANDATE : OF_CONSENT;
}

/** Kinds of our family, and when each comes. */
const TOLD = {
  'consent-asked': 'A consent was asked for',
  'consent-deleted': 'A request for consent was taken back',
  'consent-given': 'A consent begins to hold',
  'consent-answered': 'One of several whose consent it takes has said yes',
  'consent-refused': 'Consent was refused',
  'consent-changed': 'A consent was narrowed',
  'consent-replaced': 'Another consent holds in its place',
  'consent-suspended': 'A consent does not hold for a while',
  'consent-resumed': 'A suspended consent holds again',
  'consent-withdrawn': 'A consent was withdrawn by hand',
  'consent-fallen': 'A consent ended because it rested on something that is gone',
  'consent-expired': 'A consent ended by time',
  'consent-used': 'A token was drawn, or a source reported a fetch',
  'consent-deletion-asked': 'The giver asks the receiver to delete what it has',
  'mandate-given': 'A power of attorney begins to hold',
  'mandate-changed': 'A power of attorney was changed',
  'mandate-suspended': 'A power of attorney does not hold for a while',
  'mandate-resumed': 'A suspended power of attorney holds again',
  'mandate-ended': 'A power of attorney ended',
  'policy-published': 'Other rules hold for a service',
} satisfies Partial<Record<SignalKind, string>>;
type OwnKind = keyof typeof TOLD;

/** The last part of an address of an event of ours. */
export const isOfFamily = (kind: string): kind is OwnKind =>
  SIGNAL_KINDS.some((one) => one === kind) && Object.hasOwn(TOLD, kind);

/** The schema of an event's members (JSON Schema 2020-12), for those who read it. */
export const schemaOf = (issuer: string, kind: OwnKind) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: eventUri(issuer, kind),
  title: kind,
  description: TOLD[kind],
  ...membersOfKind(kind),
});
