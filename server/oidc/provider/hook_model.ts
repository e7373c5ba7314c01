// The objects that oidc-provider hands to its hooks, as far as we read them; its own types leave
// them half open.
import type Provider from 'oidc-provider';
import type { Act } from '../../platform/act.ts';
import type { Context } from 'koa';

/** The provider's record of a login; absent before one. */
export interface Kept {
  accountId?: string | undefined;
  acr?: string | undefined;
  loginTs?: number | undefined;
}

export type Detail = Record<string, unknown> & { type: string };

/** The type of an object that is about a consent. */
export const CONSENT_TYPE = 'urn:altinn:consent';

export interface HookToken {
  kind: string;
  /** Its id; the provider makes one when it saves a token that has none. */
  jti?: string;
  /** Makes an id, and settles in which format the token is written. */
  generateTokenId(): string;
  clientId?: string;
  scope?: string;
  grantId?: string;
  accountId?: string;
  rar?: Detail[];
  exp?: number;
  /** When what it rests on ends, set where it is redeemed; not kept with the token. */
  endsAt?: Date;
  /** Where the consent that it redeems is in the status lists; not kept either. */
  statusPlace?: string;
  /** Whether the person was asked whom to act for and went on as oneself; not kept either. */
  isOfOneself?: boolean;
}

/** The sources of tokens: a code, or a refresh token. */
interface Source {
  acr?: string;
  /** When the person logged in, in seconds. */
  authTime?: number;
  sid?: string;
  scope?: string;
  grantId?: string;
  rar?: Detail[];
  claims?: { id_token?: Record<string, unknown> };
}

/** A refresh token as it was found; times in seconds. */
export interface RefreshSource extends Source {
  jti: string;
  /** When the first of its family was issued. */
  iiat: number;
  rotations?: number;
}

export interface HookParameters {
  redirect_uri?: string;
  state?: string;
  client_id?: string;
  claims?: string;
  max_age?: string | number;
  authorization_details?: string;
  acr_values?: string;
  grant_type?: string;
  prompt?: string;
  resource?: string | string[];
  refresh_token?: string;
  response_mode?: string;
  scope?: string;
  token?: string;
}

/** Kept with a token request while the provider answers it. */
interface HookState {
  /** Counts the use of the consent that a refreshed token is about; throws when it is refused. */
  draw?: (act: Act) => Promise<unknown>;
}

export interface HookContext extends Omit<Context, 'state'> {
  state: HookState;
  oidc: {
    route?: string;
    provider: Provider;
    client: {
      clientId: string;
      clientAuthMethod?: string;
      grantTypeAllowed?(grant: string): boolean;
    };
    params: HookParameters;
    /** The form as it was sent. */
    body?: Record<string, unknown>;
    session: Kept & { sidFor(clientId: string): string | undefined };
    /** The person's answers; `offline` says whether the client may go on without them. */
    result?: { consent?: { grantId?: string; offline?: boolean }; login?: object };
    grant?: { rar?: Detail[] };
    entities: {
      /** Its end is in seconds since 1970. */
      Grant?: { rar?: Detail[]; exp: number; statusPlace?: string };
      AccessToken?: HookToken;
      AuthorizationCode?: Source;
      /** Its `request` is a JWT without signature that the provider has made. */
      PushedAuthorizationRequest?: { request: string };
      RefreshToken?: RefreshSource;
    };
  };
}

/** The context of a hook; the provider has set what the hook is about. */
export const hookOf = (ctx: unknown) => ctx as HookContext;

/**
 * The details that a request asks for; PAR and the authorization endpoint have read them as JSON
 * before.
 */
export const detailsIn = ({ oidc }: HookContext): Detail[] =>
  oidc.params.authorization_details === undefined
    ? []
    : (JSON.parse(oidc.params.authorization_details) as Detail[]);
