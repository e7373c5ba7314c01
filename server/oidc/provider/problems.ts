// OAuth's refusals: one class, Maskinporten's numbers as a closed table, and the one place that
// turns whatever was thrown into an OAuth answer (RFC 6749 §5.2). It knows no grant.
import { errors } from 'oidc-provider';
import { asText } from '../../platform/as_text.ts';
import { Fault, fault } from '../../platform/errors.ts';

/**
 * Maskinporten's numbers with the OAuth error that each is; descriptions of the jwt-bearer grant
 * begin with one.
 */
const MASKINPORTEN = {
  'MP-012': 'invalid_grant',
  'MP-100': 'invalid_grant',
  'MP-110': 'invalid_grant',
  'MP-130': 'invalid_grant',
  'MP-200': 'invalid_scope',
  'MP-201': 'invalid_scope',
  'MP-250': 'invalid_scope',
  'MP-251': 'invalid_scope',
  'MP-301': 'invalid_authorization_details',
  'MP-302': 'invalid_authorization_details',
  'MP-303': 'invalid_authorization_details',
} as const;

export type MaskinportenCode = keyof typeof MASKINPORTEN;

/** The members of a refusal to redeem beside OAuth's: the consent API's code, and why. */
export interface ConsentRefusal {
  consent_error?: string;
  consent_reason?: string;
  /** Seconds until a use of it is left again. */
  retryAfter?: number;
}

/** A refusal in OAuth's words. */
export class OAuthFault extends Error {
  readonly error: string;
  readonly consent: ConsentRefusal;
  /** Whether the client could not show who it is. */
  isOfClient = false;

  constructor(error: string, description: string, consent: ConsentRefusal = {}) {
    super(description);
    this.error = error;
    this.consent = consent;
  }
}

/**
 * A refusal with Maskinporten's number, as the error that the number stands for unless another is
 * said.
 */
export const refuse = (code: MaskinportenCode, words: string, error: string = MASKINPORTEN[code]) =>
  new OAuthFault(error, `${code}: ${words}`);

/** A client that could not show who it is. */
export const denied = (words: string) =>
  Object.assign(refuse('MP-100', words), { isOfClient: true });

/**
 * A refusal to redeem is invalid_grant with the consent API's code; what is wrong with us stays
 * what it is.
 */
export function notRedeemed(error: unknown): unknown {
  if (!(error instanceof Fault) || error.status >= 500) return error;
  const { code, message, members } = error;
  const { consent_reason: why, retryAfter } = members as ConsentRefusal;
  const consent = {
    consent_error: code,
    ...(why ? { consent_reason: why } : {}),
    ...(retryAfter ? { retryAfter } : {}),
  };
  return new OAuthFault('invalid_grant', `${code}: ${message}`, consent);
}

/** The header that says when to come again (RFC 9110 §10.2.3). */
export const retryHeader = ({ retryAfter }: ConsentRefusal): Record<string, string> =>
  retryAfter === undefined ? {} : { 'retry-after': asText(retryAfter) };

export interface OAuthAnswer {
  status: number;
  body: { error: string; error_description: string } & ConsentRefusal;
  headers: Record<string, string>;
  /** The error to log; undefined for a refusal. */
  known: Fault | undefined;
}

/**
 * The OAuth answer to whatever was thrown: a refusal is 400, an outage 503, everything else is our
 * own fault.
 */
export function answerTo(error: unknown): OAuthAnswer {
  if (error instanceof OAuthFault) {
    const { error: name, message, consent } = error;
    const body = { error: name, error_description: message, ...consent };
    return { status: 400, body, headers: retryHeader(consent), known: undefined };
  }
  const known = error instanceof Fault ? error : fault('TIL-00012', { cause: error });
  const { status, headers, message } = known;
  if (status === 429) {
    const body = { error: 'temporarily_unavailable', error_description: message };
    return { status, body, headers, known: undefined };
  }
  if (status < 500) {
    const name = status === 413 ? 413 : 400;
    const body = { error: 'invalid_request', error_description: message };
    return { status: name, body, headers, known: undefined };
  }
  const name = status === 503 ? 'temporarily_unavailable' : 'server_error';
  return { status, body: { error: name, error_description: message }, headers, known };
}

/**
 * The same refusal for oidc-provider, which answers it by itself (kept_provider.ts adds what
 * the consent API says).
 */
export function forProvider(error: unknown): unknown {
  if (!(error instanceof OAuthFault)) return error;
  const refusal = new errors.CustomOIDCProviderError(error.error, error.message);
  return Object.assign(refusal, { consent: error.consent });
}

/**
 * A refusal of what is asked for in `authorization_details`, naming the contract's code (RFC 9396
 * §5).
 */
export function invalidDetails(error: unknown): unknown {
  if (!(error instanceof Fault) || error.status >= 500) return error;
  const inner = [error.members.validationErrors, error.members.problems]
    .flat()
    .map((entry) => {
      const { code, paths, key } = (entry ?? {}) as {
        code?: string;
        paths?: string[];
        key?: string;
      };
      return [code, ...(paths ?? []), key].filter(Boolean).join(' ');
    })
    .filter(Boolean);
  const { key, reason } = error.members;
  const words = [error.message, key, reason].filter(Boolean).join('. ');
  return new errors.InvalidAuthorizationDetails(
    printable(`${[error.code, ...inner].join(', ')}: ${words}`),
  );
}

/** RFC 6749 §5.2: printable ASCII without quotes and backslashes. */
const printable = (words: string) => words.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, 500);
