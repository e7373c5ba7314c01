// The authorization server's own HTTP rows: keys, the discovery document under both well-known
// names, and everything else of the protocol handed on to oidc-provider. It knows no page.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { fault } from '../platform/errors.ts';
import { named } from '../platform/http.ts';
import type { ReadRequest } from './front.ts';
import type { Keyring } from './keys.ts';
import { RESPONSE_MODE } from './kept_provider.ts';

const NAMES: Record<string, string> = {
  '/authorize': 'authorize',
  '/token': 'token',
  '/par': 'par',
  '/introspect': 'introspect',
  '/revoke': 'revoke',
  '/jwks': 'jwks',
  '/.well-known/openid-configuration': 'discovery',
};

export function oidcRoutes(keyring: Keyring): Router {
  const router = new Router();
  router.get('/jwks', named('jwks'), (ctx) => {
    ctx.set('cache-control', 'public, max-age=3600');
    ctx.set('access-control-allow-origin', '*');
    ctx.set('cross-origin-resource-policy', 'cross-origin');
    ctx.body = { keys: keyring.publicJwks() };
  });
  router.get('/.well-known/oauth-authorization-server', (ctx, next) => {
    ctx.req.url = ctx.req.url!.replace('/oauth-authorization-server', '/openid-configuration');
    return next();
  });
  return router;
}

/** Hands the request to oidc-provider, which answers by itself. */
export function toProvider(provider: () => Provider) {
  return async (ctx: Context, next: Next) => {
    const isOurs = ctx.path in NAMES || /^\/authorize\/[\w-]+$/.test(ctx.path);
    if (!isOurs) return next();
    ctx.state.route = NAMES[ctx.path] ?? 'authorize';
    const mode = ctx.path === '/authorize' ? ctx.URL.searchParams.get('response_mode') : null;
    if (mode !== null && mode !== RESPONSE_MODE)
      throw fault('TIL-00014', { because: 'response_mode' });
    ctx.respond = false;
    const { bytes } = ctx.req as ReadRequest;
    const request = bytes ? unread(ctx.req, bytes) : ctx.req;
    await provider().callback()(request, ctx.res);
  };
}

/**
 * The request as it was before its body was read, since the provider wants to parse that itself.
 */
function unread(request: IncomingMessage, body: Buffer): IncomingMessage {
  const {
    method,
    url,
    headers,
    rawHeaders,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    socket,
  } = request;
  return Object.assign(Readable.from([body]), {
    method,
    url,
    headers,
    rawHeaders,
    httpVersion,
    httpVersionMajor,
    httpVersionMinor,
    socket,
    connection: socket,
  }) as unknown as IncomingMessage;
}
