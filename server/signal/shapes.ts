// Shapes of Shared Signals (OpenID SSF 1.0) and of webhooks, in and out.
import {
  instantOut,
  list,
  named,
  nullable,
  oneOf,
  open,
  shape,
  text,
  Type,
  uuid,
} from '../platform/http/shapes.ts';

/** How events are delivered (RFC 8935, RFC 8936). */
export const PUSH = 'urn:ietf:rfc:8935';
export const POLL = 'urn:ietf:rfc:8936';

const address = () => text(2_000);
const uris = () => list(text(300), 100);

const Delivery = shape({
  method: text(100),
  endpoint_url: Type.Optional(address()),
  authorization_header: Type.Optional(text(2_000)),
});

const wanted = {
  delivery: Type.Optional(Delivery),
  events_requested: Type.Optional(uris()),
  description: Type.Optional(text(500)),
};
export const StreamAsked = shape(wanted);
/** Members that the transmitter alone sets may be sent back as they were read. */
const read = {
  iss: Type.Optional(text(500)),
  aud: Type.Optional(Type.Union([text(500), list(text(500), 10)])),
  events_supported: Type.Optional(uris()),
  events_delivered: Type.Optional(uris()),
  min_verification_interval: Type.Optional(Type.Integer()),
};
export const ChangedStream = shape({ stream_id: text(100), ...read, ...wanted });

export const Stream = named(
  'SignalStream',
  shape({
    stream_id: uuid(),
    iss: Type.String(),
    aud: Type.String(),
    events_supported: Type.Array(Type.String()),
    events_requested: Type.Optional(Type.Array(Type.String())),
    events_delivered: Type.Array(Type.String()),
    delivery: shape({
      method: Type.String(),
      endpoint_url: Type.String(),
      authorization_header: Type.Optional(Type.String()),
    }),
    min_verification_interval: Type.Integer(),
    description: Type.Optional(Type.String()),
  }),
);

const STREAM_STATUSES = ['enabled', 'paused', 'disabled'] as const;
export const Status = named(
  'SignalStreamStatus',
  shape({
    stream_id: uuid(),
    status: oneOf(STREAM_STATUSES),
    reason: Type.Optional(Type.String()),
  }),
);
export const NewStatus = shape({
  stream_id: text(100),
  status: oneOf(STREAM_STATUSES),
  reason: Type.Optional(text(500)),
});

export const Subject = shape({
  stream_id: text(100),
  subject: open('SubjectIdentifier', { maxProperties: 20, 'x-most': 4_000 }),
  verified: Type.Optional(Type.Boolean()),
});
export const Verification = shape({
  stream_id: text(100),
  state: Type.Optional(text(500)),
});

export const Poll = shape({
  maxEvents: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  returnImmediately: Type.Optional(Type.Boolean()),
  ack: Type.Optional(list(text(200), 1_000)),
  setErrs: Type.Optional(open('SetErrors', { maxProperties: 1_000, 'x-most': 200_000 })),
});
export const Polled = named(
  'PolledSignals',
  shape({
    sets: open('SecurityEventTokens'),
    moreAvailable: Type.Optional(Type.Boolean()),
  }),
);

export const SsfMetadata = named(
  'SsfConfiguration',
  shape({
    spec_version: Type.String(),
    issuer: Type.String(),
    jwks_uri: Type.String(),
    delivery_methods_supported: Type.Array(Type.String()),
    configuration_endpoint: Type.String(),
    status_endpoint: Type.String(),
    add_subject_endpoint: Type.String(),
    remove_subject_endpoint: Type.String(),
    verification_endpoint: Type.String(),
    authorization_schemes: Type.Array(shape({ spec_urn: Type.String() })),
    default_subjects: Type.String(),
  }),
);

export const NewWebhook = shape({
  url: address(),
  events: Type.Optional(list(text(100), 100)),
  description: Type.Optional(text(500)),
});
export const ChangedWebhook = shape({
  url: Type.Optional(address()),
  events: Type.Optional(list(text(100), 100)),
  description: Type.Optional(text(500)),
  status: Type.Optional(oneOf(STREAM_STATUSES)),
});
const webhook = {
  id: uuid(),
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: nullable(Type.String()),
  status: oneOf(STREAM_STATUSES),
  reason: nullable(Type.String()),
};
export const Webhook = named('Webhook', shape(webhook));
export const MadeWebhook = named('MadeWebhook', shape({ ...webhook, secret: Type.String() }));
export const WebhookSecret = named(
  'WebhookSecret',
  shape({ secret: Type.String(), otherUntil: instantOut() }),
);

export const DeadLetters = named(
  'DeadSignals',
  shape({
    data: Type.Array(
      shape({
        event: uuid(),
        type: Type.String(),
        reason: nullable(Type.String()),
        at: instantOut(),
        deadSince: instantOut(),
      }),
    ),
    links: shape({ next: nullable(Type.String()) }),
  }),
);
export const SettledLetters = shape({
  events: Type.Optional(list(uuid(), 1_000)),
});
export const SettledCount = shape({ count: Type.Integer() });
