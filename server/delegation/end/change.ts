// Changing, suspending and resuming a mandate: who may, and the act in one transaction. It knows no
// HTTP.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction, type Act } from '../../platform/act.ts';
import { currentCatalogue } from '../../resource/catalogue/catalogue.ts';
import { insufficientLevel, isOneself } from '../../caller/model.ts';
import { decideAll, levelForPerson } from '../../decision/commands.ts';
import { byId } from '../../decision/search/search.ts';
import { appendEvents } from '../../event/store.ts';
import {
  changeMandate,
  endPassedOnBelow,
  findMandate,
  listPassedOn,
  lockWithChain,
  resumeMandate,
  suspendMandate,
  type MandateRow,
} from '../../mandate/delegation_store.ts';
import { mustSuit, type Actor } from '../authority.ts';
import { givingOf, mustBeOfAge } from '../give/age.ts';
import { mustBeTogether } from '../give/together.ts';
import { footingOf } from '../give/footing.ts';
import { notify, notifyEach } from '../../notice/store.ts';
import { HOURS_AFTER_CODE } from '../model.ts';
import { invalid, problem } from '../problems.ts';
import { type MandateSide, knownToGiver, report } from './end.ts';

export interface Change {
  validTo?: Date | null | undefined;
  actions?: string[] | undefined;
  mayPassOn?: boolean | undefined;
  /** Only for what a main unit gave; nobody else has units to leave out. */
  subunits?: boolean | undefined;
}

/**
 * Narrows, extends or both; whoever widens must be one who could give it anew as it then is. For
 * `party`, where the actor stands on several sides.
 */
export async function changeOne(
  act: Deciding,
  actor: Actor,
  id: string,
  wanted: Change,
  party?: string,
): Promise<MandateRow> {
  const { now } = act;
  return inTransaction(act, async (inner) => {
    await lockWithChain(inner.db, id);
    const { mandate, side } = await knownToGiver(inner, id, actor, party);
    if (mandate.basis === 'register') throw problem('AM-00040');
    const to = {
      validTo: wanted.validTo === undefined ? mandate.validTo : wanted.validTo,
      actions: wanted.actions === undefined ? mandate.actions : [...wanted.actions].sort(),
      mayPassOn: wanted.mayPassOn ?? mandate.mayPassOn,
      subunits: (mayLeaveOut(mandate) ? wanted.subunits : undefined) ?? mandate.subunits,
    };
    if (wanted.actions !== undefined && (mandate.actions === null || wanted.actions.length === 0))
      throw problem('AM-00033');
    if (to.validTo && to.validTo <= now) throw invalid(['AM.VLD-00022', '/validTo']);
    if (mandate.endedAt || (mandate.validTo && mandate.validTo <= now)) throw problem('TIL-00021');
    const widens =
      isLater(to.validTo, mandate.validTo) ||
      (to.actions ?? []).some((action) => !mandate.actions!.includes(action)) ||
      (to.mayPassOn && !mandate.mayPassOn) ||
      (to.subunits && !mandate.subunits);
    if (widens && mandate.group !== null) throw problem('TIL-00061');
    // The receiver says yes to what it was sent, not to more.
    if (widens && mandate.acceptBy) throw problem('TIL-00068');
    if (to.mayPassOn && !mandate.mayPassOn && isFresh(mandate, now)) throw problem('TIL-00056');
    if (widens)
      await mustSuit(inner.db, { kind: mandate.toKind }, { ...mandate, ...to }, '/mayPassOn');
    if (widens) await mayWiden(inner, actor, { mandate, to, side });
    const givenBy = widens && side === 'giver' ? actor.party : undefined;
    if (!(await changeMandate(inner, id, { ...to, givenBy }))) throw problem('TIL-00021');
    if (mandate.mayPassOn && !to.mayPassOn) {
      await report(inner, await endPassedOnBelow(inner, id), [], {
        by: actor.party,
        type: 'ended',
      });
    }
    const { validTo, actions, mayPassOn, subunits } = mandate;
    const detail = { ...to, before: { validTo, actions, mayPassOn, subunits } };
    await tellChanged(inner, mandate, { by: actor.party, detail, lessens: !widens });
    return (await findMandate(inner, id))!;
  });
}

/** Notes that a mandate was changed, and notifies both. */
export async function tellChanged(
  act: Act,
  { id, from, to }: Pick<MandateRow, 'id' | 'from' | 'to'>,
  { by, detail, lessens = false }: { by: string; detail: object; lessens?: boolean },
): Promise<void> {
  const event = { mandateId: id, fromParty: from, toParty: to, byParty: by };
  await appendEvents(act, [{ type: 'changed', ...event, detail }]);
  // A giver whom the receiver has silenced sends no notice but of a change that lessens.
  const sent = lessens ? {} : { sender: from };
  await notify(act, [from, to], { type: 'mandate_changed', mandateId: id, by, lessens, ...sent });
}

/** Whether it was given by code so lately that nobody passes it on yet. */
const isFresh = ({ byCode, givenAt }: MandateRow, now: Date): boolean =>
  byCode !== null && now.getTime() - givenAt!.getTime() < HOURS_AFTER_CODE * 3_600_000;

const isLater = (a: Date | null, b: Date | null) => b !== null && (a === null || a > b);

/** Whether it is of a main unit, which may leave its sub-units out. */
export const mayLeaveOut = ({ fromKind }: Pick<MandateRow, 'fromKind'>): boolean =>
  fromKind === 'organization';

type Extent = Pick<MandateRow, 'validTo' | 'actions' | 'subunits'>;

/**
 * As giving it anew: by one who may, on the level that takes, and no wider than what it rests on.
 */
