// Several who answer together: a yes is kept while others are awaited, and the last one asks each
// earlier one anew before the consent begins. All of it holds the request's row, so that of two
// last yeses at once one sees the other. It knows no HTTP and no page.
import { isDeepStrictEqual } from 'node:util';
import type { Deciding } from '../../decision/act.ts';
import { again, inTransaction } from '../../platform/act.ts';
import { fault } from '../../platform/errors.ts';
import { uuidv7Derived } from '../../platform/ids.ts';
import { lockConsents } from '../ask/replace_store.ts';
import { weakest } from '../basis/model.ts';
import { bars, type Answerer } from '../basis/standing.ts';
import { cannotAnswer } from '../basis/store.ts';
import type { Progress, RestsTogether } from '../../decision/rules/together_model.ts';
import { progressIn, type SaidYes } from './progress.ts';
import { asFixed, hasSaidYes, type Awaiting, type Consent } from '../model.ts';
import { problem, validationProblem } from '../problems.ts';
import { findConsent } from '../find.ts';
import { approvalEvents } from './approve_store.ts';
import { earlierYeses, letYesesGo, standingYeses } from './earlier.ts';
import { answerOf, mustPermit } from './leave.ts';
import {
  besideIn,
  mustLastUses,
  mustReplace,
  replacedRow,
  writeApproval,
  type Replacing,
} from './replacing.ts';
import { othersToHear, toldOfYes, without, type AnswerTold } from './told_model.ts';
import {
  chosenOf,
  expired,
  isSameChoice,
  limitedTo,
  mustBeGiven,
  placesLeftOut,
  type Shown,
  type Yes,
} from './yes_model.ts';
import { keepYes, readShownYes, takeBackYes } from './yes_store.ts';

/**
 * Keeps a yes, or gives the consent where it was the last; answers whether it was given. The same
 * yes again changes nothing. As for `approve`; AM-00002 where others were faster, TIL-00019 where
 * no earlier yes stands any more, and the request is open again.
 */
export async function approveTogether(
  act: Deciding,
  asked: Consent,
  person: Answerer,
  yes: Yes,
): Promise<boolean> {
  const attempt = async (at: Deciding): Promise<boolean> => {
    const done = await inTransaction(at, (inner) => sayYes(inner, asked, person, yes));
    if (done === 'reopened') throw fault('TIL-00019');
    return done;
  };
  try {
    return await attempt(act);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
  }
  try {
    return await attempt(again(act));
  } catch (error) {
    throw error instanceof Lost ? problem(asked.replaces ? 'TIL-00048' : 'AM-00002') : error;
  }
}

/** Something that the answer rests on has ended meanwhile; nothing of the act stays. */
class Lost extends Error {}
const mustBeDone = (isDone: boolean): void => {
  if (!isDone) throw new Lost();
};

/** The request held, with what must not change beside it, and read anew. */
async function held(act: Deciding, { id, replaces, pair }: Consent): Promise<Consent> {
  await lockConsents(act.db, [id, ...(replaces ? [replaces] : []), ...(pair ? [pair.id] : [])]);
  return (await findConsent(act, id))!;
}

/** The state of a request among several: those who have said yes, and how far that goes. */
interface Round {
  one: Consent;
  /** As the first yes fixed it. */
  given: Consent;
  said: SaidYes[];
  progress: Progress;
}

/** Whether it was given; throws `Lost` where it is to be judged anew. */
async function sayYes(
  act: Deciding,
  asked: Consent,
  person: Answerer,
  yes: Yes,
): Promise<boolean | 'reopened'> {
  const one = await held(act, asked);
  const by = person.party;
  if (one.state === 'approved') return mustBeGiven(one, by, yes);
  if (one.state !== 'requested' || one.fallen) throw gone(one);
  if (one.validTo <= act.now) throw expired();
  mustPermit(await answerOf(act, one, person));
  const { kept, isReopened } = await standingYeses(act, one);
  // The person read the part that was fixed, to which no yes is left.
  if (isReopened) return 'reopened';
  const others = kept.filter(({ party }) => party !== by);
  const given = others.length ? laterPart(one, yes) : firstPart(one, yes);
  const answer = await answerOf(act, given, person);
  mustPermit(answer);
  // Capacity is asked of whoever answers for another, a firm too.
  if (await cannotAnswer(act, one.id, by)) mustPermit(bars('no_capacity'));
  const replacing = await mustReplace(act, one, person, yes.mayBeAlone === true);
  mustLastUses(given, replacing, yes);
  const shown = yes.shown(given, besideIn(replacing), asFixed(one));
  const said = [...others, { party: by, answer }];
  const round = { one, given, said, progress: await progressIn(act, given, said) };
  const other = one.pair ? await partnerOf(act, one.pair.id) : undefined;
  if (round.progress.isComplete && (!one.pair || other)) {
    // The other of a pair first: neither begins without the other.
    if (other) mustBeDone(await begin(act, other, undefined));
    mustBeDone(await begin(act, { ...round, shown }, replacing));
    return true;
  }
  // The same yes again changes nothing, though it may have become the last; another comes too late.
  if (kept.length > others.length) {
    const { leftOut, uses } = one.awaiting!;
    if (!isSameChoice(placesLeftOut(given), leftOut) || !isDeepStrictEqual(uses, given.useLimit))
      throw problem('AM-00002');
    return false;
  }
  mustBeDone(await keep(act, { ...round, shown }, person));
  return false;
}

