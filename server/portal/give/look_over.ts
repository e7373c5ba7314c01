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

/**
 * The thing that was sealed, looked over by this person (else `TIL-00046`) a while ago at most
 * (else `TIL-00013`).
 */
export function openedFor<One extends LookedOver>(
  { act, seal }: PortalPages,
  person: string,
  purpose: string,
  sealed: string,
): One {
  const opened = seal.opened(purpose, sealed);
  if (opened === undefined) throw fault('TIL-00013');
  const one = JSON.parse(opened) as One;
  if (one.person !== person) throw fault('TIL-00046');
  if (act.now.getTime() - one.madeAt >= OPEN_MILLIS) throw fault('TIL-00013');
  return one;
}

/** The same of whatever the address has sealed in the parameter of that name. */
export const lookedOver = <One extends LookedOver>(
  ctx: Context,
  pages: PortalPages,
  purpose: string,
): One => openedFor(pages, sessionOf(ctx).party, purpose, queryParameter(ctx, purpose) ?? '');
