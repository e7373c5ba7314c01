// Answering a request for a right: what was asked for is given, or the part of it that is named.
// Where several must say yes, a yes is kept while others are awaited, and the last one asks each
// earlier one anew. All of it holds the request's row, so that of two at once one sees the other.
import type { Deciding } from '../decision/act.ts';
import { lacksOthers } from '../delegation/give/age.ts';
import { checkPackages, checkResource, isMainAdministrator } from '../delegation/give/check.ts';
import { asActor } from '../delegation/give/footing.ts';
import { givePackage, giveRights } from '../delegation/give/give.ts';
import { insufficientLevel } from '../caller/model.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { inTransaction } from '../platform/act.ts';
import { Fault } from '../platform/errors.ts';
import { notify } from '../notice/store.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { move, mustFindRequest, record } from './commands.ts';
import { freshYeses, type NoReason, type RequestRow, type RightYes } from './model.ts';
import { standsIn } from './standing.ts';
import { keepReason } from './store.ts';
import { dropRightYes, keepRightYes, lockRequest } from './yes_store.ts';
import {
  findAwaited,
  giftAsked,
  isAwaited,
  levelOfAnswerer,
  maySay,
  standing,
  type GivenPart,
} from './yeses.ts';

/** The part of a request that is given, and whether it is all that was asked for. */
interface Chosen {
  part: GivenPart;
  /** An end that is sooner than was asked for; null where it is that. */
  sooner: Date | null;
  /** The end of one that was asked for longer, or without one; null where none is set. */
  latest: Date | null;
  isWhole: boolean;
}

/**
 * Gives what was asked for, or the part of it that is named; where others must say yes too, keeps
 * the yes and notifies them. The approver must be able to give it, or fill a place among those who
 * do, and not be the asker unless main administrator. State and mandate are one transaction: of two
 * who approve at once, one gives.
 */
export const approveRight = (
  act: Deciding,
  { id }: Pick<RequestRow, 'id'>,
  actor: Actor,
  only: GivenPart,
  { sooner = null, latest = null }: Partial<Pick<Chosen, 'sooner' | 'latest'>> = {},
): Promise<RequestRow> =>
  inTransaction(act, async (inner) => {
    await lockRequest(inner.db, id);
    const request = await mustFindRequest(inner, id);
    if (request.state !== 'pending') throw invalid(['AM.VLD-00036', '/status']);
    const fills = await mustBeAsked(inner, request, actor);
    if (actor.party === request.to && !(await isMainAdministrator(inner, actor, request.from)))
      throw problem('AM-00028', { because: 'own request' });
    const chosen = await partToGive(inner, request, { actor, only, fills });
    const saying = {
      actor,
      said: await standing(inner, request, actor),
      ...untilSooner(request, chosen, sooner, inner.now),
      latest,
    };
    if (await isGiven(inner, request, saying, fills))
      await tellAnswered(inner, request, actor.party);
    // Each of several says yes to as long as was asked for.
    else if (sooner) throw invalid(['AM.VLD-00022', '/validTo']);
    else await keep(inner, request, saying);
    return mustFindRequest(inner, id);
  });

/**
 * Whether the actor fills a place among those who give it. 403 for one who neither does nor
 * administers, TIL-00007 at too weak a login.
 */
async function mustBeAsked(act: Deciding, request: RequestRow, actor: Actor): Promise<boolean> {
  const filling = await levelOfAnswerer(act, request, actor);
  if (filling === undefined) await mustAdminister(act, actor, request.from, 'access');
  else if (actor.level < filling) throw insufficientLevel(filling);
  return filling !== undefined;
}

/**
 * Gives it by who says yes now, or, where that one only fills a place, by the first of the others
 * who can; false while the yes of others is missing.
 */
async function isGiven(
  act: Deciding,
  request: RequestRow,
  saying: Saying,
  fills: boolean,
): Promise<boolean> {
  const { actor, said } = saying;
  const givers: Actor[] = fills ? [actor, ...said] : [actor];
  let isWaiting = false;
  let refusal: unknown;
  for (const giver of givers)
    try {
      await give(act, request, giver, saying);
      return true;
    } catch (error) {
      const isMissing = lacksOthers(error) && (await isAwaited(act, request, actor.party));
      // A filler alone could not give it.
      const isNotGivers = fills && error instanceof Fault && error.code === 'AM-00028';
      if (isMissing) isWaiting = true;
      else if (!isNotGivers) refusal ??= error;
    }
  if (!isWaiting && refusal) throw refusal;
  return false;
}

interface Choosing {
  actor: Actor;
  only: GivenPart;
  /** Whether the actor fills a place among those who give it. */
  fills: boolean;
}

/**
 * The part, until the end that the giver chose; AM.VLD-00022 for one that has passed, is later than
 * was asked for, or to which others have not said yes.
 */
function untilSooner(
  request: RequestRow,
  { part, isWhole }: Pick<Chosen, 'part' | 'isWhole'>,
  sooner: Date | null,
  now: Date,
): Omit<Chosen, 'latest'> {
  const { validTo } = request;
  const isOthers = freshYeses(request, now).length > 0;
  if (sooner && (isOthers || sooner <= now || (validTo && sooner > validTo)))
    throw invalid(['AM.VLD-00022', '/validTo']);
  const isShorter = sooner !== null && sooner.getTime() !== validTo?.getTime();
  return { part, sooner, isWhole: isWhole && !isShorter };
}

