// The message of a delivery: a security event token (RFC 8417), or a webhook's body with its
// signature (Standard Webhooks). The same delivery has the same id each time.
import { createHmac } from 'node:crypto';
import { ownIdOf } from '../caller/model.ts';
import { asText } from '../platform/as_text.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Delivery } from './delivery_store.ts';
import { eventUri, isOwnKind, webhookNameOf, withParties } from './model.ts';

export interface Signing {
  issuer: string;
  signJwt: (alg: 'RS256', claims: object, header: object) => Promise<string>;
  /** The name by which an organisation's clients know a person. */
  subjectFor: (person: string, ownerNo: string) => string;
}

/** The id of an event on a stream. */
export const jtiOf = ({ stream, eventId }: Pick<Delivery, 'stream' | 'eventId'>): string =>
  `${eventId}.${stream}`;
/** The event of a stream that an id names; undefined for another stream's. */
export function eventIn(jti: string, stream: string): string | undefined {
  const [event, of, ...more] = jti.split('.');
  return of === stream && !more.length ? event : undefined;
}

const secondsOf = (at: Date) => Math.floor(at.getTime() / 1_000);

/** The identifier of its subject (RFC 9493): a person by the name that the stream's owner knows. */
function subjectIdOf(
  { subject, resource, stream, kind, ownerNo, said }: Delivery,
  { issuer, subjectFor }: Signing,
): object {
  if (kind === 'session-revoked')
    return { format: 'iss_sub', iss: issuer, sub: subjectFor(subject!, ownerNo) };
  if (kind === 'token-claims-change') return { format: 'jwt_id', iss: issuer, jti: said.jti };
  if (subject !== null) return { format: 'opaque', id: subject };
  return kind === 'policy-published' && resource !== null
    ? { format: 'uri', uri: `urn:altinn:resource:${resource}` }
    : { format: 'opaque', id: stream };
}

/** The members of the event; those of a stream itself have no place in an order. */
function payloadOf({ pos, said, numbers, kind }: Delivery): object {
  if (isOwnKind(kind)) return said;
  const { jti: _subject, ...members } = said;
  return { pos: Number(pos), ...withParties(members, numbers) };
}

/** The event as a signed token for its client alone. */
export const securityEventToken = (delivery: Delivery, signing: Signing): Promise<string> =>
  signing.signJwt(
    'RS256',
    {
      iss: signing.issuer,
      aud: ownIdOf(delivery.client),
      jti: jtiOf(delivery),
      iat: epochSeconds(),
      txn: delivery.eventId,
      toe: secondsOf(delivery.at),
      sub_id: subjectIdOf(delivery, signing),
      events: { [eventUri(signing.issuer, delivery.kind)]: payloadOf(delivery) },
    },
    { typ: 'secevent+jwt' },
  );

const WEBHOOK_PREFIX = 'whsec_';

/** The key of a webhook's secret (Standard Webhooks, "Signature scheme"). */
const keyOf = (secret: string): Buffer =>
  Buffer.from(secret.slice(WEBHOOK_PREFIX.length), 'base64');
export const webhookSecret = (bytes: Buffer): string =>
  `${WEBHOOK_PREFIX}${bytes.toString('base64')}`;

/** The body of a webhook and its headers, signed with each of the secrets. */
export function webhookMessage(
  delivery: Delivery,
  secrets: string[],
  { subjectFor }: Pick<Signing, 'subjectFor'>,
): { body: string; headers: Record<string, string> } {
  const id = jtiOf(delivery);
  const timestamp = asText(epochSeconds());
  const { subject, resource, kind, ownerNo, said } = delivery;
  const about =
    kind === 'session-revoked' ? subjectFor(subject!, ownerNo) : (said.jti ?? subject ?? resource);
  const body = JSON.stringify({
    type: webhookNameOf(delivery.kind),
    timestamp: delivery.at.toISOString(),
    data: { id: about, ...payloadOf(delivery) },
  });
  const signed = secrets.map(
    (secret) =>
      `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signed.join(' '),
  };
  return { body, headers };
}
