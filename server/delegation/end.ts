// Ending, renouncing, changing, suspending and resuming a mandate: who may, and the act with
// everything that was passed on through it, in one transaction. It knows no HTTP.
import { currentCatalogue } from '../resource/catalogue.ts';
import { inTransaction, type DecisionPoint } from '../decision/point.ts';
import { transaction, type Db } from '../platform/db.ts';
import { clock } from '../platform/clock.ts';
import { insufficientLevel } from '../caller/model.ts';
import { levelForPerson } from '../decision/commands.ts';
import { appendMandateEvents } from '../event/store.ts';
import type { MandateEvent } from '../event/model.ts';
import {
  changeMandate,
  endMandates,
  endPassedOn,
  findMandate,
  listMandates,
  lockMandate,
  resumeMandate,
  suspendMandate,
  type EndedRow,
  type MandateRow,
} from '../mandate/delegation_store.ts';
import { mayAdminister, mayManageReceived, type Actor } from './authority.ts';
import { footingOf } from './give.ts';
import { removeRelation } from './relation_store.ts';
import { notify } from './notice_store.ts';
import { invalid, problem } from './problems.ts';

/** What the actor is to a mandate; a stranger hears that there is none. */
export type Side = 'giver' | 'supplier' | 'receiver';

export async function sideOf(
  point: DecisionPoint,
  actor: Actor,
  mandate: MandateRow,
  now: Date,
): Promise<Side | undefined> {
  if (
    actor.party === mandate.from ||
    (await mayAdminister(point, actor, mandate.from, 'access', now))
  )
    return 'giver';
  // Who passed it on, or administers customers for the supplier that did.
  if (
    mandate.via &&
    (actor.party === mandate.via ||
      (await mayAdminister(point, actor, mandate.via, 'clients', now)))
  )
    return 'supplier';
  const receiver = { id: mandate.to, kind: mandate.toKind };
  return (await mayManageReceived(point, actor, receiver, now)) ? 'receiver' : undefined;
}

async function known(
  point: DecisionPoint,
  id: string,
  actor: Actor,
  now: Date,
): Promise<{ mandate: MandateRow; side: Side }> {
  const mandate = await findMandate(point.db, id, now);
  const side = mandate && (await sideOf(point, actor, mandate, now));
  if (!mandate || !side) throw problem('TIL-00020');
  return { mandate, side };
}

/**
 * Ends it for the giver, or renounces it for the receiver; again does nothing. Answers how many
 * ended.
 */
export async function endMandate(point: DecisionPoint, actor: Actor, id: string): Promise<number> {
  const now = clock.now();
  const { mandate, side } = await known(point, id, actor, now);
  if (mandate.basis === 'register') throw problem('AM-00040');
  const type = side === 'receiver' || actor.party === mandate.to ? 'renounced' : 'ended';
  return endTogether(point.db, [mandate], { by: actor.party, type }, now);
}

/** Who ends, nobody when a register does, and what that is called. */
export interface Ending {
  by: string | null;
  type: MandateEvent;
}

/**
 * Ends these and what rests on them, with an event and notices for each. Call it in the transaction
 * of the act.
 */
export async function endAll(
  trx: Db,
  mandates: { id: string }[],
  ending: Ending,
  now: Date,
): Promise<number> {
  const named = mandates.map((one) => one.id);
  const ended = await endMandates(trx, [...new Set(named)], now);
  await report(trx, ended, named, ending, now);
  return ended.length;
}

/** The same as an act of its own; `inside` is what else belongs to it. */
export const endTogether = (
  db: Db,
  mandates: { id: string }[],
  ending: Ending,
  now: Date,
  inside?: (trx: Db) => Promise<unknown>,
): Promise<number> =>
  transaction(db, async (trx) => {
    const ended = await endAll(trx, mandates, ending, now);
    await inside?.(trx);
    return ended;
  });