async function partToGive(
  act: Deciding,
  request: RequestRow,
  { actor, only, fills }: Choosing,
): Promise<Pick<Chosen, 'part' | 'isWhole'>> {
  const { from, resource, instance, package: code } = request;
  if (code !== null) {
    const [check] = await checkPackages(act, actor, from, [code]);
    if (!check!.result && !check!.withheld && !fills) throw problem('AM-00028');
    return { part: null, isWhole: true };
  }
  const check = await checkResource(act, actor, { from, resource: resource!, instance });
  // The first yes fixes the part, and later ones answer that.
  const yeses = freshYeses(request, act.now);
  const whole = request.actions ?? check?.rights.map(({ action }) => action) ?? [];
  const wanted = yeses[0]?.actions ?? whole;
  if (only?.some((action) => !wanted.includes(action))) throw problem('AM-00036');
  const actions = [...new Set(only ?? wanted)].filter((action) =>
    check?.rights.some(
      (right) => right.action === action && (right.result || right.withheld || fills),
    ),
  );
  const isLess = actions.length < new Set(yeses.length ? wanted : only).size;
  if (!actions.length || isLess) throw problem('AM-00028');
  return { part: actions, isWhole: actions.length === new Set(whole).size };
}

interface Saying extends Chosen {
  actor: Actor;
  /** The yeses of others that stand. */
  said: RightYes[];
}

/** Gives it by one of those who say yes to it. */
async function give(
  act: Deciding,
  request: RequestRow,
  giver: Actor,
  { actor, part, sooner, latest, isWhole, said }: Saying,
) {
  const step = {
    from: ['pending' as const],
    by: actor.party,
    type: 'right_approved' as const,
  };
  const all = [actor, ...said].map(({ party }) => party);
  const gift = giftAsked(
    { ...request, validTo: sooner ?? earlier(request.validTo, latest) },
    part,
    all.filter((party) => party !== giver.party),
  );
  const authority = asActor({ party: giver.party, level: giver.level });
  const to = isWhole ? 'approved' : 'partly';
  if (part === null) {
    await givePackage(act, authority, gift, request.package!, (inner) =>
      move(inner, request, { ...step, to }),
    );
    return;
  }
  await giveRights(act, authority, gift, 'add', (inner) =>
    move(inner, request, { ...step, to, actions: part }),
  );
}

/** The earlier of two ends; a right without one has none. */
const earlier = (one: Date | null, other: Date | null): Date | null =>
  one && other ? (one < other ? one : other) : (one ?? other);

/** Notifies the others whose yes to an offer counts, or was said, of how it was answered. */
async function tellAnswered(act: Deciding, request: RequestRow, by: string): Promise<void> {
  if (!request.offered) return;
  const said = request.yeses.map(({ party }) => party);
  const others = new Set([...(await findAwaited(act, request)), ...said]);
  others.delete(by);
  await notify(act, [...others], { type: 'right_offer_answered', requestId: request.id, by });
}

/** AM-00028 for one who may not say no. */
export async function rejectRight(
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<RequestRow> {
  return inTransaction(act, async (inner) => {
    await lockRequest(inner.db, request.id);
    const current = await mustFindRequest(inner, request.id);
    await mustBeAsked(inner, current, actor);
    if (!(await maySay(inner, current, actor)))
      throw problem('AM-00028', { because: 'others’ to answer' });
    const step = { from: ['pending' as const], to: 'rejected' as const, by: actor.party };
    await move(inner, current, { ...step, type: 'right_rejected' });
    await tellAnswered(inner, current, actor.party);
    return mustFindRequest(inner, current.id);
  });
}

/**
 * Keeps why the actor said no, from a list, for the asker to read. AM.VLD-00036 for one who has
 * said why, or did not say no.
 */
export const explainNo = (
  act: Deciding,
  request: RequestRow,
  actor: Actor,
  reason: NoReason,
): Promise<void> =>
  inTransaction(act, async (inner) => {
    const { party: by } = actor;
    if (!(await standsIn(inner, actor, request, 'from'))) throw problem('AM-00031');
    if (!(await keepReason(inner.db, { id: request.id, by, reason })))
      throw invalid(['AM.VLD-00036', '/status']);
    await record(inner, request, { type: 'right_no_explained', by, detail: { reason } });
  });

/** Keeps a yes, of which those who must say one too are notified. */
async function keep(act: Deciding, request: RequestRow, { actor, part, said }: Saying) {
  const { id } = request;
  const { party: by, level } = actor;
  if (!(await keepRightYes(act, { id, by, level, actions: part }))) return;
  const detail = part ? { actions: part } : {};
  await record(act, request, { type: 'right_yes', by, detail });
  // The first yes notifies the others, each once.
  const awaited = said.length ? [] : await findAwaited(act, request);
  const others = awaited.filter((one) => one !== by);
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
      await tellAnswered(inner, request, by);
    } else await record(inner, request, { type: 'right_yes_taken_back', by, detail: {} });
    return mustFindRequest(inner, id);
  });
