// The steps that every request passes: a trace id, one log line, metrics, security headers, and the
// one place that turns a thrown fault into an answer. It knows no route.
import { traceReference } from '../reference.ts';
import { STATUS_CODES } from 'node:http';
import type { Context, Next } from 'koa';
import { Fault, fault } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Access, Answered } from './access.ts';

const CSP =
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/**
 * Headers of every answer. Referrer-Policy same-origin, not no-referrer, which would make our own
 * forms `Origin: null`.
 */
export function securityHeaders(https: boolean): Record<string, string> {
  return {
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), browsing-topics=()',
    'cache-control': 'no-store',
    ...(https ? { 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : {}),
  };
}

/** The policy of every page, with one directive widened by addresses that this one needs. */
export function allow(ctx: Context, directive: string, addresses: string[]): void {
  const others = CSP.split('; ').filter((one) => !one.startsWith(`${directive} `));
  const self = directive === 'form-action' ? ["'self'"] : [];
  ctx.set(
    'content-security-policy',
    [...others, [directive, ...self, ...addresses].join(' ')].join('; '),
  );
}

/** Gives the request its ids, and leaves a line and a figure of how it was answered. */
export function trace(access: Access) {
  return async (ctx: Context, next: Next) => {
    const { ids, headers, within, end } = access.begin(ctx.req.headers);
    ctx.state.trace = ids.trace;
    ctx.state.log = access.log;
    ctx.set(headers);
    ctx.res.once('close', () => {
      const {
        route = 'other',
        client,
        caller,
        session,
      } = ctx.state as Partial<Answered> & {
        session?: object;
      };
      const { method } = ctx;
      const status = ctx.res.statusCode;
      end({ method, route, status, client, caller: caller ?? (session && 'person') });
    });
    await within(next);
  };
}

/** Names the route in metrics and log; set first in each row. */
export function asRoute(route: string) {
  return (ctx: Context, next: Next) => {
    ctx.state.route = route;
    return next();
  };
}

export type RenderFault = (ctx: Context, fault: Fault) => Promise<void>;

/**
 * Catches what the rows throw: as problem+json (RFC 9457), or as a page where a person is reading.
 */
export function catchFaults(renderPage: RenderFault) {
  return async (ctx: Context, next: Next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null && ctx.respond !== false) throw fault('TIL-00009');
      if (ctx.status === 405 && ctx.body == null) throw fault('TIL-00010');
    } catch (error) {
      const known = error instanceof Fault ? error : fault('TIL-00012', { cause: error });
      const { trace: id, log } = ctx.state as { trace: string; log: Logger };
      const level = known.status >= 500 ? 'error' : 'info';
      log[level](
        {
          trace: id,
          // By which the operator finds what a person read out.
          reference: traceReference(id),
          code: known.code,
          because: known.because,
          err: known.cause,
          route: ctx.state.route,
        },
        known.message,
      );
      ctx.status = known.status;
      ctx.set(known.headers);
      if (
        ctx.state.page ||
        (ctx.state.route === undefined && ctx.accepts('json', 'html') === 'html')
      ) {
        await renderPage(ctx, known);
      } else {
        if (
          (known.status === 401 || known.status === 403) &&
          !ctx.response.get('www-authenticate')
        ) {
          ctx.set('www-authenticate', 'Bearer realm="tillit"');
        }
        ctx.body = JSON.stringify(problemDocument(known, id));
        ctx.type = 'application/problem+json';
      }
    }
  };
}

/** RFC 9457 with the code; title and detail both carry the message, as readers of either exist. */
function problemDocument(known: Fault, traceId?: string): Record<string, unknown> {
  return {
    type: `urn:altinn:error:${known.code}`,
    title: STATUS_CODES[known.status],
    status: known.status,
    detail: known.message,
    code: known.code,
    ...(traceId ? { traceId } : {}),
    ...known.members,
  };
}

/** Marks the rows whose reader is a person. */
export function page(ctx: Context, next: Next) {
  ctx.state.page = true;
  return next();
}

/** Leads on, to be read by GET (RFC 9110 §15.4.4). */
export function seeOther(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.redirect(address);
}
