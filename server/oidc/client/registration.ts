// Finds impossible and unread members of a client's registration: reported at import, so that
// nobody finds out in production (RFC 7591 §2).
import { addressFault, type Outbound } from '../../platform/http/outbound.ts';
import {
  authMethodOf,
  closedGrants,
  DEMANDS,
  isSeconds,
  JWT_BEARER,
  OFFERED_AUTH,
  OTHER_SECRET,
  SEEN,
} from './clients.ts';
import { LEGAL_BASIS } from '../provider/person_claims.ts';
import { textOf } from '../../platform/as_text.ts';

type Metadata = Record<string, unknown>;
type Key = Record<string, unknown>;

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** Everything that contradicts itself. */
export function registrationFaults(metadata: Metadata, outbound: Outbound): string[] {
  const method = authMethodOf(metadata);
  const grants = texts(metadata.grant_types ?? ['authorization_code']);
  const redirects = texts(metadata.redirect_uris);
  const keys = ((metadata.jwks as { keys?: Key[] } | undefined)?.keys ?? []).filter(Boolean);
  const hasAddress = metadata.jwks_uri !== undefined;
  const byKey = grants.includes(JWT_BEARER) || method === 'private_key_jwt';
  const closed = closedGrants(metadata);
  const address = hasAddress ? addressFault(textOf(metadata.jwks_uri) ?? '', outbound) : undefined;
  return [
    metadata[OTHER_SECRET] !== undefined &&
      metadata.client_secret === undefined &&
      `${OTHER_SECRET} goes with a client_secret`,
    !OFFERED_AUTH.includes(method) && `token_endpoint_auth_method ${method} is not offered here`,
    keys.some((key) => key.d !== undefined || key.k !== undefined) && 'jwks holds a private key',
    keys.some(({ nbf, exp }) => [nbf, exp].some((one) => one !== undefined && !isSeconds(one))) &&
      'nbf and exp of a key are seconds since 1970',
    closed.length > 0 &&
      `token_endpoint_auth_method none does not go with ${closed.join(', ')}, which only an authenticated client may use`,
    hasAddress && metadata.jwks !== undefined && 'jwks and jwks_uri are both given',
    address !== undefined && `jwks_uri ${address}`,
    byKey && !keys.length && !hasAddress && `${method} or jwt-bearer needs keys: jwks or jwks_uri`,
    grants.includes(JWT_BEARER) &&
      keys.length > 0 &&
      !keys.some((key) => key.kty === 'RSA' && typeof key.kid === 'string') &&
      'jwt-bearer needs an RSA key with a kid',
    grants.includes('authorization_code') &&
      !redirects.length &&
      'authorization_code needs redirect_uris',
    ...['backchannel_logout_uri', 'frontchannel_logout_uri'].map((name) => {
      const why = metadata[name] && addressFault(textOf(metadata[name]) ?? '', outbound);
      return why && `${name} ${why}`;
    }),
    [metadata.post_logout_redirect_uris ?? []]
      .flat()
      .some((uri) => typeof uri !== 'string' || !URL.canParse(uri)) &&
      'post_logout_redirect_uris must be absolute URLs',
  ].filter((why) => typeof why === 'string');
}

/** Characters of a secret that nobody tries out: 32 random bytes have more. */
const FEWEST_OF_SECRET = 32;

/**
 * Why a secret is too short, which production refuses: a client that is known at an address may
 * try there without limit (tries.ts).
 */
export const secretFault = (secret: string | undefined): string | undefined =>
  secret !== undefined && secret.length < FEWEST_OF_SECRET
    ? `client_secret has fewer than ${FEWEST_OF_SECRET} characters`
    : undefined;

/** Members that mean something here. */
const READ = new Set([
  ...SEEN,
  ...DEMANDS,
  LEGAL_BASIS,
  'client_id',
  'client_secret_expires_at',
  OTHER_SECRET,
  'grant_types',
  'response_types',
  'jwks',
  'jwks_uri',
  'x-org',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'post_logout_redirect_uris',
]);

/**
 * Members that are kept and not read, and demands that are not offered: the client is refused then.
 */
export function registrationWarnings(metadata: Metadata): string[] {
  const unread = Object.keys(metadata).filter((name) => !READ.has(name));
  const demands = DEMANDS.filter(
    (name) => ![undefined, null, false].includes(metadata[name] as null),
  );
  return [
    ...unread.map((name) => `${name} is kept and not read`),
    ...demands.map((name) => `${name} is not offered here, so the client is refused at use`),
  ];
}