/**
 * Events and notices of what ended: those that were named as it is called, what rested on them as
 * ended because of it.
 */
async function report(
  trx: Db,
  ended: EndedRow[],
  named: string[],
  { by, type }: Ending,
  now: Date,
): Promise<void> {
  await appendMandateEvents(
    trx,
    ended.map((row) => ({
      type: named.includes(row.id) ? type : 'ended',
      mandateId: row.id,
      fromParty: row.from,
      toParty: row.to,
      byParty: by,
      detail: named.includes(row.id) ? {} : { because: row.through },
    })),
    now,
  );
  for (const row of ended) {
    await notify(trx, [row.from, row.to], { type: 'mandate_ended', mandateId: row.id }, now);
  }
}

/** What one party gave another, of which the rest is told by name. */
export interface Between {
  from: string;
  to: string;
  package?: string;
  resource?: string;
  /** Of an instance only, or of none. */
  instance?: string | null;
}

/** What was given by delegation between two parties and stands. */
export async function givenBetween(db: Db, between: Between, now: Date): Promise<MandateRow[]> {
  const rows = await listMandates(db, { ...between, limit: 10_000 }, now);
  const { instance } = between;
  return rows.filter(
    (one) => one.basis === 'delegation' && (instance === undefined || one.instance === instance),
  );
}

/** Ends a package or a resource that one gave the other, by the side that the actor stands on. */
export async function endBetween(db: Db, between: Between, ending: Ending): Promise<number> {
  const now = clock.now();
  return endTogether(db, await givenBetween(db, between, now), ending, now);
}

/**
 * Ends everything between two parties and the relation itself; AM.VLD-00010 when there is something
 * and it was not said.
 */
export async function endConnection(
  db: Db,
  { from, to }: { from: string; to: string },
  { cascade, ...ending }: Ending & { cascade: boolean },
): Promise<void> {
  const now = clock.now();
  const mandates = await givenBetween(db, { from, to }, now);
  if (mandates.length && !cascade) throw invalid(['AM.VLD-00010', '$QUERY/cascade']);
  await endTogether(db, mandates, ending, now, (trx) =>
    removeRelation(trx, from, to, 'rightholder'),
  );
}

export interface Change {
  validTo?: Date | null | undefined;
  actions?: string[] | undefined;
  mayPassOn?: boolean | undefined;
}

/** Narrows, extends or both; whoever widens must be one who could give it anew as it then is. */
export async function changeOne(
  point: DecisionPoint,
  actor: Actor,
  id: string,
  wanted: Change,
): Promise<MandateRow> {
  const now = clock.now();
  return inTransaction(point, async (inner, trx) => {
    await lockMandate(trx, id, now);
    const { mandate, side } = await known(inner, id, actor, now);
    if (mandate.basis === 'register') throw problem('AM-00040');
    const to = {
      validTo: wanted.validTo === undefined ? mandate.validTo : wanted.validTo,
      actions: wanted.actions === undefined ? mandate.actions : [...wanted.actions].sort(),
      mayPassOn: wanted.mayPassOn ?? mandate.mayPassOn,
    };
    if (wanted.actions !== undefined && (mandate.actions === null || wanted.actions.length === 0))
      throw problem('AM-00033');
    if (to.validTo && to.validTo <= now) throw invalid(['AM.VLD-00022', '/validTo']);
    if (mandate.endedAt || (mandate.validTo && mandate.validTo <= now)) throw problem('TIL-00021');
    const widens =
      isLater(to.validTo, mandate.validTo) ||
      (to.actions ?? []).some((action) => !mandate.actions!.includes(action)) ||
      (to.mayPassOn && !mandate.mayPassOn);
    if (widens) await mayWiden(inner, actor, { mandate, to, side }, now);
    if (!(await changeMandate(trx, id, to, now))) throw problem('TIL-00021');
    if (mandate.mayPassOn && !to.mayPassOn) {
      await report(
        trx,
        await endPassedOn(trx, id, now),
        [],
        { by: actor.party, type: 'ended' },
        now,
      );
    }
    await appendMandateEvents(
      trx,
      [
        {
          type: 'changed',
          mandateId: id,
          fromParty: mandate.from,
          toParty: mandate.to,
          byParty: actor.party,
          detail: {
            ...to,
            before: {
              validTo: mandate.validTo,
              actions: mandate.actions,
              mayPassOn: mandate.mayPassOn,
            },
          },
        },
      ],
      now,
    );
    return (await findMandate(trx, id, now))!;
  });
}

