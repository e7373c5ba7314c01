// The checks of an API that holds data before it answers (Maskinporten, jwt-bearer grant):
// signature, issuer, time, scope, one consent, `from` = whose data is asked for, `to` = who asks,
// right, metadata, and that it holds still. Offline, except for the issuer's keys and status lists.
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ConsentTokenError } from './refusal.ts';
import { createStatusCheck, type StatusOptions, withoutSlash } from './status.ts';

export interface ConsentRight {
  action: string[];
  resource: { type: string; value: string }[];
  metadata: Record<string, string>;
}

export interface Consent {
  id: string;
  from: string;
  /** Organisation number of the receiver. */
  to: string;
  validTo: Date;
  rights: ConsentRight[];
}

export interface Verified {
  consent: Consent;
  right: ConsentRight;
  claims: JWTPayload;
}

export interface ValidatorOptions {
  issuer: string;
  /** Default: the issuer's /jwks. */
  jwksUri?: string;
  /** The API's own scope, which the token must have. */
  scope: string;
  /** The resource whose data this is. */
  resource: string;
  action?: string;
  /** Own identifiers; a token that is restricted to an audience must name one. */
  audience?: string | string[];
  /** Keys, in place of fetching them. */
  keys?: JWTVerifyGetKey;
  /** Seconds that the issuer's clock may be off: 0 by default, 60 at most. */
  clockTolerance?: number;
  /** Whether a token holds still is asked of the issuer's status list, where this is said. */
  status?: StatusOptions;
  now?: () => Date;
}

const MOST_TOLERANCE = 60;
/** A token of RFC 9068, or of Maskinporten, which says none. */
const TYPES = /^(?:application\/)?(?:at\+)?jwt$/i;

export interface Wanted {
  /** Whose data is asked for: URN, or a bare national identity or organisation number. */
  from: string;
  /** The metadata that the consent must cover, for example {inntektsaar: '2025'}. */
  metadata?: Record<string, string>;
}

const ISO6523 = 'iso6523-actorid-upis';

export type ConsentValidator = (token: string | undefined, wanted: Wanted) => Promise<Verified>;

/**
 * A validator for one API. It fetches keys at first need, keeps them for a day, and fetches again
 * for an unknown key.
 */
export function verifyConsentToken(options: ValidatorOptions): ConsentValidator {
  const { clockTolerance = 0 } = options;
  if (!(clockTolerance >= 0 && clockTolerance <= MOST_TOLERANCE))
    throw new RangeError(`clockTolerance is 0 to ${MOST_TOLERANCE} seconds`);
  const keys =
    options.keys ??
    createRemoteJWKSet(new URL(options.jwksUri ?? `${withoutSlash(options.issuer)}/jwks`), {
      cacheMaxAge: 86_400_000,
      cooldownDuration: 30_000,
      timeoutDuration: 5_000,
    });
  const now = options.now ?? (() => new Date());
  const { issuer, status } = options;
  const checkStatus = status && createStatusCheck({ issuer, keys, status, clockTolerance, now });
  return async (token, wanted) => {
    if (!token) throw new ConsentTokenError('no_token', 'a bearer token is required');
    const claims = await verifySignature(token, options, keys, now());
    if (
      !String(claims.scope ?? '')
        .split(' ')
        .includes(options.scope)
    ) {
      throw new ConsentTokenError(
        'insufficient_scope',
        `the scope ${options.scope} is required`,
        options.scope,
      );
    }
    if (claims.aud !== undefined) checkAudience(claims.aud, options.audience);
    const detail = oneConsent(claims);
    if (!sameParty(detail.from, wanted.from))
      throw new ConsentTokenError('wrong_from', "the consent is another party's");
    checkReceiver(detail, claims);
    const validTo = new Date(String(detail.validTo));
    if (!(validTo > now()))
      throw new ConsentTokenError('consent_expired', 'the consent has expired');
    const rights = readRights(detail);
    const right = findRight(rights, options, wanted);
    await checkStatus?.(token, claims);
    return {
      claims,
      right,
      consent: {
        id: String(detail.id),
        from: String(detail.from),
        to: receiverNumber(detail.to)!,
        validTo,
        rights,
      },
    };
  };
}

