// Login at the national eID (OpenID Connect, ID-porten's shape: `pid`, `acr`) through
// openid-client: begin, come back, step up, log out. It talks to the eID; it knows no page beyond
// the address to return to.
import { actAlone } from '../platform/act.ts';
import type { Context } from 'koa';
import * as client from 'openid-client';
import { importJWK } from 'jose';
import { clock, epochSeconds } from '../platform/clock.ts';
import type { Db } from '../platform/db/db.ts';
import type { Env } from '../platform/env/env.ts';
import { unavailable } from '../platform/errors.ts';
import { secretId, sha256 } from '../platform/ids.ts';
import { isLanguage, languageOf, rememberLanguage } from '../platform/locale.ts';
import type { Seal } from '../platform/secret/seal.ts';
import type { AddressOf } from '../platform/http/address.ts';
import type { Limits } from '../platform/http/limits.ts';
import { findByAnyName } from '../party/store.ts';
import { isAnotherLoopback } from '../platform/env/checks.ts';
import { acrOf, levelOf } from './model.ts';
import { findProfile } from './profile_store.ts';
import type { Sessions } from './session.ts';
import { insertLoginAttempt, takeLoginAttempt } from './store.ts';
import { asText } from '../platform/as_text.ts';

/** The demands on a login. */
export interface LoginDemands {
  /** At least this level. */
  level: number;
  /** Asks the eID for a new login even of somebody who is logged in there (`prompt=login`). */
  fresh?: boolean;
  /** As many seconds may have gone since the person showed who they are (`max_age`). */
  maxAge?: number | undefined;
  /** As the client said them: `ui_locales` and `login_hint`. */
  locales?: string | undefined;
  hint?: string | undefined;
  /** The interaction that it is for. */
  askedBy?: string;
}

interface Attempt {
  verifier: string;
  nonce: string;
  returnTo: string;
  level: number;
  askedBy: string | null;
  /** Seconds since 1970: an earlier authentication is too old. */
  notBefore: number | null;
}

export type LoginOutcome =
  | { outcome: 'done'; returnTo: string }
  | {
      outcome: 'unknown_person' | 'level_too_low' | 'too_old' | 'lost' | 'refused';
      returnTo: string | undefined;
    };

export interface LoginSettings {
  db: Db;
  env: Env;
  seal: Seal;
  sessions: Sessions;
  limits: Limits;
  addressOf: AddressOf;
  /** Further headers of calls to the eID: the trace that a call belongs to. */
  outgoing?: (() => Record<string, string>) | undefined;
}

const ATTEMPT_MILLIS = 15 * 60_000;
/** How far the eID's clock may be from ours. */
const SKEW_SECONDS = 10;

/**
 * The host that the browser asked for; elsewhere a request has the issuer's (oidc/grant/front.ts).
 */
function hostAsked({ req: { rawHeaders } }: Context): string {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && /^host$/i.test(name));
  const url = `http://${rawHeaders[at + 1] ?? ''}`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

export type Login = ReturnType<typeof createLogin>;

