// Hands the protocol's requests on to oidc-provider, and the discovery document's other name to its
// first. It knows no page. What stands where is in operations.ts.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import type { AddressOf } from '../platform/address.ts';
import { readForm } from '../platform/body.ts';
import type { Limits } from '../platform/limits.ts';
import type { ReadRequest } from './front.ts';

const NAMES: Record<string, string> = {
  '/authorize': 'authorize',
  '/token': 'token',
  '/par': 'par',
  '/introspect': 'introspect',
  '/revoke': 'revoke',
  '/jwks': 'jwks',
  '/.well-known/openid-configuration': 'discovery',
};

/** The discovery document under the name that OAuth gives it (RFC 8414 §3). */
export function aliasDiscovery(ctx: Context, next: Next) {
  if (ctx.path === '/.well-known/oauth-authorization-server') {
    ctx.req.url = ctx.req.url!.replace('/oauth-authorization-server', '/openid-configuration');
  }
  return next();
}

interface Strangers {
  limits: Limits;
  addressOf: AddressOf;
}

/** Hands the request to oidc-provider, which answers by itself. */
export function toProvider(provider: () => Provider, { limits, addressOf }: Strangers) {
  return async (ctx: Context, next: Next) => {
    const isOurs = ctx.path in NAMES || /^\/authorize\/[\w-]+$/.test(ctx.path);
    if (!isOurs) return next();
    ctx.state.route = NAMES[ctx.path] ?? 'authorize';
    // Each leaves a row; one who is logged in is known.
    if (ctx.path === '/authorize' && !ctx.get('cookie').includes('session='))
      await limits.count('stranger', addressOf(ctx.req));
    const { bytes } = ctx.req as ReadRequest;
    let request = bytes ? unread(ctx.req, bytes) : ctx.req;
    if (ctx.path === '/authorize' && ctx.method === 'POST') {
      ctx.state.page = true;
      const query = new URLSearchParams([...(await readForm(ctx))]);
      const address = `/authorize?${query}`;
      // A browser has its cookies along when it is led here, not when a stranger's form posts.
      const isPlain = !query.has('id_token_hint') && address.length < LONGEST_ADDRESS;
      if (isPlain) return lead(ctx, address);
      request = Object.assign(unread(ctx.req, Buffer.alloc(0)), { method: 'GET', url: address });
    }
    ctx.respond = false;
    await provider().callback()(request, ctx.res);
  };
}

const LONGEST_ADDRESS = 6_000;

function lead(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.redirect(address);
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
    who: (request as ReadRequest).who,
  }) as unknown as IncomingMessage;
}
