// Answers made smaller, from a kilobyte on, where their row allows it. Nothing else is: what holds
// a secret beside what somebody else may choose would give it away by its length (BREACH, 2013).
// Pages may, since the value of a form is another in each answer (caller/session.ts).
import compress from 'koa-compress';
import type { Context, Middleware, Next } from 'koa';

const TYPES = /^(text\/html|application\/((.+\+)?json|statuslist\+jwt))\b/;
const SMALLEST = 1_024;

/** Compresses what has been allowed to be, in the way that the client prefers of two. */
export function compressAllowed(): Middleware {
  const shrink = compress({
    threshold: SMALLEST,
    filter: (type) => TYPES.test(type),
    encodingPreference: ['br', 'gzip'],
  });
  return (ctx, next) => {
    ctx.compress = false;
    return shrink(ctx, next);
  };
}

/** The answer to this request holds no secret, or a different one each time. */
export function allowCompression(ctx: Context): void {
  ctx.compress = undefined;
}

/** The answer holds a secret, whatever was allowed before. */
export function forbidCompression(ctx: Context): void {
  ctx.compress = false;
}

/** A row's guard: what everybody may read holds no secret. */
export function openToAll(ctx: Context, next: Next) {
  allowCompression(ctx);
  return next();
}