const gone = ({ fallen }: Consent) =>
  problem('AM-00002', { members: fallen ? { consent_reason: fallen } : {} });

type Shows = Round & { shown: Shown };

/** Keeps the last of these yeses, of which those who could answer hear. */
async function keep(
  act: Deciding,
  { one, given, said, progress, shown }: Shows,
  { party: by, level }: Answerer,
): Promise<boolean> {
  const { role = null, basis } = said.at(-1)!.answer;
  const awaiting = awaitingOf(progress, {
    leftOut: placesLeftOut(given),
    uses: given.useLimit,
    since: said.length > 1 ? one.awaiting!.since : +act.now,
  });
  const parties = new Set([one.from.id, by, ...othersToHear(one, act.now, by)]);
  const tell: AnswerTold[] = [{ type: 'consent_awaits', parties: [...parties] }];
  const { mandates } = basis;
  return keepYes(act, { id: one.id, by, role, mandates, tell, awaiting, level, shown });
}

/** Begins the consent with the last of these yeses. */
async function begin(
  act: Deciding,
  { one, given, said, progress, shown }: Shows,
  replacing: Replacing | undefined,
): Promise<boolean> {
  const { id } = one;
  const { party: by, answer } = said.at(-1)!;
  const { role = null, basis } = answer;
  const { tell, toldOfEnd } = toldOfYes(one, by, act.now, replacing?.old);
  const approval = {
    ...{
      id,
      by,
      role,
      leftOut: placesLeftOut(given),
      tell,
      shown,
      at: act.now,
      ...approvalEvents(act.now),
    },
    basis: { ...weakest(said.map((each) => each.answer.basis)), mandates: basis.mandates },
    uses: given.useLimit,
    replaced: replacing ? replacedRow(replacing) : null,
    several: {
      rests: isOfSeveral(progress.rests) ? progress.rests : null,
      expiryEventId: uuidv7Derived(one.askedValidTo, `${id} answered`),
    },
  };
  return writeApproval(act, approval, toldOfEnd);
}

/** Whether there is anything beside the basis of one that it rests on. */
const isOfSeveral = ({ needs, holders, attorneys }: RestsTogether): boolean =>
  needs.length + holders.length + attorneys.length > 0;

/** The other of a pair, where those who must have said yes to it, asked anew. */
async function partnerOf(act: Deciding, id: string): Promise<Shows | undefined> {
  const one = (await findConsent(act, id))!;
  if (one.state !== 'requested' || one.fallen || one.validTo <= act.now) throw gone(one);
  const { kept: said } = await standingYeses(act, one);
  if (!said.length) return undefined;
  const given = asFixed(one);
  const progress = await progressIn(act, given, said);
  const shown = await readShownYes(act.db, id, said.at(-1)!.party);
  return progress.isComplete ? { one, given, said, progress, shown } : undefined;
}

const firstPart = (one: Consent, { chosen = [], uses }: Yes): Consent =>
  limitedTo(chosenOf(one, chosen), uses);

/** Later ones answer what the first chose, and say neither more nor less. */
function laterPart(one: Consent, { chosen, uses }: Yes): Consent {
  const fixed = asFixed(one);
  const held = new Set(fixed.rights.map(({ ordinal }) => ordinal));
  const optional = one.rights.filter((right) => right.optional && held.has(right.ordinal));
  const places = optional.map(({ ordinal }) => ordinal);
  if (chosen && !isSameChoice(chosen, places))
    throw validationProblem([{ code: 'TIL.VLD-00001', path: '/optionalRights' }]);
  if (uses) throw validationProblem([{ code: 'TIL.VLD-00015', path: '/uses' }]);
  return fixed;
}

const awaitingOf = (
  { have, need }: Progress,
  { leftOut, uses, since }: Pick<Awaiting, 'leftOut' | 'uses' | 'since'>,
): Awaiting => ({
  ...{ leftOut, uses, since },
  ...(need === null || need === 1 ? {} : { have, need }),
});

/** Takes back the yes of a person while others are awaited; false where there is none to take. */
export const takeYesBack = (act: Deciding, asked: Consent, by: string): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const one = await held(inner, asked);
    if (!hasSaidYes(one, by)) return false;
    const { kept, dropped } = await earlierYeses(inner, one);
    const rest = kept.filter(({ party }) => party !== by);
    await letYesesGo(inner, one, without(dropped, [by]));
    const awaiting =
      one.awaiting && rest.length
        ? awaitingOf(await progressIn(inner, asFixed(one), rest), one.awaiting)
        : null;
    return takeBackYes(inner, { id: one.id, by, role: null, tell: [], awaiting });
  });
