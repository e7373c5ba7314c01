// What end users' calls have in common: whose standing a call is about, in which direction, whether
// the token and the person may, and how a person is found without telling strangers apart. It knows
// no single call.
import type { DecisionPoint } from '../decision/point.ts';
import type { Context } from 'koa';
import type { Bearer } from '../caller/bearer.ts';
import { insufficientScope, invalidToken, type Caller } from '../caller/model.ts';
import { isPersonNumber } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import type { Party } from '../party/model.ts';
import { queryParameter } from '../platform/body.ts';
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db.ts';
import { fault } from '../platform/errors.ts';
import { isUuid, sameSecret } from '../platform/ids.ts';
import { mayManageReceived, mustAdminister, type Actor, type Administration } from './authority.ts';
import { releaseLookup, reserveLookup } from './lookup_store.ts';
import { invalid, problem } from './problems.ts';

export interface DelegationApi {
  point: DecisionPoint;
  bearer: Bearer;
  issuer: string;
}

export const ENDUSER = 'altinn:portal/enduser';
const CONNECTIONS = 'altinn:accessmanagement/enduser:connections';
export const connectionScopes = (write: boolean) => [
  ENDUSER,
  ...['fromothers', 'toothers'].flatMap((way) =>
    write
      ? [`${CONNECTIONS}:${way}.write`]
      : [`${CONNECTIONS}:${way}.read`, `${CONNECTIONS}:${way}.write`],
  ),
];

/** The person who calls; a token without one is 401. */
export function actorOf(ctx: Context): Actor {
  const caller = ctx.state.caller as Caller;
  if (caller.kind !== 'person') throw invalidToken('no person in the token');
  return { party: caller.party, level: caller.level };
}

export interface Direction {
  party: Party;
  from: string | null;
  to: string | null;
  way: 'toothers' | 'fromothers';
  actor: Actor;
}

/**
 * `party` is who the call is about, and the `from` or the `to` of it. Without `party` 403, as
 * nobody was asked about.
 */
export async function directionOf(
  ctx: Context,
  { point }: DelegationApi,
  write: boolean,
  what: Administration = 'access',
): Promise<Direction> {
  const actor = actorOf(ctx);
  const id = uuidParameter(ctx, 'party');
  if (!id) throw fault('TIL-00008', { because: 'no party' });
  const [from, to] = [uuidParameter(ctx, 'from'), uuidParameter(ctx, 'to')];
  if (from !== id && to !== id) throw invalid(['AM.VLD-00009', '$QUERY/party']);
  const way = from === id ? 'toothers' : 'fromothers';
  const { scopes } = ctx.state.caller as Caller;
  const wanted = write
    ? [`${CONNECTIONS}:${way}.write`]
    : [`${CONNECTIONS}:${way}.read`, `${CONNECTIONS}:${way}.write`];
  if (!scopes.has(ENDUSER) && !wanted.some((scope) => scopes.has(scope)))
    throw insufficientScope(wanted);
  const party = await findParty(point.db, { by: 'uuid', value: id });
  const now = clock.now();
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  if (way === 'toothers') await mustAdminister(point, actor, party.id, what, now);
  else if (!(await mayManageReceived(point, actor, party, now)))
    throw fault('TIL-00008', { because: 'not the receiver' });
  return { party, from, to, way, actor };
}

/** A UUID of the query, or null; AM.VLD-00009 for another text. */
export function uuidParameter(ctx: Context, name: string): string | null {
  const value = queryParameter(ctx, name);
  if (value === undefined || value === '') return null;
  if (!isUuid(value)) throw invalid(['AM.VLD-00009', `$QUERY/${name}`]);
  return value.toLowerCase();
}

export function requiredUuid(ctx: Context, name: string): string {
  const value = uuidParameter(ctx, name);
  if (value === null) throw invalid(['STD.VLD-00000', `$QUERY/${name}`]);
  return value;
}

export function flagParameter(ctx: Context, name: string, standard: boolean): boolean {
  const value = queryParameter(ctx, name)?.toLowerCase();
  if (value === undefined || value === '' || value === 'auto') return standard;
  if (value !== 'true' && value !== 'false') throw invalid(['AM.VLD-00009', `$QUERY/${name}`]);
  return value === 'true';
}

const MOST_FAILED = 5;
const LOCKED_MILLIS = 3_600_000;

/**
 * A person by national number, or a self-identified user by name, and the last name, which only
 * those who know the person know. A wrong name and an unknown number are one answer; after five the
 * actor has to wait an hour, on every node, whatever was right in between.
 */
export async function personByName(
  db: Db,
  actor: Actor,
  given: { personIdentifier: string; lastName: string },
  path = '/personIdentifier',
): Promise<Party> {
  const now = clock.now();
  const since = new Date(now.getTime() - LOCKED_MILLIS);
  if ((await reserveLookup(db, actor.party, now, since)) > MOST_FAILED)
    throw problem('AM-00026', { headers: { 'retry-after': '3600' } });
  const identifier = given.personIdentifier.trim();
  const name = isPersonNumber(identifier)
    ? { by: 'person' as const, value: identifier }
    : { by: 'username' as const, value: identifier.toLowerCase() };
  const found = await findParty(db, name);
  const fold = (text: string) => text.normalize('NFC').trim().toLowerCase();
  const lastName = found?.name.trim().split(/\s+/).at(-1) ?? '';
  if (found && !found.endedAt && sameSecret(fold(lastName), fold(given.lastName))) {
    await releaseLookup(db, actor.party);
    return found;
  }
  throw invalid(['AM.VLD-00006', path]);
}
