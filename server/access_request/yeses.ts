// Yeses to what several must give: who may say one and whether it stands, while others are awaited.
// The caller holds the request's row.
import type { Deciding } from '../decision/act.ts';
import type { Actor } from '../delegation/authority.ts';
import { lacksOthers } from '../delegation/give/age.ts';
import { asActor } from '../delegation/give/footing.ts';
import { mustGivePackage, mustGiveRights, type RightGift } from '../delegation/give/give.ts';
import { findFillers, levelToFill } from '../delegation/give/together.ts';
import { isCompany } from '../delegation/give/together_model.ts';
import { findParents } from '../mandate/minority_store.ts';
import { notify } from '../notice/store.ts';
import { findParty } from '../party/store.ts';
import { Fault } from '../platform/errors.ts';
import { freshYeses, type RequestRow, type RightYes } from './model.ts';
import { dropRightYes } from './yes_store.ts';

const STRONGEST = 4;

/** Actions of a resource; null for a package. */
export type GivenPart = string[] | null;

/** The gift that a request is for. */
export const giftAsked = (
  { from, to, resource, instance, validTo, verified, offered, mayPassOn, subunits }: RequestRow,
  part: GivenPart,
  said: string[],
): RightGift => ({
  ...{ from, to, validTo, needs: verified, said, instance },
  agreed: !offered,
  // An asker asks for no terms.
  ...(offered ? { mayPassOn, subunits } : {}),
  resource: resource ?? '',
  actions: part ?? [],
});

/** The yeses of others that still stand; one that nothing lets stand any more is dropped. */
export async function standing(
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<RightYes[]> {
  const kept: RightYes[] = [];
  const fresh = freshYeses(request, act.now);
  for (const yes of request.yeses) {
    const { party } = yes;
    const isFresh = fresh.includes(yes);
    if (isFresh && party === actor.party) continue;
    if (isFresh && (await couldSay(act, request, yes))) kept.push(yes);
    else {
      await dropRightYes(act.db, request.id, party);
      // One's own is said anew.
      const told = party === actor.party ? [] : [party];
      await notify(act, told, { type: 'right_yes_fell', requestId: request.id });
    }
  }
  return kept;
}

/** The parties whose yes to it counts: parents of a child, and of a company who fills a place. */
export async function findAwaited(act: Deciding, request: RequestRow): Promise<string[]> {
  const parents = await findParents(act, request.from);
  return [...parents, ...(await findFillers(act, filledBy(request)))];
}

const filledBy = ({ from, to, package: code, resource }: RequestRow) => ({
  giver: from,
  receiver: to,
  what: { package: code, resource },
});

/**
 * Whether a yes to it counts: that of each parent, and of a company also that of who could give it,
 * were it not for the others.
 */
export async function isAwaited(
  act: Deciding,
  { from }: Pick<RequestRow, 'from'>,
  party: string,
): Promise<boolean> {
  const giver = await findParty(act, { by: 'uuid', value: from });
  return giver && isCompany(giver) ? true : (await findParents(act, from)).includes(party);
}

/** The level at which somebody says yes to it by an office alone; undefined for everybody else. */
export const levelOfFiller = (
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<number | undefined> => levelToFill(act, actor, filledBy(request));

/** The same while it waits, once others have said yes: nobody by an office alone says the first. */
export const levelOfAnswerer = async (
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<number | undefined> =>
  request.state === 'pending' && freshYeses(request, act.now).length > 0
    ? levelOfFiller(act, request, actor)
    : undefined;

/**
 * Whether the actor could say yes to what several must give, and so may say no to it for all; of
 * any other request whoever administers may.
 */
export async function maySay(act: Deciding, request: RequestRow, actor: Actor): Promise<boolean> {
  const yeses = freshYeses(request, act.now);
  if (!request.offered && !yeses.length) return true;
  const { party } = actor;
  const actions = yeses[0]?.actions ?? request.actions;
  // The level is asked of a yes, which leads to a stronger login.
  return (
    (await isAwaited(act, request, party)) &&
    couldSay(act, request, { party, level: STRONGEST, actions })
  );
}

/**
 * Whether a person who administers for the party that is asked could answer it with a yes, at a
 * strong login.
 */
export const couldAnswer = (act: Deciding, request: RequestRow, party: string): Promise<boolean> =>
  couldSay(act, request, { party, level: STRONGEST, actions: request.actions });

type Said = Pick<RightYes, 'party' | 'level' | 'actions'>;

/** Whether that one could say it now, as far as it is that one's to say. */
async function couldSay(act: Deciding, request: RequestRow, said: Said): Promise<boolean> {
  if (await couldGive(act, request, said)) return true;
  const level = await levelOfFiller(act, request, said);
  return level !== undefined && said.level >= level;
}

/** Whether that one could give it now, with the yes of others. */
async function couldGive(
  act: Deciding,
  request: RequestRow,
  { party, level, actions }: Said,
): Promise<boolean> {
  try {
    await mustBeGivable(act, { party, level }, giftAsked(request, actions, []), request.package);
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return false;
  }
}

/** Throws why a package, or rights where it is none, could not be given with the yes of others. */
export async function mustBeGivable(
  act: Deciding,
  actor: Actor,
  gift: RightGift,
  code: string | null,
): Promise<void> {
  const authority = asActor(actor);
  try {
    if (code !== null) await mustGivePackage(act, authority, gift, code);
    else await mustGiveRights(act, authority, gift);
  } catch (error) {
    if (!lacksOthers(error)) throw error;
  }
}
