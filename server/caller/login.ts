// Login at the national eID (OpenID Connect, ID-porten's shape: `pid`, `acr`) through
// openid-client: begin, come back, step up, log out. It talks to the eID; it knows no page beyond
// the address to return to.
import type { Context } from 'koa';
import * as client from 'openid-client';
import { importJWK } from 'jose';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import type { Env } from '../platform/env.ts';
import { unavailable } from '../platform/errors.ts';
import { secretId, sha256 } from '../platform/ids.ts';
import { languageOf } from '../platform/locale.ts';
import type { Seal } from '../platform/seal.ts';
import { findParty } from '../party/store.ts';
import { acrOf, levelOf } from './model.ts';
import type { Sessions } from './session.ts';
import { insertLoginAttempt, takeLoginAttempt } from './store.ts';

interface Attempt {
  verifier: string;
  nonce: string;
  returnTo: string;
  level: number;
}

export type LoginOutcome =
  | { outcome: 'done'; returnTo: string }
  | {
      outcome: 'unknown_person' | 'level_too_low' | 'lost' | 'refused';
      returnTo: string | undefined;
    };

export interface LoginSettings {
  db: Db;
  env: Env;
  seal: Seal;
  sessions: Sessions;
}

const ATTEMPT_MILLIS = 15 * 60_000;

export type Login = ReturnType<typeof createLogin>;

export function createLogin({ db, env, seal, sessions }: LoginSettings) {
  const secure = env.issuer.startsWith('https:');
  const cookie = {
    httpOnly: true,
    secure,
    sameSite: 'lax' as const,
    path: '/login',
    overwrite: true,
  };
  const callback = `${env.issuer}/login/callback`;
  let discovered: Promise<client.Configuration> | undefined;

  /** The eID's metadata, fetched at first need and again after a failure. */
  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(env).catch((cause) => {
      discovered = undefined;
      throw unavailable(cause);
    });
    return discovered;
  }

  return {
    /**
     * Sends the browser to the eID, asking for at least the level; it comes back to a path of ours.
     */
    async begin(ctx: Context, returnTo: string, level: number): Promise<void> {
      const config = await configuration();
      const attempt: Attempt = {
        verifier: client.randomPKCECodeVerifier(),
        nonce: client.randomNonce(),
        returnTo: localPath(returnTo),
        level,
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
      ctx.cookies.set('login', browser, cookie);
      ctx.status = 303;
      ctx.redirect(await questionUrl(config, callback, attempt, state, languageOf(ctx)));
    },

    /** Takes the answer of the eID, once, in the browser that asked, and begins our session. */
    async finish(ctx: Context): Promise<LoginOutcome> {
      const state = ctx.URL.searchParams.get('state') ?? '';
      const browser = ctx.cookies.get('login') ?? '';
      ctx.cookies.set('login', null, cookie);
      const sealed = await takeLoginAttempt(db, sha256(state), sha256(browser), clock.now());
      if (!sealed) return { outcome: 'lost', returnTo: undefined };
      const attempt = JSON.parse(seal.open('login', sealed)) as Attempt;
      const { returnTo } = attempt;
      if (ctx.URL.searchParams.has('error')) return { outcome: 'refused', returnTo };
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
      const person =
        typeof claims.pid === 'string'
          ? await findParty(db, { by: 'person', value: claims.pid })
          : undefined;
      if (!person || person.endedAt) return { outcome: 'unknown_person', returnTo };
      const amr = Array.isArray(claims.amr)
        ? claims.amr.filter((method) => typeof method === 'string')
        : [];
      await sessions.begin(ctx, { party: person.id, level, amr, idToken: tokens.id_token });
      return { outcome: 'done', returnTo };
    },

    /**
     * Ends our session; answers with the address of the eID's own logout (OIDC RP-Initiated Logout
     * 1.0).
     */
    async logout(ctx: Context): Promise<string> {
      const idToken = await sessions.end(ctx);
      const after = `${env.issuer}/logged-out`;
      if (!idToken) return after;
      const config = await configuration();
      if (!config.serverMetadata().end_session_endpoint) return after;
      return client.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: after,
      }).href;
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
  language: string,
): Promise<string> {
  return client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile',
    state,
    nonce: attempt.nonce,
    acr_values: acrOf(attempt.level),
    ui_locales: language,
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  }).href;
}

async function discover({ eid, production }: Env): Promise<client.Configuration> {
  const authentication = eid.clientKey
    ? client.PrivateKeyJwt(await privateKey(eid.clientKey))
    : client.ClientSecretBasic(eid.clientSecret);
  return client.discovery(new URL(eid.issuer), eid.clientId, undefined, authentication, {
    timeout: 5,
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
export function localPath(path: string): string {
  return /^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(path) ? path : '/';
}
