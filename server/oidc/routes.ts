// The authorization server's own HTTP rows: keys, the discovery document under both well-known names, and everything
// else of the protocol handed on to oidc-provider. It knows no page.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { Fault, fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { JWT_BEARER } from './clients.ts';
import { CONSENT_TYPE } from './consent_details.ts';
import type { ReadRequest } from './front.ts';
import type { Keyring } from './keys.ts';

export interface OidcRoutes {
  provider: () => Provider;
  keyring: Keyring;
  metrics: Metrics;
  issuer: string;
}

const NAMES: Record<string, string> = {
  '/authorize': 'authorize', '/token': 'token', '/par': 'par', '/introspect': 'introspect', '/revoke': 'revoke',
  '/jwks': 'jwks', '/.well-known/openid-configuration': 'discovery',
};

export function oidcRoutes(settings: OidcRoutes): Router {
  const router = new Router();
  router.get('/jwks', named('jwks'), (ctx) => {
    ctx.set('cache-control', 'public, max-age=3600');
    ctx.set('access-control-allow-origin', '*');
    ctx.set('cross-origin-resource-policy', 'cross-origin');
    ctx.body = { keys: settings.keyring.publicJwks() };
  });
  router.get('/.well-known/oauth-authorization-server', (ctx, next) => {
    ctx.req.url = ctx.req.url!.replace('/oauth-authorization-server', '/openid-configuration');
    return next();
  });
  return router;
}

/** Hands the request to oidc-provider, which answers by itself. */
export function toProvider(settings: OidcRoutes) {
  return async (ctx: Context, next: Next) => {
    const isOurs = ctx.path in NAMES || /^\/authorize\/[\w-]+$/.test(ctx.path);
    if (!isOurs) return next();
    ctx.state.route = NAMES[ctx.path] ?? 'authorize';
    const mode = ctx.path === '/authorize' ? ctx.URL.searchParams.get('response_mode') : null;
    if (mode !== null && mode !== RESPONSE_MODE) throw fault('TIL-00014', { because: 'response_mode' });
    ctx.respond = false;
    const { bytes } = ctx.req as ReadRequest;
    const request = bytes ? unread(ctx.req, bytes) : ctx.req;
    await settings.provider().callback()(request, ctx.res);
  };
}

/** The request as it was before its body was read, since the provider wants to parse that itself. */
function unread(request: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  return Object.assign(Readable.from([body]), {
    method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor, socket, connection: socket,
  }) as unknown as IncomingMessage;
}

/** The one way an answer goes back. form_post needs a script that our CSP forbids; a fragment is nothing for a code. */
const RESPONSE_MODE = 'query';

function refuseResponseMode(ctx: Context, route: string | undefined): void {
  const { params } = ctx.oidc as { params?: { response_mode?: string } } ?? {};
  const mode = params?.response_mode;
  if (route !== 'pushed_authorization_request' || !mode || mode === RESPONSE_MODE || ctx.status >= 400) return;
  ctx.status = 400;
  ctx.body = { error: 'invalid_request', error_description: 'unsupported response_mode' };
}

/** Adds to discovery what we answer ourselves, and the consent API's code to refusals. */
export function afterProvider(settings: OidcRoutes) {
  return async (ctx: Context, next: Next) => {
    await next();
    const body = ctx.body as Record<string, unknown> | undefined;
    const { route } = (ctx.oidc ?? {}) as { route?: string };
    refuseResponseMode(ctx, route);
    if (route === 'discovery' && body) {
      body.response_modes_supported = [RESPONSE_MODE];
      body.grant_types_supported = [...body.grant_types_supported as string[], JWT_BEARER];
      body.authorization_details_types_supported = [CONSENT_TYPE];
    }
    if (route === 'token') {
      const outcome = typeof body?.error === 'string' ? body.error : 'issued';
      const { grant_type: grant } = ((ctx.oidc as { params?: { grant_type?: string } }).params ?? {});
      const known = ['authorization_code', 'refresh_token', 'client_credentials'].includes(grant ?? '') ? grant! : 'other';
      settings.metrics.tokens.inc({ grant: known, outcome });
    }
  };
}

/** Adds the consent API's code to refusals, and keeps an outage of ours under the provider a 503 with Retry-After. */
export function watchProvider(provider: Provider, log: Logger): void {
  provider.on('grant.error', (ctx: Context, error: Error & { consent_error?: string }) => {
    if (error.consent_error) (ctx.body as Record<string, unknown>).consent_error = error.consent_error;
  });
  provider.on('server_error', (ctx: Context, error: Error) => {
    log.error({ err: error }, 'the authorization server failed');
    if (!(error instanceof Fault) || ctx.status < 500) return;
    ctx.status = error.status;
    ctx.set(error.headers);
    ctx.body = { error: error.status === 503 ? 'temporarily_unavailable' : 'invalid_request', error_description: error.message };
  });
}