const isLater = (a: Date | null, b: Date | null) => b !== null && (a === null || a > b);

type Extent = Pick<MandateRow, 'validTo' | 'actions'>;

/**
 * As giving it anew: by one who may, on the level that takes, and no wider than what it rests on.
 */
async function mayWiden(
  point: DecisionPoint,
  actor: Actor,
  { mandate, to, side }: { mandate: MandateRow; to: Extent; side: Side },
  now: Date,
): Promise<void> {
  if (side === 'receiver') throw problem('TIL-00027');
  const { through } = mandate;
  const parent = through === null ? undefined : await findMandate(point.db, through, now);
  const ends = [parent?.validTo ?? null];
  if (side === 'supplier') await mustReach(point, actor, mandate, now);
  else ends.push((await footingOf(point, actor, mandate, to.actions, now)).until);
  if (ends.some((end) => isLater(to.validTo, end))) throw problem('TIL-00022');
  if (parent?.actions && (to.actions ?? []).some((action) => !parent.actions!.includes(action))) {
    throw problem('TIL-00022');
  }
}

/** The level that giving it takes. */
async function mustReach(
  point: DecisionPoint,
  actor: Actor,
  { package: code, resource }: MandateRow,
  now: Date,
): Promise<void> {
  const level =
    code === null
      ? await levelForPerson(point, [resource!], now)
      : ((await currentCatalogue(point)).packages.get(code)?.giveLevel ?? 0);
  if (actor.level < level) throw insufficientLevel(level);
}

/**
 * "This was not me": freezes it at once, with everything passed on through it. For the giver's side
 * only.
 */
export async function suspend(point: DecisionPoint, actor: Actor, id: string): Promise<MandateRow> {
  return setSuspended(point, actor, id, true);
}

/** Lets it hold again: by the one who froze it, or who could give it anew. */
export async function resume(point: DecisionPoint, actor: Actor, id: string): Promise<MandateRow> {
  return setSuspended(point, actor, id, false);
}

async function setSuspended(
  point: DecisionPoint,
  actor: Actor,
  id: string,
  suspended: boolean,
): Promise<MandateRow> {
  const now = clock.now();
  const { mandate, side } = await known(point, id, actor, now);
  if (side !== 'giver') throw problem('TIL-00027');
  if (mandate.basis === 'register') throw problem('AM-00040');
  if (!suspended && mandate.suspendedAt)
    await (mandate.suspendedBy === actor.party
      ? mustReach(point, actor, mandate, now)
      : mayWiden(point, actor, { mandate, to: mandate, side }, now));
  await transaction(point.db, async (trx) => {
    const changed = suspended
      ? await suspendMandate(trx, id, actor.party, now)
      : await resumeMandate(trx, id);
    if (!changed) return;
    await appendMandateEvents(
      trx,
      [
        {
          type: suspended ? 'suspended' : 'resumed',
          mandateId: id,
          fromParty: mandate.from,
          toParty: mandate.to,
          byParty: actor.party,
        },
      ],
      now,
    );
    if (suspended)
      await notify(
        trx,
        [mandate.from, mandate.to],
        { type: 'mandate_suspended', mandateId: id },
        now,
      );
  });
  const after = (await findMandate(point.db, id, now))!;
  if (after.endedAt) throw problem('TIL-00021');
  return after;
}
