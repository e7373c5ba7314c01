// A stream in the words of Shared Signals (OpenID SSF 1.0 §7, §8.1): the configuration, and what
// goes in and out of the management of streams.
import { ownIdOf } from '../caller/model.ts';
import { eventUri, kindOf, SIGNAL_KINDS, VERIFICATION_SECONDS } from './model.ts';
import { problem } from './problems.ts';
import { POLL, PUSH } from './shapes.ts';
import type { StreamRow } from './stream_store.ts';
import type { WantedStream } from './streams.ts';

/** An authorization header as its client reads it, and may send it back. */
const HIDDEN = '********';

export const STREAMS_PATH = '/ssf/streams';

export const configurationOf = (issuer: string) => ({
  spec_version: '1_0',
  issuer,
  jwks_uri: `${issuer}/jwks`,
  delivery_methods_supported: [PUSH, POLL],
  configuration_endpoint: `${issuer}${STREAMS_PATH}`,
  status_endpoint: `${issuer}/ssf/status`,
  add_subject_endpoint: `${issuer}/ssf/subjects/add`,
  remove_subject_endpoint: `${issuer}/ssf/subjects/remove`,
  verification_endpoint: `${issuer}/ssf/verify`,
  authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }],
  default_subjects: 'ALL',
});

interface AskedStream {
  delivery?: { method: string; endpoint_url?: string; authorization_header?: string };
  events_requested?: string[];
  description?: string;
}

/**
 * The client's wish; a member that it leaves out is as it `was`. TIL-00067 for an unknown method.
 */
export function streamWanted(body: AskedStream, issuer: string, was?: StreamRow): WantedStream {
  const { delivery, events_requested: requested, description } = body;
  const method = methodIn(delivery?.method) ?? was?.method ?? 'poll';
  const header = delivery?.authorization_header;
  if (method === 'push' && delivery && delivery.endpoint_url === undefined)
    throw problem('TIL-00067');
  return {
    method,
    endpoint: method === 'poll' ? null : (delivery?.endpoint_url ?? was?.endpoint ?? null),
    authorizationHeader: header === HIDDEN || (was && !delivery) ? undefined : (header ?? null),
    description: description ?? was?.description ?? null,
    kinds: requested
      ? requested.flatMap((uri) => kindOf(issuer, uri) ?? [])
      : ((was?.kinds ?? null) as WantedStream['kinds']),
  };
}

function methodIn(method: string | undefined): 'push' | 'poll' | undefined {
  if (method === undefined) return undefined;
  if (method === PUSH) return 'push';
  if (method === POLL) return 'poll';
  throw problem('TIL-00067');
}

export function streamDto(stream: StreamRow, issuer: string) {
  const all = SIGNAL_KINDS.map((kind) => eventUri(issuer, kind));
  const asked = stream.kinds?.map((kind) => eventUri(issuer, kind));
  const isPush = stream.method === 'push';
  return {
    stream_id: stream.id,
    iss: issuer,
    aud: ownIdOf(stream.client),
    events_supported: all,
    ...(asked ? { events_requested: asked } : {}),
    events_delivered: asked ?? all,
    delivery: {
      method: isPush ? PUSH : POLL,
      endpoint_url: isPush ? stream.endpoint! : `${issuer}/ssf/poll/${stream.id}`,
      ...(stream.authorizationHeader === null ? {} : { authorization_header: HIDDEN }),
    },
    min_verification_interval: VERIFICATION_SECONDS,
    ...(stream.description === null ? {} : { description: stream.description }),
  };
}

/** An unverified stream holds everything, and says so. */
export function statusDto({ id, status, reason, verifiedAt }: StreamRow) {
  const why = reason ?? (verifiedAt === null ? 'not_verified' : null);
  return { stream_id: id, status, ...(why === null ? {} : { reason: why }) };
}
