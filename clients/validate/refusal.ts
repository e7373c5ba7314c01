// Refusals of a token: why, and the answer in OAuth's words (RFC 6750 §3).

/** Why a token was refused: a closed set, so that a switch over it can be complete. */
export type Refusal =
  | 'no_token'
  | 'invalid_token'
  | 'expired_token'
  | 'wrong_type'
  | 'bound_token'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'insufficient_scope'
  | 'no_consent'
  | 'several_consents'
  | 'wrong_from'
  | 'wrong_to'
  | 'consent_expired'
  | 'wrong_right'
  | 'wrong_metadata'
  | 'withdrawn'
  | 'suspended'
  | 'keys_unavailable'
  | 'status_unavailable';

const STATUS: Record<Refusal, number> = {
  no_token: 401,
  invalid_token: 401,
  expired_token: 401,
  wrong_type: 401,
  bound_token: 401,
  wrong_issuer: 401,
  wrong_audience: 401,
  insufficient_scope: 403,
  no_consent: 403,
  several_consents: 403,
  wrong_from: 403,
  wrong_to: 403,
  consent_expired: 403,
  wrong_right: 403,
  wrong_metadata: 403,
  withdrawn: 401,
  suspended: 401,
  keys_unavailable: 503,
  status_unavailable: 503,
};

/** The consent API's codes, as the token endpoint and introspection have them. */
const CONSENT_ERRORS: Partial<Record<Refusal, string>> = {
  withdrawn: 'AM-00011',
  suspended: 'AM-00014',
};

/** Seconds after which somebody may ask again while the issuer is out of reach. */
const RETRY_SECONDS = 5;

/** A token that was refused, and the answer to it in OAuth's words (RFC 6750 §3.1). */
export class ConsentTokenError extends Error {
  readonly reason: Refusal;
  /**
   * 401 for what is no valid token, 403 for a valid one that does not allow this, 503 when the keys
   * or the status list are out of reach.
   */
  readonly status: number;
  /** The API's scope, named to who lacks it. */
  readonly #scope: string | undefined;

  constructor(reason: Refusal, message: string, scope?: string) {
    super(message);
    this.name = 'ConsentTokenError';
    this.reason = reason;
    this.status = STATUS[reason];
    this.#scope = scope;
  }

  /** OAuth's error; undefined where no token was sent. */
  get error(): string | undefined {
    if (this.reason === 'no_token') return undefined;
    if (this.status === 503) return 'temporarily_unavailable';
    return this.status === 403 ? 'insufficient_scope' : 'invalid_token';
  }

  /** The WWW-Authenticate header (RFC 6750 §3); undefined where the token is not to blame. */
  get challenge(): string | undefined {
    if (this.status === 503) return undefined;
    if (!this.error) return 'Bearer';
    const scope = this.#scope ? `, scope="${this.#scope}"` : '';
    return `Bearer error="${this.error}", error_description="${this.message}"${scope}`;
  }

  /** Headers of the answer. */
  get headers(): Record<string, string> {
    const { challenge } = this;
    return challenge ? { 'www-authenticate': challenge } : { 'retry-after': String(RETRY_SECONDS) };
  }

  /** The body of the answer, as JSON: OAuth's error with our reason beside it. */
  get body(): {
    error: string;
    error_description: string;
    reason: Refusal;
    consent_error?: string;
  } {
    const { error = 'invalid_token', message, reason } = this;
    const code = CONSENT_ERRORS[reason];
    return {
      ...{ error, error_description: message, reason },
      ...(code ? { consent_error: code } : {}),
    };
  }
}