async function verifySignature(
  token: string,
  options: ValidatorOptions,
  keys: JWTVerifyGetKey,
  now: Date,
): Promise<JWTPayload> {
  try {
    // A symmetric or missing algorithm never reaches a key.
    if (!/^(RS|PS|ES)(256|384|512)$|^EdDSA$/.test(decodeProtectedHeader(token).alg ?? ''))
      throw new errors.JOSEAlgNotAllowed('algorithm');
    const { payload, protectedHeader } = await jwtVerify(token, orUnavailable(keys), {
      currentDate: now,
      clockTolerance: options.clockTolerance ?? 0,
      requiredClaims: ['exp', 'iss'],
    });
    if (protectedHeader.typ !== undefined && !TYPES.test(protectedHeader.typ))
      throw new ConsentTokenError('wrong_type', 'the token is no access token');
    // Its holder must prove a key (RFC 9449, RFC 8705), and this check does not look at proofs.
    if (payload.cnf !== undefined)
      throw new ConsentTokenError('bound_token', 'the token is bound to a key');
    if (withoutSlash(String(payload.iss)) !== withoutSlash(options.issuer))
      throw new ConsentTokenError('wrong_issuer', 'the token is from another issuer');
    return payload;
  } catch (error) {
    if (error instanceof ConsentTokenError) throw error;
    if (error instanceof errors.JWTExpired)
      throw new ConsentTokenError('expired_token', 'the token has expired');
    throw new ConsentTokenError('invalid_token', 'the token is not valid');
  }
}

/** A key that is not there is the token's fault; keys that cannot be fetched are not. */
function orUnavailable(keys: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys
      )
        throw error;
      throw new ConsentTokenError('keys_unavailable', "the issuer's keys cannot be fetched");
    }
  };
}

function checkAudience(audience: string | string[], own: string | string[] | undefined): void {
  const mine = [own ?? []].flat();
  if (![audience].flat().some((entry) => mine.includes(entry))) {
    throw new ConsentTokenError('wrong_audience', 'the token is for another audience');
  }
}

function oneConsent(claims: JWTPayload): Record<string, unknown> {
  const details = Array.isArray(claims.authorization_details)
    ? (claims.authorization_details as Record<string, unknown>[])
    : [];
  const consents = details.filter((detail) => detail?.type === 'urn:altinn:consent');
  if (consents.length > 1)
    throw new ConsentTokenError('several_consents', 'the token has more than one consent');
  const [consent] = consents;
  if (!consent || typeof consent.id !== 'string' || !consent.id)
    throw new ConsentTokenError('no_consent', 'the token has no consent');
  return consent;
}

/**
 * `to` = consumer, or the organisation that handles the request draws the token itself.
 */
function checkReceiver(detail: Record<string, unknown>, claims: JWTPayload): void {
  const consumer = receiverNumber(claims.consumer);
  const handledBy = receiverNumber(detail.handledBy);
  if (!consumer || (consumer !== receiverNumber(detail.to) && consumer !== handledBy)) {
    throw new ConsentTokenError('wrong_to', 'the consent was given to another organisation');
  }
}

function receiverNumber(value: unknown): string | undefined {
  if (typeof value === 'string')
    return /^urn:altinn:organization:identifier-no:(\d{9})$/.exec(value)?.[1];
  const { authority, ID } = (value ?? {}) as { authority?: unknown; ID?: unknown };
  return authority === ISO6523 && typeof ID === 'string'
    ? /^0192:(\d{9})$/.exec(ID)?.[1]
    : undefined;
}

const bare = (party: unknown) => /(?:^|:)(\d{9}|\d{11})$/.exec(String(party))?.[1];
const sameParty = (a: unknown, b: unknown) => bare(a) !== undefined && bare(a) === bare(b);

/** Rights with `metadata`, also where a token spells it `metaData`. */
function readRights(detail: Record<string, unknown>): ConsentRight[] {
  const list = Array.isArray(detail.consentRights)
    ? (detail.consentRights as Record<string, unknown>[])
    : [];
  return list.map((right) => ({
    action: [right.action].flat().filter((action) => typeof action === 'string'),
    resource: [right.resource].flat() as ConsentRight['resource'],
    metadata: (right.metadata ?? right.metaData ?? {}) as Record<string, string>,
  }));
}

function findRight(
  rights: ConsentRight[],
  options: ValidatorOptions,
  wanted: Wanted,
): ConsentRight {
  const own = rights.filter(
    (right) =>
      right.action.includes(options.action ?? 'consent') &&
      right.resource.some(
        (resource) =>
          resource?.type === 'urn:altinn:resource' && resource.value === options.resource,
      ),
  );
  if (!own.length)
    throw new ConsentTokenError('wrong_right', 'the consent does not cover this resource');
  const lower = (metadata: Record<string, string>) =>
    new Map(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value]));
  const covering = own.find((right) => {
    const held = lower(right.metadata);
    return [...lower(wanted.metadata ?? {})].every(([key, value]) => held.get(key) === value);
  });
  if (!covering)
    throw new ConsentTokenError('wrong_metadata', 'the consent does not cover what was asked for');
  return covering;
}
