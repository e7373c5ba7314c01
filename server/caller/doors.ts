// Admits callers to operations, and hands their handlers what they may know of the caller.
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { Act } from '../platform/act.ts';
import type { AddressOf } from '../platform/http/address.ts';
import type {
  Call,
  Declaration,
  Limit,
  Operation,
  Reply,
  Callers,
} from '../platform/http/doors.ts';
import type { Limits } from '../platform/http/limits.ts';
import type { TSchema } from '../platform/http/shapes.ts';
import type { Bearer } from './bearer.ts';
import {
  callerKey,
  insufficientLevel,
  insufficientScope,
  invalidToken,
  type Caller,
  type OrganizationCaller,
  type PersonCaller,
} from './model.ts';

/** Everybody, without a token. */
export const everybody = { kind: 'public' } as const;
/** A person's token with one of the scopes. */
export const person = (...scopes: string[]) => ({ kind: 'token', as: 'person', scopes }) as const;
/** An organisation's token with one of the scopes. */
export const organization = (...scopes: string[]) =>
  ({ kind: 'token', as: 'organization', scopes }) as const;
/** Any token with one of the scopes. */
export const token = (...scopes: string[]) => ({ kind: 'token', as: 'any', scopes }) as const;

type CallerOf<W extends Callers> = W extends { as: 'person' }
  ? PersonCaller
  : W extends { as: 'organization' }
    ? OrganizationCaller
    : W extends { kind: 'token' }
      ? Caller
      : undefined;

type Members = Record<string, TSchema>;

/**
 * Declares operations of a column: each with its handler, which gets values that are checked, a
 * caller who is entitled, and the act of the request, as far as the column knows of acts.
 */
export const operationsWith =
  <OneAct extends Act>() =>
  <
    const W extends Callers,
    Path extends Members | undefined = undefined,
    Query extends Members | undefined = undefined,
    Body extends TSchema | undefined = undefined,
  >(
    declaration: Declaration<Path, Query, Body> & { who: W },
    handle: (call: Call<OneAct, CallerOf<W>, Path, Query, Body>) => Promise<Reply> | Reply,
  ): Operation => ({ ...declaration, handle });

/** An operation whose act knows the database and the clock. */
export const operation = operationsWith<Act>();

/** The least that a person's token needs. */
const LOWEST_LEVEL = 3;

/**
 * Finds the caller of an operation: 401 without a valid token of that kind, 403 without a scope.
 */
export function createGuard(bearer: Bearer) {
  return async (ctx: Context, who: Callers): Promise<Caller | undefined> => {
    if (who.kind !== 'token') return undefined;
    const caller = await bearer.authenticate(ctx);
    if (!who.scopes.some((scope) => caller.scopes.has(scope))) {
      throw insufficientScope(who.scopes);
    }
    if (who.as !== 'any' && caller.kind !== who.as) throw invalidToken(`no ${who.as} in the token`);
    // A login that proves nothing of who it is reads nothing of anybody's.
    if (caller.kind === 'person' && caller.level < 1) throw insufficientLevel(LOWEST_LEVEL);
    return caller;
  };
}

/** Work that one caller could hold all of a node with. */
const HEAVY: Limit[] = ['decision', 'search', 'token'];

/** As much of it as strangers at one address may have at once. */
const MOST_OF_STRANGERS = 16;

/** Each caller's heavy work is counted while it lasts, so that none starves the others. */
export const createBegin =
  (limits: Limits, addressOf: AddressOf) =>
  (limit: Limit, caller: unknown, request: IncomingMessage): (() => void) | undefined => {
    if (!HEAVY.includes(limit)) return undefined;
    if (caller) return limits.begin(limit, callerKey(caller as Caller));
    return limits.begin(`${limit} of strangers`, addressOf(request) ?? '-', MOST_OF_STRANGERS);
  };
