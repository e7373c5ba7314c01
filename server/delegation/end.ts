// Ending, renouncing, changing, suspending and resuming a mandate: who may, and the act with
// everything that was passed on through it, in one transaction. It knows no HTTP.
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
  lockMandate,
  resumeMandate,
  suspendMandate,
  type MandateRow,
} from '../mandate/delegation_store.ts';
import { knowledgeOf } from '../resource/catalogue.ts';
import { mayAdminister, mayManageReceived, type Actor } from './authority.ts';
import { footingOfPackage, footingOfRights, type Footing } from './give.ts';
import { notify } from './notice_store.ts';
import { invalid, problem } from './problems.ts';

/** What the actor is to a mandate; a stranger hears that there is none. */
export type Side = 'giver' | 'supplier' | 'receiver';

export async function sideOf(
  db: Db,
  actor: Actor,
  mandate: MandateRow,
  now: Date,
): Promise<Side | undefined> {
  if (actor.party === mandate.from || (await mayAdminister(db, actor, mandate.from, 'access', now)))
    return 'giver';
  // Who passed it on, or administers customers for the supplier that did.
  if (
    mandate.via &&
    (actor.party === mandate.via || (await mayAdminister(db, actor, mandate.via, 'clients', now)))
  )
    return 'supplier';
  const receiver = { id: mandate.to, kind: mandate.toKind };
  return (await mayManageReceived(db, actor, receiver, now)) ? 'receiver' : undefined;
}

async function known(
  db: Db,
  id: string,
  actor: Actor,
  now: Date,
): Promise<{ mandate: MandateRow; side: Side }> {
  const mandate = await findMandate(db, id);
  const side = mandate && (await sideOf(db, actor, mandate, now));
  if (!mandate || !side) throw problem('TIL-00020');
  return { mandate, side };
}

/**
 * Ends it for the giver, or renounces it for the receiver; again does nothing. Answers how many
 * ended.
 */
export async function endMandate(db: Db, actor: Actor, id: string): Promise<number> {
  const now = clock.now();
  const { mandate, side } = await known(db, id, actor, now);
  if (mandate.basis === 'register') throw problem('AM-00040');
  return transaction(db, (trx) =>
    endAll(
      trx,
      [mandate],
      actor.party,
      side === 'receiver' || actor.party === mandate.to ? 'renounced' : 'ended',
      now,
    ),
  );
}

/**
 * Ends these and what rests on them, with an event and notices for each. Call it in the transaction
 * of the act.
 */
export async function endAll(
  trx: Db,
  mandates: { id: string }[],
  by: string | null,
  type: MandateEvent,
  now: Date,
): Promise<number> {
  const named = new Set(mandates.map((one) => one.id));
  const ended = await endMandates(trx, [...named], now);
  await appendMandateEvents(
    trx,
    ended.map((row) => ({
      type: named.has(row.id) ? type : 'ended',
      mandateId: row.id,
      fromParty: row.from,
      toParty: row.to,
      byParty: by,
      detail: named.has(row.id) ? {} : { because: row.through },
    })),
    now,
  );
  for (const row of ended)
    await notify(trx, [row.from, row.to], { type: 'mandate_ended', mandateId: row.id }, now);
  return ended.length;
}

export interface Change {
  validTo?: Date | null | undefined;
  actions?: string[] | undefined;
  mayPassOn?: boolean | undefined;
}

/** Narrows, extends or both; whoever widens must be one who could give it anew as it then is. */
export async function changeOne(
  db: Db,
  actor: Actor,
  id: string,
  wanted: Change,
): Promise<MandateRow> {
  const now = clock.now();
  return transaction(db, async (trx) => {
    await lockMandate(trx, id);
    const { mandate, side } = await known(trx, id, actor, now);
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
    if (widens) await mayWiden(trx, actor, mandate, to, side, now);
    if (!(await changeMandate(trx, id, to, now))) throw problem('TIL-00021');
    if (mandate.mayPassOn && !to.mayPassOn)
      await reportEnded(trx, await endPassedOn(trx, id, now), actor.party, now);
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
    return (await findMandate(trx, id))!;
  });
}

const isLater = (a: Date | null, b: Date | null) => b !== null && (a === null || a > b);

type Extent = Pick<MandateRow, 'validTo' | 'actions'>;

/**
 * As giving it anew: by one who may, on the level that takes, and no wider than what it rests on.
 */
async function mayWiden(
  db: Db,
  actor: Actor,
  mandate: MandateRow,
  to: Extent,
  side: Side,
  now: Date,
): Promise<void> {
  if (side === 'receiver') throw problem('TIL-00027');
  const parent = mandate.through === null ? undefined : await findMandate(db, mandate.through);
  const ends = [parent?.validTo ?? null];
  if (side === 'supplier') await mustReach(db, actor, mandate, now);
  else ends.push((await footingOf(db, actor, mandate, to, now)).until);
  if (ends.some((end) => isLater(to.validTo, end))) throw problem('TIL-00022');
  if (parent?.actions && (to.actions ?? []).some((action) => !parent.actions!.includes(action)))
    throw problem('TIL-00022');
}

const footingOf = (
  db: Db,
  actor: Actor,
  { from, package: code, resource, instance }: MandateRow,
  { actions }: Extent,
  now: Date,
): Promise<Footing> =>
  code !== null
    ? footingOfPackage(db, actor, from, code, now)
    : footingOfRights(db, actor, { from, resource: resource!, instance, actions: actions! }, now);

/** The level that giving it takes. */
async function mustReach(
  db: Db,
  actor: Actor,
  { package: code, resource }: MandateRow,
  now: Date,
): Promise<void> {
  const level =
    code === null
      ? await levelForPerson(db, [resource!], now)
      : ((await knowledgeOf(db).current(db)).packages.get(code)?.giveLevel ?? 0);
  if (actor.level < level) throw insufficientLevel(level);
}

async function reportEnded(
  trx: Db,
  ended: { id: string; from: string; to: string; through: string | null }[],
  by: string,
  now: Date,
): Promise<void> {
  await appendMandateEvents(
    trx,
    ended.map((row) => ({
      type: 'ended',
      mandateId: row.id,
      fromParty: row.from,
      toParty: row.to,
      byParty: by,
      detail: { because: row.through },
    })),
    now,
  );
  for (const row of ended)
    await notify(trx, [row.from, row.to], { type: 'mandate_ended', mandateId: row.id }, now);
}

/**
 * "This was not me": freezes it at once, with everything passed on through it. For the giver's side
 * only.
 */
export async function suspend(db: Db, actor: Actor, id: string): Promise<MandateRow> {
  return setSuspended(db, actor, id, true);
}

/** Lets it hold again: by the one who froze it, or who could give it anew. */
export async function resume(db: Db, actor: Actor, id: string): Promise<MandateRow> {
  return setSuspended(db, actor, id, false);
}

async function setSuspended(
  db: Db,
  actor: Actor,
  id: string,
  suspended: boolean,
): Promise<MandateRow> {
  const now = clock.now();
  const { mandate, side } = await known(db, id, actor, now);
  if (side !== 'giver') throw problem('TIL-00027');
  if (mandate.basis === 'register') throw problem('AM-00040');
  if (!suspended && mandate.suspendedAt)
    await (mandate.suspendedBy === actor.party
      ? mustReach(db, actor, mandate, now)
      : mayWiden(db, actor, mandate, mandate, side, now));
  await transaction(db, async (trx) => {
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
  const after = (await findMandate(db, id))!;
  if (after.endedAt) throw problem('TIL-00021');
  return after;
}