export function createLogin(settings: LoginSettings) {
  const { db, env, seal, sessions, limits, addressOf } = settings;
  const secure = env.issuer.startsWith('https:');
  const cookie = { httpOnly: true, secure, sameSite: 'lax' as const, path: '/', overwrite: true };
  const name = secure ? '__Host-login' : 'login';
  const callback = `${env.issuer}/login/callback`;
  let discovered: Promise<client.Configuration> | undefined;

  /** The eID's metadata, fetched at first need and again after a failure. */
  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(env, settings.outgoing).catch((cause) => {
      discovered = undefined;
      throw unavailable(cause);
    });
    return discovered;
  }

  async function answered(ctx: Context): Promise<LoginOutcome> {
    const state = ctx.URL.searchParams.get('state') ?? '';
    const browser = ctx.cookies.get(name) ?? '';
    ctx.cookies.set(name, null, cookie);
    const sealed = await takeLoginAttempt(actAlone(db), sha256(state), sha256(browser));
    // One whose secret is gone begins anew too.
    const opened = sealed && seal.opened('login', sealed);
    if (!opened) return { outcome: 'lost', returnTo: undefined };
    const attempt = JSON.parse(opened) as Attempt;
    const { returnTo } = attempt;
    const refusal = ctx.URL.searchParams.get('error');
    if (refusal === 'unmet_authentication_requirements')
      return { outcome: 'level_too_low', returnTo };
    if (refusal !== null) return { outcome: 'refused', returnTo };
    const tokens = await exchange(
      await configuration(),
      new URL(`${callback}?${ctx.URL.searchParams}`),
      state,
      attempt,
    );
    if (!tokens) return { outcome: 'refused', returnTo };
    const claims = tokens.claims()!;
    const level = levelOf(claims.acr) ?? 0;
    if (level < attempt.level) return { outcome: 'level_too_low', returnTo };
    // OpenID Connect Core §2: required where it was asked for, and we rest on it always.
    if (typeof claims.auth_time !== 'number') return { outcome: 'refused', returnTo };
    if (attempt.notBefore !== null && claims.auth_time < attempt.notBefore)
      return { outcome: 'too_old', returnTo };
    const person =
      typeof claims.pid === 'string'
        ? await findByAnyName(actAlone(db), { by: 'person', value: claims.pid })
        : undefined;
    if (!person || person.endedAt) return { outcome: 'unknown_person', returnTo };
    await sessions.begin(ctx, {
      party: person.id,
      level,
      amr: [claims.amr].flat().filter((method) => typeof method === 'string'),
      authenticatedAt: new Date(Math.min(claims.auth_time, epochSeconds()) * 1000),
      askedBy: attempt.askedBy,
      eidSid: typeof claims.sid === 'string' ? claims.sid : null,
      locale: isLanguage(claims.locale) ? claims.locale : null,
    });
    const { language } = await findProfile(db, person.id);
    if (language) rememberLanguage(ctx, language);
    return { outcome: 'done', returnTo };
  }

  return {
    /** Sends the browser to the eID with the question; it comes back to a path of ours. */
    async begin(ctx: Context, returnTo: string, question: LoginDemands): Promise<void> {
      // The eID comes back to the address that is ours: a cookie of «localhost» is not there.
      if (isAnotherLoopback(hostAsked(ctx), new URL(env.issuer).hostname))
        return ctx.redirect(`${env.issuer}${localPath(returnTo)}`);
      const address = addressOf(ctx.req);
      limits.mustBeOpen('login', address);
      await limits.count('stranger', address);
      const config = await configuration();
      const age = question.fresh ? 0 : question.maxAge;
      const attempt: Attempt = {
        verifier: client.randomPKCECodeVerifier(),
        nonce: client.randomNonce(),
        returnTo: localPath(returnTo),
        level: question.level,
        askedBy: question.askedBy ?? null,
        notBefore: age === undefined ? null : epochSeconds() - age - SKEW_SECONDS,
      };
      const state = secretId();
      const browser = secretId();
      await insertLoginAttempt(
        db,
        sha256(state),
        sha256(browser),
        seal.seal('login', JSON.stringify(attempt)),
        new Date(clock.now().getTime() + ATTEMPT_MILLIS),
      );
      ctx.cookies.set(name, browser, cookie);
      ctx.status = 303;
      ctx.redirect(
        await questionUrl(config, callback, attempt, state, {
          ...question,
          locales: question.locales ?? languageOf(ctx),
        }),
      );
    },

    /** Takes the answer of the eID, once, in the browser that asked, and begins our session. */
    async finish(ctx: Context): Promise<LoginOutcome> {
      const result = await answered(ctx);
      // A state cannot be guessed, and any page of others' can lead here without one.
      if (result.outcome === 'unknown_person') await limits.note('login', addressOf(ctx.req));
      return result;
    },

    /**
     * The address of the eID's own logout, which leads back to `/logged-out` with the state; there
     * at once when the eID has none, or is away (OIDC RP-Initiated Logout 1.0). No id_token is put
     * into it: addresses are kept by browsers, proxies and logs.
     */
    async logoutUrl(state: string): Promise<string> {
      const after = `${env.issuer}/logged-out`;
      const config = await configuration().catch(() => undefined);
      if (!config?.serverMetadata().end_session_endpoint) return `${after}?state=${state}`;
      const query = { client_id: env.eid.clientId, post_logout_redirect_uri: after, state };
      return client.buildEndSessionUrl(config, query).href;
    },

    /** Ends sessions by the eID's call (OpenID Connect Front-Channel Logout 1.0 §3). */
    async ended(issuer: string | undefined, sid: string | undefined): Promise<boolean> {
      if (issuer !== env.eid.issuer || !sid) return false;
      await sessions.endOfEid(sid);
      return true;
    },
  };
}

/**
 * The code's tokens; undefined when the eID does not take the code, 503 when it does not answer.
 */
async function exchange(config: client.Configuration, url: URL, state: string, attempt: Attempt) {
  try {
    return await client.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    });
  } catch (error) {
    if (
      error instanceof client.ResponseBodyError ||
      error instanceof client.AuthorizationResponseError ||
      (error instanceof client.ClientError && error.code !== 'OAUTH_TIMEOUT')
    )
      return undefined;
    throw unavailable(error);
  }
}

/** The authorization request, with PKCE (RFC 7636). */
async function questionUrl(
  config: client.Configuration,
  callback: string,
  attempt: Attempt,
  state: string,
  { fresh, maxAge, locales, hint }: LoginDemands,
): Promise<string> {
  // A login of this very second is no fresh one: it is asked for by name too.
  const isFresh = fresh || maxAge === 0;
  return client.buildAuthorizationUrl(config, {
    ...(isFresh ? { prompt: 'login' } : {}),
    ...(maxAge === undefined ? {} : { max_age: asText(maxAge) }),
    ...(hint === undefined ? {} : { login_hint: hint }),
    redirect_uri: callback,
    scope: 'openid profile',
    state,
    nonce: attempt.nonce,
    acr_values: acrOf(attempt.level),
    ...(locales === undefined ? {} : { ui_locales: locales }),
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  }).href;
}

/** The eID as it describes itself; throws where it does not answer, or is another. */
export async function discover(
  { eid, production }: Env,
  outgoing: LoginSettings['outgoing'] = () => ({}),
): Promise<client.Configuration> {
  const authentication = eid.clientKey
    ? client.PrivateKeyJwt(await privateKey(eid.clientKey))
    : client.ClientSecretBasic(eid.clientSecret);
  return client.discovery(new URL(eid.issuer), eid.clientId, undefined, authentication, {
    timeout: 5,
    [client.customFetch]: (url, options) =>
      fetch(url, { ...options, headers: { ...options.headers, ...outgoing() } } as RequestInit),
    execute: production ? [] : [client.allowInsecureRequests],
  });
}

async function privateKey(jwk: string): Promise<client.PrivateKey> {
  const parsed = JSON.parse(jwk) as { kid?: string; alg?: string };
  return {
    key: (await importJWK(parsed, parsed.alg ?? 'RS256')) as CryptoKey,
    kid: parsed.kid ?? '',
  };
}

/**
 * A path on this host and nothing else: no scheme, no host, no backslash that a browser takes for a
 * slash.
 */
function localPath(path: string): string {
  return /^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(path) ? path : '/';
}
