// Hands the protocol's requests on to oidc-provider, and the discovery document's other name to its
// first. It knows no page. What stands where is in operations.ts.
import { seeOther } from '../../platform/http/http.ts';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Context, Next } from 'koa';
import type Provider from 'oidc-provider';
import { forbidCompression } from '../../platform/http/compress.ts';
import type { AddressOf } from '../../platform/http/address.ts';
import { readForm } from '../../platform/http/body.ts';
import { fault } from '../../platform/errors.ts';
import { queryOf } from '../../platform/http/parameters.ts';
import type { Limits } from '../../platform/http/limits.ts';
import type { Seal } from '../../platform/secret/seal.ts';
import type { Sessions } from '../../caller/session.ts';
import type { ReadRequest } from '../grant/front.ts';
import { asText } from '../../platform/as_text.ts';

const NAMES: Record<string, string> = {
  '/authorize': 'authorize',
  '/token': 'token',
  '/par': 'par',
  '/introspect': 'introspect',
  '/revoke': 'revoke',
  '/jwks': 'jwks',
  '/.well-known/openid-configuration': 'discovery',
};

const READ = ['GET', 'HEAD', 'OPTIONS'];
const SENT = ['POST', 'OPTIONS'];
const METHODS: Record<string, string[]> = {
  '/authorize': [...READ, 'POST'],
  '/token': SENT,
  '/par': SENT,
  '/introspect': SENT,
  '/revoke': SENT,
};

/** The discovery document under the name that OAuth gives it (RFC 8414 §3). */
export function aliasDiscovery(ctx: Context, next: Next) {
  if (ctx.path === '/.well-known/oauth-authorization-server') {
    ctx.req.url = ctx.req.url!.replace('/oauth-authorization-server', '/openid-configuration');
  }
  return next();
}

interface Strangers {
  seal: Seal;
  sessions: Sessions;
  limits: Limits;
  addressOf: AddressOf;
}

/** Hands the request to oidc-provider, which answers by itself. */
export function toProvider(
  provider: () => Provider,
  { seal, sessions, limits, addressOf }: Strangers,
) {
  return async (ctx: Context, next: Next) => {
    const isOurs = ctx.path in NAMES || /^\/authorize\/[\w-]+$/.test(ctx.path);
    if (!isOurs) return next();
    // Codes, tokens, and what is said of them.
    forbidCompression(ctx);
    ctx.state.route = NAMES[ctx.path] ?? 'authorize';
    const methods = METHODS[ctx.path] ?? READ;
    if (!methods.includes(ctx.method))
      throw fault('TIL-00010', { headers: { allow: methods.join(', ') } });
    if (ctx.path === '/authorize') {
      // A person is in front of it, whatever is wrong.
      ctx.state.page = true;
      // No page of others' begins anything by an image or a script.
      if (INSIDE.test(ctx.get('sec-fetch-dest'))) throw fault('TIL-00014');
      // Each leaves a row; one who is logged in is known.
      if (!(await sessions.find(ctx))) await limits.count('stranger', addressOf(ctx.req));
    }
    const { bytes } = ctx.req as ReadRequest;
    let request: ReadRequest = bytes ? unread(ctx.req, bytes) : ctx.req;
    let asked = ctx.querystring ? ctx.URL.searchParams : NONE;
    if (ctx.path === '/authorize' && ctx.method === 'POST') {
      const query = new URLSearchParams([...(await readForm(ctx))]);
      const address = `/authorize?${query}`;
      // A browser has its cookies along when it is led here, not when a stranger's form posts. What
      // was posted is not put into an address that browsers and proxies keep.
      const led = `/authorize?${new URLSearchParams({ posted: seal.seal(POSTED, asText(query)) })}`;
      if (led.length < LONGEST_ADDRESS) return seeOther(ctx, led);
      request = Object.assign(unread(ctx.req, Buffer.alloc(0)), { method: 'GET', url: address });
      asked = query;
    }
    const posted = ctx.path === '/authorize' && asked.get('posted');
    if (posted) {
      asked = new URLSearchParams(postedFrom(seal, posted));
      request.url = `/authorize?${asked}`;
    }
    request.query = asked === NONE ? {} : queryOf(asked);
    ctx.respond = false;
    await provider().callback()(request, ctx.res);
    // One that was refused was named, and not shown.
    if (ctx.res.statusCode < 400) ctx.state.client = request.tried?.shown;
  };
}

const NONE = new URLSearchParams();
const LONGEST_ADDRESS = 6_000;
const POSTED = 'posted authorization';
/** Where a browser fetches what is shown inside of a page (Fetch Metadata). */
const INSIDE = /^(?:audio|embed|empty|font|image|manifest|object|script|style|track|video|worker)$/;

function postedFrom(seal: Seal, posted: string): string {
  const opened = seal.opened(POSTED, posted);
  if (opened === undefined)
    throw fault('TIL-00014', { because: 'what was posted was not sealed here' });
  return opened;
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
    tried: (request as ReadRequest).tried,
  }) as unknown as IncomingMessage;
}
