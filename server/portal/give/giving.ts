// A gift as it is given: each part by itself, all of them in one act. It shows no page.
import type { Act } from '../../platform/act.ts';
import { allOrNone, type NotDone } from '../../platform/all_or_none.ts';
import { offerRight } from '../../access_request/offer.ts';
import type { Session } from '../../caller/session.ts';
import type { Deciding } from '../../decision/act.ts';
import { asActor } from '../../delegation/give/footing.ts';
import { lacksOthers } from '../../delegation/give/age.ts';
import { giveByCode } from '../../delegation/code/code.ts';
import { givePackage, giveRights } from '../../delegation/give/give.ts';
import { findMandate } from '../../mandate/delegation_store.ts';
import { givenAmong, takenSince, type Already } from '../../mandate/given_store.ts';
import { asText } from '../../platform/as_text.ts';
import { fault } from '../../platform/errors.ts';
import { having, mandatePath } from '../page.ts';
import { partsOf, type GiftPart, type GiftToCheck } from './gift.ts';

/** A part of a gift with the mandate that is its like, and whether this gift made it. */
export interface PartState {
  part: GiftPart;
  already: Already | undefined;
  isDone: boolean;
}

/** Each part, and what there is of its kind already. */
export async function standingsOf(act: Act, gift: GiftToCheck): Promise<PartState[]> {
  const parts = partsOf(gift);
  const found = await givenAmong(act, parts);
  return parts.map((part, at) => {
    const already = found[at];
    const givenAt = already?.givenAt?.getTime() ?? 0;
    return { part, already, isDone: givenAt >= gift.madeAt };
  });
}

/**
 * A right that is given already is changed where it stands; actions are added on the same terms
 * only.
 */
const adds = (gift: GiftToCheck, part: GiftPart, already: Already): boolean =>
  part.package === null &&
  already.validTo?.toISOString() === gift.validTo &&
  already.mayPassOn === gift.mayPassOn &&
  already.subunits === gift.subunits &&
  part.actions.some((action) => !already.actions?.includes(action));

/** The parts that are still to be given. */
export const waitingOf = (gift: GiftToCheck, standings: PartState[]): PartState[] =>
  standings.filter(({ part, already }) => !already || adds(gift, part, already));

/** Gives one part, or has it wait for the yes of others; answers where it is followed. */
export async function givePart(
  act: Deciding,
  session: Session,
  gift: GiftToCheck,
  part: GiftPart,
): Promise<{ at: string; isGiven: boolean }> {
  // A right taken back meanwhile is not given again by the page that gave it.
  const inside = async ({ db }: Act) => {
    if (await takenSince(db, part, new Date(gift.madeAt)))
      throw fault('TIL-00013', { because: 'it was taken back since it was looked over' });
  };
  const { from, to, package: code, resource, instance, actions } = part;
  const { mayPassOn, subunits } = gift;
  const validTo = gift.validTo === null ? null : new Date(gift.validTo);
  const validFrom = gift.validFrom === null ? null : new Date(gift.validFrom);
  const terms = { place: '' as const, from, to, mayPassOn, subunits, validFrom, validTo };
  const authority = asActor(session);
  const rights = { ...terms, resource: resource!, instance, actions };
  try {
    const { id, through } = gift.code
      ? await giveByCode(act, session, terms, { ...codeOf(gift, code!), inside })
      : code
        ? await givePackage(act, authority, terms, code, inside)
        : await giveRights(act, authority, rights, 'add', inside);
    // One who gives on is led to the page of the party that was given it.
    const side = through === null ? from : (await findMandate(act, id))!.via!;
    return { at: having(mandatePath(id, side), 'given'), isGiven: true };
  } catch (error) {
    // A gift that waits for others begins with the last yes, and on no day that was looked over.
    if (gift.code || !lacksOthers(error) || (validFrom && validFrom > act.now)) throw error;
    const [already] = await givenAmong(act, [part]);
    if (already?.givenAt && already.givenAt.getTime() >= gift.madeAt)
      return { at: having(mandatePath(already.id, from), 'given'), isGiven: true };
    const wanted = {
      ...{ from, to, package: code, resource, instance, mayPassOn, subunits, validTo },
      actions: resource === null ? null : actions,
    };
    const { id } = await offerRight(act, session, wanted, inside);
    return { at: having(`/requests/${id}?party=${from}`, 'said'), isGiven: false };
  }
}

/** The code of a gift with one of its packages; all of its parts are one use of it. */
const codeOf = ({ code, madeAt }: GiftToCheck, entry: string) => ({
  code: entry,
  use: { id: code!.id, gift: asText(madeAt) },
});

/** Gives every part that is still to be given, or none; answers those that could not be. */
export async function giveParts(
  act: Deciding,
  session: Session,
  gift: GiftToCheck,
): Promise<{ failed: NotDone<GiftPart>[]; waiting: GiftPart[]; isGiven: boolean }> {
  const waiting = waitingOf(gift, await standingsOf(act, gift)).map(({ part }) => part);
  let isGiven = true;
  const failed = await allOrNone(act, waiting, async (inner, part) => {
    const done = await givePart(inner, session, gift, part);
    isGiven &&= done.isGiven;
  });
  return { failed, waiting, isGiven };
}
