// Answering a request for a right: what was asked for is given, or the part of it that is named.
// Where several must say yes, a yes is kept while others are awaited, and the last one asks each
// earlier one anew. All of it holds the request's row, so that of two at once one sees the other.
import type { Deciding } from '../decision/act.ts';
import { lacksOthers } from '../delegation/give/age.ts';
import { checkPackages, checkResource } from '../delegation/give/check.ts';
import { asActor } from '../delegation/give/footing.ts';
import {
  givePackage,
  giveRights,
  mustGivePackage,
  mustGiveRights,
  type RightGift,
} from '../delegation/give/give.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { findParents } from '../mandate/minority_store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import { Fault } from '../platform/errors.ts';
import { notify } from '../notice/store.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { MAIN_ADMINISTRATOR } from '../resource/catalogue/model.ts';
import { move, mustFindRequest, record } from './commands.ts';
import type { RequestRow, RightYes } from './store.ts';
import { dropRightYes, freshYeses, keepRightYes, lockRequest } from './yes_store.ts';

/** Actions of a resource; null for a package. */
type Part = string[] | null;

/** The part of a request that is given, and whether it is all that was asked for. */
interface Chosen {
  part: Part;
  isWhole: boolean;
}

/**
 * Gives what was asked for, or the part of it that is named; where others must say yes too, keeps
 * the yes and notifies them. The approver must be able to give it, and not be the asker unless main
 * administrator. State and mandate are one transaction: of two who approve at once, one gives.
 */
export const approveRight = (
  act: Deciding,
  { id }: Pick<RequestRow, 'id'>,
  actor: Actor,
  only: Part,
): Promise<RequestRow> =>
  inTransaction(act, async (inner) => {
    await lockRequest(inner.db, id);
    const request = await mustFindRequest(inner, id);
    if (request.state !== 'pending') throw invalid(['AM.VLD-00036', '/status']);
    await mustAdminister(inner, actor, request.from, 'access');
    if (actor.party === request.to && !(await isMainAdministrator(inner, actor, request.from)))
      throw problem('AM-00028', { because: 'own request' });
    const chosen = await partToGive(inner, request, actor, only);
    const others = await standing(inner, request, actor);
    const said = others.map(({ party }) => party);
    try {
      await give(inner, request, { actor, said, ...chosen });
    } catch (error) {
      if (!lacksOthers(error) || !(await isAwaited(inner, request, actor.party))) throw error;
      await keep(inner, request, { actor, said, ...chosen });
    }
    return mustFindRequest(inner, id);
  });

async function partToGive(
  act: Deciding,
  request: RequestRow,
  actor: Actor,
  only: Part,
): Promise<Chosen> {
  const { from, resource, instance, package: code } = request;
  if (code !== null) {
    const [check] = await checkPackages(act, actor, from, [code]);
    if (!check!.result && !check!.withheld) throw problem('AM-00028');
    return { part: null, isWhole: true };
  }
  const check = await checkResource(act, actor, { from, resource: resource!, instance });
  // The first yes fixes the part, and later ones answer that.
  const yeses = freshYeses(request, act.now);
  const wanted =
    yeses[0]?.actions ?? request.actions ?? check?.rights.map(({ action }) => action) ?? [];
  if (only?.some((action) => !wanted.includes(action))) throw problem('AM-00036');
  const actions = [...new Set(only ?? wanted)].filter((action) =>
    check?.rights.some((right) => right.action === action && (right.result || right.withheld)),
  );
  const isLess = actions.length < new Set(yeses.length ? wanted : only).size;
  if (!actions.length || isLess) throw problem('AM-00028');
  return { part: actions, isWhole: actions.length === wanted.length };
}

interface Saying extends Chosen {
  actor: Actor;
  /** The others who have said yes. */
  said: string[];
}

/** The gift that a request is for. */
const giftOf = (
  { from, to, resource, instance, validTo, verified, offered, mayPassOn, subunits }: RequestRow,
  part: Part,
  said: string[],
): RightGift => ({
  ...{ from, to, validTo, needs: verified, said, instance },
  // An asker asks for no terms.
  ...(offered ? { mayPassOn, subunits } : {}),
  resource: resource ?? '',
  actions: part ?? [],
});

async function give(act: Deciding, request: RequestRow, { actor, part, isWhole, said }: Saying) {
  const step = {
    from: ['pending' as const],
    by: actor.party,
    type: 'right_approved' as const,
  };
  const gift = giftOf(request, part, said);
  const authority = asActor(actor);
  if (part === null) {
    await givePackage(act, authority, gift, request.package!, (inner) =>
      move(inner, request, { ...step, to: 'approved' }),
    );
    return;
  }
  const to = isWhole ? 'approved' : 'partly';
  await giveRights(act, authority, gift, 'add', (inner) =>
    move(inner, request, { ...step, to, actions: part }),
  );
}

