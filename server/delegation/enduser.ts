// The parts that end users' calls share: whose standing a call is about, in which direction, and
// how a person is found without telling strangers apart. It knows no single call.
import type { Deciding } from '../decision/act.ts';
import type { Act } from '../platform/act.ts';
import type { Context } from 'koa';
import {
  insufficientScope,
  isOneself,
  type ActingParties,
  type PersonCaller,
} from '../caller/model.ts';
import { isPersonNumber, type Party } from '../party/model.ts';
import { findParty } from '../party/store.ts';
import { fault } from '../platform/errors.ts';
import { sameSecret } from '../platform/ids.ts';
import {
  mustAdminister,
  mustManageReceived,
  type Actor,
  type Administration,
} from './authority.ts';
import { releaseLookup, reserveLookup } from './lookup_store.ts';
import { invalid, problem } from './problems.ts';

export interface DelegationApi {
  issuer: string;
}

export const ENDUSER = 'altinn:portal/enduser';
const CONNECTIONS = 'altinn:accessmanagement/enduser:connections';

/**
 * Scopes of a call about connections; which of the two ways it goes is checked when that is known.
 */
export const connectionScopes = (write: boolean) => [
  ENDUSER,
  ...['fromothers', 'toothers'].flatMap((way) =>
    write
      ? [`${CONNECTIONS}:${way}.write`]
      : [`${CONNECTIONS}:${way}.read`, `${CONNECTIONS}:${way}.write`],
  ),
];

/** The parties of a call, as its query has them. */
export interface QueriedSides {
  party?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface Direction {
  party: Party;
  from: string | null;
  to: string | null;
  way: 'toothers' | 'fromothers';
  actor: Actor;
}

/** The party that a call is about; 403 without, as nobody was asked about. */
export function mustName(party: string | undefined): string {
  if (!party) throw fault('TIL-00008', { because: 'no party' });
  return party;
}

/** The party that a call is about, which the caller must administer; 403 else. */
export async function mustNameOwn(
  act: Deciding,
  caller: Actor,
  party: string | undefined,
  what: Administration,
): Promise<string> {
  const id = mustName(party);
  await mustAdminister(act, caller, id, what);
  return id;
}

/** The one who acts, for itself; 403 for a token that was chosen for others. */
export function mustBeOneself(acting: ActingParties): string {
  if (!isOneself(acting, acting.party)) throw fault('TIL-00008', { because: 'not chosen' });
  return acting.party;
}

/** `party` is who the call is about, and the `from` or the `to` of it. */
export async function directionOf(
  act: Deciding,
  caller: PersonCaller,
  { party: named, from = undefined, to = undefined }: QueriedSides,
  { write = false, what = 'access' as Administration } = {},
): Promise<Direction> {
  const id = mustName(named);
  if (from !== id && to !== id) throw invalid(['AM.VLD-00009', '$QUERY/party']);
  const way = from === id ? 'toothers' : 'fromothers';
  const wanted = [`${CONNECTIONS}:${way}.write`, ...(write ? [] : [`${CONNECTIONS}:${way}.read`])];
  if (![ENDUSER, ...wanted].some((scope) => caller.scopes.has(scope))) {
    throw insufficientScope(wanted);
  }
  const party = await findParty(act, { by: 'uuid', value: id });
  if (!party) throw fault('TIL-00008', { because: 'unknown party' });
  if (way === 'toothers') await mustAdminister(act, caller, party.id, what);
  else await mustManageReceived(act, caller, party);
  return { party, from: from ?? null, to: to ?? null, way, actor: caller };
}

/** A parameter that this call cannot do without. */
export function mustHave(value: string | undefined, name: string): string {
  if (value === undefined) throw invalid(['STD.VLD-00000', `$QUERY/${name}`]);
  return value;
}

/** The same address from another id on. */
export function nextLink(ctx: Context, name: 'after' | 'before' | 'cursor', id: string): string {
  const query = new URLSearchParams(ctx.URL.searchParams);
  query.set(name, id);
  return `${ctx.path}?${query}`;
}

const MOST_FAILED = 5;
const LOCKED_MILLIS = 3_600_000;

/** The end of a name that may be a surname: of two words as of one, and never the whole name. */
function surnamesOf(name: string): string[] {
  const words = name.trim().split(/\s+/);
  const ends = words.map((_, at) => words.slice(at).join(' '));
  return words.length === 1 ? ends : ends.slice(1);
}

/**
 * A person by national number, or a self-identified user by name, and the last name, which only
 * those who know the person know. A wrong name and an unknown number are one answer; after five the
 * actor has to wait an hour, on every node, whatever was right in between.
 */
export async function personByName(
  act: Act,
  actor: Actor,
  given: { personIdentifier: string; lastName: string },
  path = '/personIdentifier',
): Promise<Party> {
  const { now } = act;
  const since = new Date(now.getTime() - LOCKED_MILLIS);
  const identifier = given.personIdentifier.trim();
  const name = isPersonNumber(identifier)
    ? { by: 'person' as const, value: identifier }
    : { by: 'username' as const, value: identifier };
  const { failed, found } = await reserveLookup(act, actor.party, name, since);
  if (failed > MOST_FAILED) throw problem('AM-00026', { headers: { 'retry-after': '3600' } });
  const fold = (text: string) => text.normalize('NFC').trim().toLowerCase();
  const isRight = surnamesOf(found?.name ?? '')
    .map((name) => sameSecret(fold(name), fold(given.lastName)))
    .includes(true);
  if (found && !found.endedAt && isRight) {
    await releaseLookup(act.db, actor.party);
    return found;
  }
  throw invalid(['AM.VLD-00006', path]);
}
