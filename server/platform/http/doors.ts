// Operations, each declared once: where it is, who may, what comes in and goes out, what can go
// wrong. Route, guard, reading, description and tests come from the declaration. It knows no noun
// and no caller.
import type { IncomingMessage } from 'node:http';
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { Act } from '../act.ts';
import { readJson } from './body.ts';
import { allowCompression } from './compress.ts';
import { beginningOf } from './dispatch.ts';
import { fault, type Fault } from '../errors.ts';
import { serve, type Made } from './made.ts';
import type { Metrics } from '../metrics.ts';
import { read, readQuery, type Names, type Read, type WrongMember } from './reading.ts';
import { shape, type Static, type TSchema, type Type } from './shapes.ts';

/**
 * How an operation treats names it does not know: refused (own), left out and reported (altinn),
 * left out (authzen).
 */
type Dialect = 'own' | 'altinn' | 'authzen';
/** The class under which a load balancer or limiter counts an operation. */
export type Limit = 'health' | 'read' | 'write' | 'search' | 'decision' | 'token' | 'page';

/**
 * The callers of an operation: everybody, a token with one of the scopes (of a person, an
 * organisation, or any), an OAuth client, a session.
 */
export type Callers =
  | { kind: 'public' }
  | { kind: 'token'; scopes: string[]; as: 'person' | 'organization' | 'any' }
  | { kind: 'client' }
  | { kind: 'session' };

type Members = Record<string, TSchema>;
type In<Shape extends Members | undefined> = Shape extends Members
  ? Static<Type.TObject<Shape>>
  : Record<string, never>;

export interface Answer {
  description: string;
  schema?: TSchema;
  /** Where it is no JSON. */
  type?: string;
}

export interface Declaration<
  Path extends Members | undefined,
  Query extends Members | undefined,
  Body extends TSchema | undefined,
> {
  id: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** The first is the one that is described; the others are its other names. */
  paths: [string, ...string[]];
  summary: string;
  /** The heading under which a reader looks for it. */
  tag?: string;
  who: Callers;
  dialect: Dialect;
  limit: Limit;
  path?: Path;
  query?: Query;
  body?: Body;
  /** The largest body, in bytes. */
  most?: number;
  /** A body may be left out; then it is read as an empty object. */
  bodyOptional?: boolean;
  /** Content types that the handler reads by itself, beside JSON. */
  raw?: string[];
  answers: Record<number, Answer>;
  errors?: string[];
  /** Whether scripts of other origins ask it (CORS): they may read why they were refused. */
  isForScripts?: boolean;
}

export interface Call<
  OneAct extends Act,
  Caller,
  Path extends Members | undefined,
  Query extends Members | undefined,
  Body extends TSchema | undefined,
> {
  ctx: Context;
  /** The work of this request. */
  act: OneAct;
  caller: Caller;
  path: In<Path>;
  query: In<Query>;
  body: Body extends TSchema ? Static<Body> : undefined;
}

export interface Reply {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  type?: string;
  /** The same for everybody, instead of a body. */
  made?: Made;
}

// A table holds operations of every shape; each was checked where it was declared.
export type Operation = Declaration<any, any, any> & {
  handle: ((call: Call<any, any, any, any, any>) => Promise<Reply> | Reply) | undefined;
};