/** The yeses of others that still stand; one that nothing lets stand any more is dropped. */
async function standing(act: Deciding, request: RequestRow, actor: Actor): Promise<RightYes[]> {
  const kept: RightYes[] = [];
  const fresh = freshYeses(request, act.now);
  for (const yes of request.yeses) {
    const { party } = yes;
    const isFresh = fresh.includes(yes);
    if (isFresh && party === actor.party) continue;
    if (isFresh && (await couldStill(act, request, yes))) kept.push(yes);
    else {
      await dropRightYes(act.db, request.id, party);
      // One's own is said anew.
      const told = party === actor.party ? [] : [party];
      await notify(act, told, { type: 'right_yes_fell', requestId: request.id });
    }
  }
  return kept;
}

/** Whether a yes to it is this party's among those that are awaited. */
const isAwaited = async (act: Act, { from }: RequestRow, party: string): Promise<boolean> =>
  (await findParents(act, from)).includes(party);

/**
 * Whether the actor could say yes to what several must give, and so may say no to it for all; of
 * any other request whoever administers may.
 */
export async function maySay(act: Deciding, request: RequestRow, actor: Actor): Promise<boolean> {
  const yeses = freshYeses(request, act.now);
  if (!request.offered && !yeses.length) return true;
  const { party, level } = actor;
  const actions = yeses[0]?.actions ?? request.actions;
  return (
    (await isAwaited(act, request, party)) && couldStill(act, request, { party, level, actions })
  );
}

/** AM-00028 for one who may not say no. */
export async function rejectRight(
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<RequestRow> {
  await mustAdminister(act, actor, request.from, 'access');
  return inTransaction(act, async (inner) => {
    await lockRequest(inner.db, request.id);
    const current = await mustFindRequest(inner, request.id);
    if (!(await maySay(inner, current, actor)))
      throw problem('AM-00028', { because: 'the parents’ to answer' });
    const step = { from: ['pending' as const], to: 'rejected' as const, by: actor.party };
    await move(inner, current, { ...step, type: 'right_rejected' });
    return mustFindRequest(inner, current.id);
  });
}

/** Whether that one could say it now, as far as it is that one's to say. */
async function couldStill(
  act: Deciding,
  request: RequestRow,
  { party, level, actions }: Pick<RightYes, 'party' | 'level' | 'actions'>,
): Promise<boolean> {
  const authority = asActor({ party, level });
  const gift = giftOf(request, actions, []);
  try {
    if (request.package !== null) await mustGivePackage(act, authority, gift, request.package);
    else await mustGiveRights(act, authority, gift);
    return true;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return lacksOthers(error);
  }
}

/** Keeps a yes, of which those who must say one too are notified. */
async function keep(act: Deciding, request: RequestRow, { actor, part, said }: Saying) {
  const { id, from } = request;
  const { party: by, level } = actor;
  if (!(await keepRightYes(act, { id, by, level, actions: part }))) return;
  const detail = part ? { actions: part } : {};
  await record(act, request, { type: 'right_yes', by, detail });
  const parents = await findParents(act, from);
  const others = parents.filter((one) => one !== by && !said.includes(one));
  await notify(act, others, { type: 'right_awaits', requestId: id, by });
}

/** Takes one's own yes back, while others are awaited; what was offered ends with the last. */
export const takeRightYesBack = (
  act: Deciding,
  { id }: Pick<RequestRow, 'id'>,
  { party: by }: Actor,
): Promise<RequestRow> =>
  inTransaction(act, async (inner) => {
    await lockRequest(inner.db, id);
    const request = await mustFindRequest(inner, id);
    if (request.state !== 'pending' || !(await dropRightYes(inner.db, id, by)))
      throw invalid(['AM.VLD-00036', '/status']);
    if (request.offered && request.yeses.length === 1) {
      const step = { from: ['pending' as const], to: 'withdrawn' as const, by };
      await move(inner, request, { ...step, type: 'right_withdrawn' });
    } else await record(inner, request, { type: 'right_yes_taken_back', by, detail: {} });
    return mustFindRequest(inner, id);
  });

async function isMainAdministrator(act: Deciding, actor: Actor, party: string): Promise<boolean> {
  const [check] = await checkPackages(act, actor, party, [MAIN_ADMINISTRATOR]);
  return check!.result;
}
