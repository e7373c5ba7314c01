// A request's target as a path and a query of ours, before anything reads it (RFC 9112 §3.2). It
// knows no route.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Next } from 'koa';
import { fault, type Fault } from '../errors.ts';
import { hasMoreThan, MOST_IN_ADDRESS } from './parameters.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that has come in; `refused` is why nobody is to read it any further. */
export type Entered = IncomingMessage & { refused?: Fault };

/**
 * Hands on requests for our one name. Whatever a caller or a proxy says of the host, addresses
 * that we compare with or give out are our own (`issuer`); a target that is none of ours is `/`,
 * and refused by `refuseTarget`.
 */
export function enter(issuer: string, next: Listener): Listener {
  const { host, protocol } = new URL(issuer);
  return (request: Entered, response) => {
    Object.assign(request.headers, {
      host,
      'x-forwarded-host': host,
      'x-forwarded-proto': protocol.slice(0, -1),
    });
    const target = originForm(request.url ?? '');
    const query = target?.slice(target.indexOf('?') + 1);
    if (target === undefined) request.refused = fault('TIL-00014', { because: 'target' });
    else if (target.includes('?') && hasMoreThan(MOST_IN_ADDRESS, query!))
      request.refused = fault('TIL-00045');
    request.url = request.refused ? '/' : target;
    next(request, response);
  };
}

/**
 * The path and query of a target. Undefined for an authority or `*` (§3.2.3, §3.2.4), for what has
 * a fragment, and for what a browser would read as another host's.
 */
function originForm(target: string): string | undefined {
  const path = target.replace(/^https?:\/\/[^/?#\\]*/i, '');
  const isAbsolute = path !== target;
  const reduced = isAbsolute && !path.startsWith('/') ? `/${path}` : path;
  return /^\/(?![/\\])[^#]*$/.test(reduced) ? reduced : undefined;
}

/** Refuses what came in with a target that is none; the first that may answer. */
export function refuseTarget(ctx: Context, next: Next) {
  const { refused } = ctx.req as Entered;
  if (refused) throw refused;
  return next();
}
