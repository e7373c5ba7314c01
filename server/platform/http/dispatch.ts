// Picks the routers that a path is tried at: each row is a pattern to run, and there are hundreds.
import type Router from '@koa/router';
import type { Middleware, Next } from 'koa';

/** Segments that a router is known by at most. */
const DEEPEST = 4;

/** A path's beginning, before its first parameter: `/access/v1/mandates/:id` at `:id`. */
export function beginningOf(path: string): string {
  const segments = path.split('/').slice(1, DEEPEST + 1);
  const parameter = segments.findIndex((segment) => /[:({*]/.test(segment));
  return segments
    .slice(0, parameter < 0 ? DEEPEST : parameter)
    .join('/')
    .toLowerCase();
}

/**
 * Tries a path, in their order, at the routers that have a row that begins as it does; the rest
 * could not match it.
 */
export function dispatch(routers: Router[]): Middleware {
  const tried = routers.map((router) => router.routes());
  const under = new Map<string, number[]>();
  for (const [index, { stack }] of routers.entries())
    for (const beginning of new Set(stack.map(({ path }) => beginningOf(`${path}`))))
      under.set(beginning, [...(under.get(beginning) ?? []), index]);
  return (ctx, next) => {
    const segments = ctx.path
      .toLowerCase()
      .split('/')
      .slice(1, DEEPEST + 1);
    const found = new Set(under.get(''));
    for (let count = 1; count <= segments.length; count += 1)
      for (const index of under.get(segments.slice(0, count).join('/')) ?? []) found.add(index);
    const order = [...found].sort((a, b) => a - b);
    const at = (position: number): ReturnType<Next> => {
      const index = order[position];
      return index === undefined ? next() : tried[index]!(ctx as never, () => at(position + 1));
    };
    return at(0);
  };
}
