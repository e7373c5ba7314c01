// A filled form that is looked over before it is done: sealed into an address, for the one who
// looks it over and for a while.
import type { Context } from 'koa';
import { sessionOf } from '../../caller/pages.ts';
import { fault } from '../../platform/errors.ts';
import { queryParameter } from '../../platform/http/body.ts';
import type { PortalPages } from '../page.ts';

/** Time within which it is done, or looked over again. */
const OPEN_MILLIS = 30 * 60_000;

interface LookedOver {
  person: string;
  madeAt: number;
}

export const sealedFor = <One extends LookedOver>(
  purpose: string,
  one: One,
  { seal }: PortalPages,
): string => seal.seal(purpose, JSON.stringify(one));

function unsealed(ctx: Context, seal: PortalPages['seal'], purpose: string): unknown {
  try {
    return JSON.parse(seal.open(purpose, queryParameter(ctx, purpose) ?? ''));
  } catch (cause) {
    throw fault('TIL-00013', { cause });
  }
}

/**
 * Whatever the address has sealed in the parameter of that name, looked over by this person (else
 * `TIL-00046`) a while ago at most (else `TIL-00013`).
 */
export function lookedOver<One extends LookedOver>(
  ctx: Context,
  { act, seal }: PortalPages,
  purpose: string,
): One {
  const one = unsealed(ctx, seal, purpose) as One;
  if (one.person !== sessionOf(ctx).party) throw fault('TIL-00046');
  if (act.now.getTime() - one.madeAt >= OPEN_MILLIS) throw fault('TIL-00013');
  return one;
}
