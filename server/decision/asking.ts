// What every way of asking for decisions has in common: who may ask, about whose resources, how
// much in one call, and under which name an asker stands in the log.
import { token } from '../caller/doors.ts';
import type { Caller } from '../caller/model.ts';
import { fault, type Fault } from '../platform/errors.ts';
import type { Decide } from './commands.ts';
import type { DecisionLog } from './log.ts';
import type { Decided } from './question_model.ts';
import type { DecisionPoint } from './point.ts';
import { problem } from './problems.ts';

export interface DecisionApi {
  point: DecisionPoint;
  log: DecisionLog;
  decide: Decide;
  issuer: string;
}

export const AUTHORIZE = 'altinn:authorization/authorize';
export const AUTHORIZE_ANY = `${AUTHORIZE}.admin`;

/** The largest number of questions in one call, and of bytes that they take. */
export const MOST = 10_000;
export const BODY_LIMIT = 8 * 1024 * 1024;

/** What every operation that asks for decisions has in common. */
export const asking = {
  method: 'POST' as const,
  who: token(AUTHORIZE, AUTHORIZE_ANY),
  limit: 'decision' as const,
  most: BODY_LIMIT,
};

/** What an organisation without the wider scope hears of another's resource; null of its own. */
export function foreign(caller: Caller, { resource }: Pick<Decided, 'resource'>): Fault | null {
  if (caller.scopes.has(AUTHORIZE_ANY)) return null;
  if (caller.kind !== 'organization') throw fault('TIL-00008');
  return resource && resource.ownerNo !== caller.organizationNo
    ? problem('AUTHZ.VLD-00001', { because: resource.id })
    : null;
}

/** Among whose resources an instance is looked for that is named alone. */
export const among = (caller: Caller): string | null =>
  caller.scopes.has(AUTHORIZE_ANY) || caller.kind !== 'organization' ? null : caller.organizationNo;

/** 403 where it is not its own. */
export function checkOwner(caller: Caller, found: Pick<Decided, 'resource'>): void {
  const fault = foreign(caller, found);
  if (fault) throw fault;
}
