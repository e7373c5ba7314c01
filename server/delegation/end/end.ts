// Ending, renouncing, changing, suspending and resuming a mandate: who may, and the act with
// everything that was passed on through it, in one transaction. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { type Act, inTransaction } from '../../platform/act.ts';
import { isOneself } from '../../caller/model.ts';
import { appendEvents } from '../../event/store.ts';
import type { MandateEvent } from '../../event/model.ts';
import {
  endMandates,
  findMandate,
  listMandates,
  type EndedRow,
  type MandateRow,
} from '../../mandate/delegation_store.ts';
import { leaveIdle } from '../../mandate/group_member_store.ts';
import { mayAdminister, mayManageReceived, type Actor } from '../authority.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import type { Catalogue } from '../../resource/catalogue/model.ts';
import { removeRelation } from '../relation_store.ts';
import { notifyEach } from '../../notice/store.ts';
import { invalid, problem } from '../problems.ts';

/** The side of a mandate on which the actor stands; a stranger hears that there is none. */
export type MandateSide = 'giver' | 'supplier' | 'receiver';

/** The party that the actor is there for: it alone is asked about where it is named. */
type For = string | undefined;

/**
 * An actor who stands on a side in person stands there first: a receiver renounces, even while also
 * administering for the giver.
 */
async function sideOf(
  act: Deciding,
  actor: Actor,
  mandate: MandateRow,
  party?: For,
): Promise<MandateSide | undefined> {
  const { from, via, to, toKind } = mandate;
  const isFor = (one: string | null): one is string =>
    one !== null && (party === undefined || party === one);
  if (isFor(from) && isOneself(actor, from)) return 'giver';
  if (isFor(to) && isOneself(actor, to)) return 'receiver';
  if (isFor(from) && (await mayAdminister(act, actor, from, 'access'))) return 'giver';
  // The supplier that passed it on, or somebody who administers customers for it.
  if (isFor(via) && (isOneself(actor, via) || (await mayAdminister(act, actor, via, 'clients'))))
    return 'supplier';
  const mayManage = isFor(to) && (await mayManageReceived(act, actor, { id: to, kind: toKind }));
  return mayManage ? 'receiver' : undefined;
}

export async function mandateSeenBy(
  act: Deciding,
  id: string,
  actor: Actor,
  party?: For,
): Promise<{ mandate: MandateRow; side: MandateSide }> {
  const mandate = await findMandate(act, id);
  const side = mandate && (await sideOf(act, actor, mandate, party));
  if (!mandate || !side) throw problem('TIL-00020');
  return { mandate, side };
}

/** Whether whoever acts is one of the two themselves. */
const isParty = (actor: Actor, { from, to }: MandateRow): boolean =>
  isOneself(actor, from) || isOneself(actor, to);

/** Whether somebody who stands on a side reads it: one by a secret role is its parties' alone. */
export const isShownTo = (catalogue: Catalogue, mandate: MandateRow, actor: Actor): boolean =>
  !catalogue.isSecret(mandate.role) || isParty(actor, mandate);

/** As `mandateSeenBy`, to be read. */
export async function mandateShownTo(act: Deciding, id: string, actor: Actor, party?: For) {
  const seen = await mandateSeenBy(act, id, actor, party);
  const catalogue = await currentCatalogue(act);
  if (!isShownTo(catalogue, seen.mandate, actor)) throw problem('TIL-00020');
  return { ...seen, catalogue };
}

/**
 * As `mandateSeenBy`, for an act that is the giver's alone: whoever stands there too, and named no
 * side, takes it there.
 */
export async function knownToGiver(
  act: Deciding,
  id: string,
  actor: Actor,
  party?: For,
): Promise<{ mandate: MandateRow; side: MandateSide }> {
  const found = await mandateSeenBy(act, id, actor, party);
  const { mandate, side } = found;
  if (side === 'giver' || party !== undefined) return found;
  return { mandate, side: (await sideOf(act, actor, mandate, mandate.from)) ?? side };
}

/** As `knownToGiver`, for an act that is the receiver's alone; TIL-00062 for who is not there. */
export async function knownToReceiver(
  act: Deciding,
  id: string,
  actor: Actor,
  party?: For,
): Promise<MandateRow> {
  const { mandate, side } = await mandateSeenBy(act, id, actor, party);
  const isThere =
    side === 'receiver' ||
    (party === undefined && (await sideOf(act, actor, mandate, mandate.to)) === 'receiver');
  if (!isThere) throw problem('TIL-00062');
  return mandate;
}