async function mayWiden(
  act: Deciding,
  actor: Actor,
  { mandate, to, side }: { mandate: MandateRow; to: Extent; side: MandateSide },
): Promise<void> {
  if (side === 'receiver') throw problem('TIL-00027');
  const { through } = mandate;
  const parent = through === null ? undefined : await findMandate(act, through);
  const ends = [parent?.validTo ?? null];
  if (side === 'supplier') await mustReach(act, actor, mandate);
  else ends.push((await footingOf(act, actor, mandate, to.actions)).until);
  const isWider = to.subunits && parent?.subunits === false;
  if (isWider || ends.some((end) => isLater(to.validTo, end))) throw problem('TIL-00022');
  if (side !== 'supplier') {
    const giving = await givingOf(act, mandate, actor.party);
    await mustBeOfAge(act, giving);
    await mustBeTogether(act, giving);
  }
  if (parent && mandate.resource !== null) await mustCarry(act, parent, mandate, to.actions ?? []);
}

/**
 * The parent mandate, in the hands of whoever passed it on, must open every action itself: another
 * of the giver's people may have more to give, but not through this one.
 */
async function mustCarry(
  act: Deciding,
  parent: MandateRow,
  { from, resource, instance }: MandateRow,
  actions: string[],
): Promise<void> {
  const asked = { subject: byId(parent.to), from: byId(from), resource: resource!, instance };
  const found = await decideAll(
    act,
    actions.map((action) => ({ ...asked, action })),
  );
  if (found.some(({ decision }) => !decision.mandates.includes(parent.id)))
    throw problem('TIL-00022');
}

/** The level that giving it takes. */
async function mustReach(
  act: Deciding,
  actor: Actor,
  { package: code, resource }: MandateRow,
): Promise<void> {
  const level =
    code === null
      ? await levelForPerson(act, [resource!])
      : ((await currentCatalogue(act)).packages.get(code)?.giveLevel ?? 0);
  if (actor.level < level) throw insufficientLevel(level);
}

/**
 * "This was not me": suspends it at once, with everything passed on through it. For the giver's
 * side only.
 */
export async function suspend(
  act: Deciding,
  actor: Actor,
  id: string,
  party?: string,
): Promise<MandateRow> {
  return setSuspended(act, actor, { id, party }, true);
}

/** Lets it hold again: by the one who suspended it, or who could give it anew. */
export async function resume(
  act: Deciding,
  actor: Actor,
  id: string,
  party?: string,
): Promise<MandateRow> {
  return setSuspended(act, actor, { id, party }, false);
}

async function setSuspended(
  act: Deciding,
  actor: Actor,
  { id, party }: { id: string; party: string | undefined },
  suspended: boolean,
): Promise<MandateRow> {
  return inTransaction(act, async (inner) => {
    const { mandate, side } = await knownToGiver(inner, id, actor, party);
    if (mandate.basis === 'register') throw problem('AM-00040');
    if (side !== 'giver') throw problem('TIL-00027');
    const isEstate = mandate.lacks === 'estate';
    if (!suspended) await mustSuitAnew(inner, mandate);
    if (!suspended && (mandate.suspendedAt !== null || isEstate))
      await (isOwnPause(mandate, actor) && !isEstate
        ? mustReach(inner, actor, mandate)
        : mayWiden(inner, actor, { mandate, to: mandate, side }));
    const changed = suspended
      ? await suspendMandate(inner, id, actor.party)
      : await resumeMandate(inner.db, id, isEstate);
    if (changed) await tellSuspension(inner, [mandate], { by: actor.party, suspended });
    const after = (await findMandate(inner, id))!;
    if (after.endedAt) throw problem('TIL-00021');
    return after;
  });
}

/** Whether the actor suspended it; what support staff suspended counts as the giver's own. */
const isOwnPause = ({ suspendedAt, suspendedBy, from }: MandateRow, actor: Actor): boolean =>
  suspendedBy === actor.party ||
  (suspendedAt !== null && suspendedBy === null && isOneself(actor, from));

/** As for giving it anew, of one that is to hold again. */
export const mustSuitAnew = (
  { db }: Act,
  mandate: Pick<MandateRow, 'toKind' | 'package' | 'resource' | 'mayPassOn'>,
): Promise<void> =>
  mustSuit(db, { kind: mandate.toKind }, mandate, mandate.package ? '/package' : '/resource');

/**
 * Records that mandates were suspended or resumed: in their history, and as notices to both sides
 * and to those who hold something through them, which stops and goes on with them. Support staff
 * did it where `by` is null.
 */
export async function tellSuspension(
  act: Act,
  mandates: Pick<MandateRow, 'id' | 'from' | 'to'>[],
  { by, suspended }: { by: string | null; suspended: boolean },
): Promise<void> {
  await appendEvents(
    act,
    mandates.map(({ id, from, to }) => ({
      type: suspended ? 'suspended' : 'resumed',
      mandateId: id,
      fromParty: from,
      toParty: to,
      byParty: by,
      ...(by === null ? { detail: { support: true } } : {}),
    })),
  );
  const through = await listPassedOn(
    act,
    mandates.map(({ id }) => id),
  );
  const type = suspended ? ('mandate_suspended' as const) : ('mandate_resumed' as const);
  await notifyEach(act, [
    ...mandates.map(({ id, from, to }) => ({
      ...{ type, by, mandateId: id, parties: [from, to] },
      ...(suspended ? {} : { sender: from }),
    })),
    // Those further on do not see who did it to what theirs rests on.
    ...through.map(({ id, to }) => ({ type, mandateId: id, parties: [to] })),
  ]);
}