export const reply = (
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Reply => ({
  body,
  status,
  headers,
});
/** The operations of one noun, under what a reader looks for them under. */
export const tagged = (tag: string, operations: Operation[]): Operation[] =>
  operations.map((operation) => ({ tag, ...operation }));

export const nothing: Reply = { status: 204 };

export interface Frame {
  /** Begins the act of a request, once its caller is known. */
  newAct: () => Act;
  /** Finds the caller; throws 401 or 403. Runs before anything of the request is read. */
  guard: (ctx: Context, who: Callers) => Promise<unknown>;
  /** The contract's answer to what is wrong with a request's shape. */
  invalid: (wrong: WrongMember[], operation: Operation) => Fault;
  metrics: Metrics;
  /** Begins work of the caller's, and returns how to end it; throws 429 when it has too much. */
  begin: (limit: Limit, caller: unknown, request: IncomingMessage) => (() => void) | undefined;
}

const NAMES: Record<Dialect, Names> = { own: 'exact', altinn: 'lenient', authzen: 'open' };

/**
 * Routers for a table of operations, one for those that begin alike (dispatch.ts). Longer paths
 * first, so that none is taken for a parameter of another.
 */
export function route(operations: Operation[], frame: Frame): Router[] {
  const routers = new Map<string, Router>();
  const rows = operations
    .filter(({ handle }) => handle !== undefined)
    .flatMap((operation) => {
      // A schema is compiled once for as long as it is the same object.
      const inPath = operation.path && shape(operation.path);
      return operation.paths.map((path) => ({ path, row: { operation, inPath } }));
    });
  const fixed = (path: string) => path.split('/').filter((part) => !part.startsWith(':')).length;
  rows.sort((a, b) => fixed(b.path) - fixed(a.path));
  for (const { path, row } of rows) {
    const beginning = beginningOf(path);
    const router = routers.get(beginning) ?? new Router();
    routers.set(beginning, router);
    router.register(path, [row.operation.method], (ctx: Context, _next: Next) =>
      answer(ctx, row, frame).catch((error) => {
        // A refusal shows nobody anything: a script that may ask reads why not (Fetch, CORS).
        if (row.operation.isForScripts)
          ctx.set({ ...forScripts(ctx), 'access-control-expose-headers': 'www-authenticate' });
        throw error;
      }),
    );
  }
  return [...routers.values()];
}

/** Headers with which a script of the asking origin may read an answer (Fetch, CORS). */
export const forScripts = (ctx: Context) => ({
  'access-control-allow-origin': ctx.get('origin') || '*',
  vary: 'Origin',
});

interface Row {
  operation: Operation;
  inPath: TSchema | undefined;
}

/**
 * 401, 403, then shape, then the object: nobody hears what is wrong with a call that they may not
 * make.
 */
async function answer(ctx: Context, { operation, inPath }: Row, frame: Frame): Promise<void> {
  ctx.state.route = operation.id;
  const caller = await frame.guard(ctx, operation.who);
  const end = frame.begin(operation.limit, caller, ctx.req);
  // The close of a connection that is gone already gives no event any more.
  if (ctx.res.closed) end?.();
  else if (end) ctx.res.once('close', end);
  const names = NAMES[operation.dialect];
  const path = readPath(ctx, inPath);
  const query = readQuery(operation.query ?? {}, ctx.URL.searchParams, names);
  const body = await readBody(ctx, operation, names);
  tellIgnored(ctx, operation, [...query.ignored, ...body.ignored], frame.metrics);
  const wrong = [...query.wrong, ...body.wrong].slice(0, 50);
  if (wrong.length) throw frame.invalid(wrong, operation);
  const values = { path, query: query.value as Record<string, never>, body: body.value };
  const done = await operation.handle!({ ctx, act: frame.newAct(), caller, ...values });
  if (done.headers) ctx.set(done.headers);
  if (done.made) return serve(ctx, done.made);
  const isStream = typeof done.body === 'object' && done.body !== null && 'pipe' in done.body;
  // A stream that fails midway cuts the answer off; a compressor in between would not notice.
  if (!isStream) allowCompression(ctx);
  const isNumber = typeof done.body === 'number';
  ctx.body = isNumber ? JSON.stringify(done.body) : done.body;
  if (done.type) ctx.type = done.type;
  else if (isStream || isNumber) ctx.type = 'json';
  ctx.status = done.status ?? 200;
}

/** A path of the wrong shape leads to nothing. */
function readPath(ctx: Context, inPath: TSchema | undefined): Record<string, string> {
  const params = (ctx.params ?? {}) as Record<string, string>;
  if (!inPath) return params;
  // No database keeps it, so it names nothing.
  if (Object.values(params).some((text) => text.includes('\0') || !text.isWellFormed())) {
    throw fault('TIL-00009', { because: 'a path that no text can have' });
  }
  const { value, wrong } = read(inPath, params, 'exact');
  if (wrong.length) throw fault('TIL-00009', { because: `path ${wrong[0]!.path}` });
  return value as Record<string, string>;
}

async function readBody(ctx: Context, operation: Operation, names: Names): Promise<Read> {
  const none: Read = { value: undefined, wrong: [], ignored: [] };
  if (!operation.body) return none;
  if (operation.raw && ctx.is(operation.raw)) return none;
  const isEmpty = !ctx.request.headers['transfer-encoding'] && !ctx.request.length;
  if (operation.bodyOptional && isEmpty) return read(operation.body, {}, names);
  // AuthZEN 1.0 §10.1.4: every body that is no JSON object is 400, whatever it is instead.
  if (operation.dialect === 'authzen' && !ctx.is('application/json')) {
    throw fault('TIL-00014', { because: 'content type' });
  }
  const value = await readJson(ctx, operation.most);
  // A body of null is one without members.
  return read(operation.body, value ?? {}, names);
}

/**
 * Names that were left out are reported and counted, so that a misspelt one is found by its sender.
 */
function tellIgnored(
  ctx: Context,
  { id, dialect }: Operation,
  names: string[],
  metrics: Metrics,
): void {
  if (dialect !== 'altinn' || !names.length) return;
  metrics.ignored.inc({ route: id }, names.length);
  const told = names
    .slice(0, 10)
    .map((name) => encodeURIComponent(name.slice(0, 50).toWellFormed()));
  ctx.set('tillit-ignored', told.join(', '));
}