/**
 * Ends it for the giver, or renounces it for the receiver; again does nothing. Answers how many
 * ended.
 */
export async function endMandate(
  act: Deciding,
  actor: Actor,
  id: string,
  party?: For,
): Promise<number> {
  return inTransaction(act, async (inner) => {
    const { mandate, side } = await mandateSeenBy(inner, id, actor, party);
    if (mandate.basis === 'register') throw problem('AM-00040');
    const type = side === 'receiver' || actor.party === mandate.to ? 'renounced' : 'ended';
    return endAll(inner, [mandate], { by: actor.party, type });
  });
}

/** The party that ends it – nobody when a register does – and the event's name. */
export interface Ending {
  by: string | null;
  type: MandateEvent;
  /** Whether it ends because its receiver did not accept it in time. */
  unanswered?: boolean;
}

/**
 * Ends these and what rests on them, with an event and notices for each. Call it in the transaction
 * of the act.
 */
export async function endAll(
  act: Act,
  mandates: { id: string }[],
  ending: Ending,
): Promise<number> {
  const named = mandates.map((one) => one.id);
  const ended = await endMandates(act, [...new Set(named)]);
  await report(act, ended, named, ending);
  await leaveEmptied(act, ended, ending);
  return ended.length;
}

/** Takes out of groups those who have nothing by them any more. */
async function leaveEmptied(act: Act, ended: EndedRow[], { by }: Ending): Promise<void> {
  const groups = ended.flatMap(({ group, to }) => (group ? [{ group, member: to }] : []));
  if (!groups.length) return;
  const left = await leaveIdle(act, groups);
  await appendEvents(
    act,
    left.map(({ group, name, from, to }) => ({
      ...{ type: 'group_left' as const, fromParty: from, toParty: to, byParty: by },
      detail: { group, name },
    })),
  );
}

/** The same as an act of its own; `inside` is what else belongs to it. */
export const endTogether = (
  act: Act,
  mandates: { id: string }[],
  ending: Ending,
  inside?: (inner: Act) => Promise<unknown>,
): Promise<number> =>
  inTransaction(act, async (inner) => {
    const ended = await endAll(inner, mandates, ending);
    await inside?.(inner);
    return ended;
  });

/**
 * Events and notices of what ended: those that were named as it is called, what rested on them as
 * ended because of it.
 */
export async function report(
  act: Act,
  ended: EndedRow[],
  named: string[],
  { by, type, unanswered = false }: Ending,
): Promise<void> {
  await appendEvents(
    act,
    ended.map((row) => ({
      type: named.includes(row.id) ? type : 'ended',
      mandateId: row.id,
      fromParty: row.from,
      toParty: row.to,
      byParty: by,
      detail: !named.includes(row.id) ? { because: row.through } : unanswered ? { unanswered } : {},
    })),
  );
  await notifyEach(
    act,
    ended.map(({ id, from, to }) => ({
      ...(unanswered
        ? { type: 'mandate_unanswered' as const, parties: [from] }
        : {
            type: type === 'role_lost' && named.includes(id) ? type : ('mandate_ended' as const),
            parties: [from, to],
          }),
      by,
      mandateId: id,
    })),
  );
}

/** A gift between two parties, further narrowed by name. */
export interface GiftBetween {
  from: string;
  to: string;
  package?: string;
  resource?: string;
  /** About one instance only, or about none. */
  instance?: string | null;
}

/** Mandates given by delegation between two parties that stand. */
async function givenBetween(act: Act, between: GiftBetween): Promise<MandateRow[]> {
  const rows = await listMandates(act, { ...between, limit: 10_000 });
  const { instance } = between;
  return rows.filter(
    (one) => one.basis === 'delegation' && (instance === undefined || one.instance === instance),
  );
}

/** Ends a package or a resource that one gave the other, by the side that the actor stands on. */
export async function endBetween(act: Act, between: GiftBetween, ending: Ending): Promise<number> {
  return endTogether(act, await givenBetween(act, between), ending);
}

/**
 * Ends everything between two parties and the relation itself; AM.VLD-00010 when there is something
 * and it was not said.
 */
export async function endConnection(
  act: Act,
  { from, to }: { from: string; to: string },
  { cascade, ...ending }: Ending & { cascade: boolean },
): Promise<void> {
  const mandates = await givenBetween(act, { from, to });
  if (mandates.length && !cascade) throw invalid(['AM.VLD-00010', '$QUERY/cascade']);
  await endTogether(act, mandates, ending, (inner) =>
    removeRelation(inner, { from, to, kind: 'rightholder', by: ending.by ?? from }),
  );
}
