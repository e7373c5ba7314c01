// Answering: approve, reject, withdraw. Each is one statement with its event inside, guarded in
// SQL, and harmless when repeated or when another answer comes at the same moment. It knows no HTTP
// and no page.
import type { Deciding } from '../../decision/act.ts';
import { again } from '../../platform/act.ts';
import { approvalEvents } from './approve_store.ts';
import {
  rejectConsent,
  renounceConsent,
  takeBackConsent,
  withdrawConsent,
} from './answer_store.ts';
import { hasSaidYes, withChoice, type Consent } from '../model.ts';
import { effectiveStatus, isOpenStatus, isStanding } from '../status_model.ts';
import { problem, type ProblemCode } from '../problems.ts';
import { answerOf, mustPermit } from './leave.ts';
import { isChildsToRead } from './passing.ts';
import { approveReplacing, mustLastUses, mustReplace, replacedRow } from './replacing.ts';
import { approveTogether, takeYesBack } from './together.ts';
import { toldAll, toldOfYes, type AnswerTold } from './told_model.ts';
import {
  asApproved,
  chosenOf,
  expired,
  limitedTo,
  mustBeGiven,
  placesLeftOut,
  type Yes,
} from './yes_model.ts';
import {
  bars,
  GONE,
  seenBy,
  type Answerer,
  type MayAnswer,
  type Permitted,
} from '../basis/standing.ts';
import { cannotAnswer } from '../basis/store.ts';
import { isShownEnded } from '../basis/veil_model.ts';
import { findConsent } from '../find.ts';

/** Whether it was given, and how it stands, where that need not be read again. */
export interface YesSaid {
  isGiven: boolean;
  consent?: Consent | undefined;
}

/**
 * Approves a request as it was read: state, mandate, the choice, what was shown, and the event, in
 * one statement, which is the guard. Where several answer, it is given by the last. 403, 401,
 * AM-00002 when that cannot be, STD-00000 for a choice that is none of this request.
 */
export async function approve(
  act: Deciding,
  consent: Consent,
  person: Answerer,
  yes: Yes,
): Promise<YesSaid> {
  const { chosen = [], shown } = yes;
  const answer = await answerOf(act, consent, person);
  if (consent.fallen && (answer.permit || GONE.includes(answer.reason)))
    throw problem('AM-00002', { members: answer.permit ? { consent_reason: consent.fallen } : {} });
  mustPermit(answer);
  if (consent.state === 'approved') return { isGiven: mustBeGiven(consent, person.party, yes) };
  if (consent.state !== 'requested') throw problem('AM-00002');
  if (consent.validTo <= act.now) throw expired();
  if (answer.part || consent.awaiting || consent.answerBy || consent.pair)
    return { isGiven: await approveTogether(act, consent, person, yes) };
  const { id } = consent;
  const given = limitedTo(chosenOf(consent, chosen), yes.uses);
  const replacing = await mustReplace(act, consent, person, yes.mayBeAlone === true);
  mustLastUses(given, replacing, yes);
  const text = shown(given, replacing?.old, consent);
  const by = person.party;
  const { tell, toldOfEnd } = toldOfYes(given, by, act.now, replacing?.old);
  const leftOut = placesLeftOut(given);
  const write = async (at: Deciding, { basis, role }: Permitted): Promise<YesSaid | undefined> => {
    const events = approvalEvents(at.now);
    const isDone = await approveReplacing(
      at,
      {
        id,
        by,
        role: role ?? null,
        basis,
        leftOut,
        uses: given.useLimit,
        replaced: replacing ? replacedRow(replacing) : null,
        shown: text,
        tell,
        at: at.now,
        ...events,
      },
      toldOfEnd,
    );
    if (!isDone) return undefined;
    // A giver's own yes is known whole: what it replaces may have had uses, and others have a role.
    const isKnown = by === consent.from.id && !replacing;
    const { eventId } = events;
    return {
      isGiven: true,
      consent: isKnown ? asApproved(consent, given, { eventId, at: at.now }) : undefined,
    };
  };
  // The whole must be the answerer's to answer; the answer rests on what was chosen.
  const resting = async (at: Deciding, one: Consent, whole: MayAnswer): Promise<Permitted> => {
    mustPermit(whole);
    if (!leftOut.length || one.state !== 'requested') return whole;
    const part = await answerOf(at, withChoice(one, chosen), person);
    mustPermit(part);
    return part;
  };
  const done = await write(act, await resting(act, consent, answer));
  if (done) return done;
  // Something of what it rested on may be gone: refused without the rest, else given on that.
  const later = again(act);
  const current = (await findConsent(later, id))!;
  if (replacing && current.state === 'requested')
    await mustReplace(later, current, person, false, replacing.narrowedAt);
  const anew = await resting(later, current, await answerOf(later, current, person));
  if (anew.part || current.awaiting || current.pair)
    return { isGiven: await approveTogether(later, current, person, yes) };
  // Capacity is asked of whoever answers for another, a firm too, when that person answers.
  if (await cannotAnswer(later, id, by)) mustPermit(bars('no_capacity'));
  const doneLater = await write(later, anew);
  if (doneLater) return doneLater;
  const after = (await findConsent(later, id))!;
  if (after.state === 'approved') return { isGiven: mustBeGiven(after, person.party, yes) };
  if (after.state !== 'requested') throw problem('AM-00002');
  if (after.validTo <= later.now) throw expired();
  throw problem(replacing ? 'TIL-00048' : 'AM-00002');
}

/** Rejects; allowed also after `validTo`. */
export const reject = (act: Deciding, consent: Consent, person: Answerer): Promise<void> =>
  judged(act, consent, 'AM-00015', async (at, one) => {
    const answer = await answerOf(at, one, person);
    // A child who is too young to say yes may say no.
    const isTooYoung = !answer.permit && answer.barred?.why === 'under_age';
    const isChilds = isTooYoung && isChildsToRead(one, person, at.now);
    if (!isChilds) mustPermit(answer);
    const { id, state } = one;
    if (state === 'rejected') return true;
    const by = person.party;
    const tell = toldAll('consent_refused', one, by, at.now);
    const { role = null, mandates } = answer.permit
      ? { role: answer.role, mandates: answer.basis.mandates }
      : { mandates: [] };
    return rejectConsent(at, { id, by, role, mandates, tell });
  });

/** Withdraws: the next redemption, refresh and introspection are refused. */
export const withdraw = (act: Deciding, consent: Consent, reader: Answerer): Promise<void> =>
  judged(act, consent, 'AM-00010', async (at, one) => {
    const seen = await seenBy(at, one, reader);
    if (!seen?.isWhole) throw problem('AM-00000');
    const { id, state } = one;
    if (hasSaidYes(one, reader.party)) return takeYesBack(at, one, reader.party);
    // To withdraw what has ended unseen would show that it had not.
    if (state === 'withdrawn' || isShownEnded(one, reader.party, at.now)) return true;
    const by = reader.party;
    const tell = toldAll('consent_withdrawn', one, by, at.now);
    return withdrawConsent(at, { id, by, role: null, mandates: seen.mandates, tell });
  });

/** The act by which an asker ends a request. */
export type EndedBy = 'taken_back' | 'renounced';

/**
 * Ends a request for its asker: one that waits is taken back, one that holds is renounced; again
 * does nothing. AM-00010 for any other. Answers what it did.
 */
export async function endForAsker(
  act: Deciding,
  consent: Consent,
  by: string,
): Promise<EndedBy | undefined> {
  let done: EndedBy | undefined;
  const end = async (at: Deciding, one: Consent): Promise<boolean> => {
    const { id, state, from, answeredBy, portalViewMode } = one;
    if (state === 'deleted' || (state === 'withdrawn' && one.fallen === 'receiver')) return true;
    const status = effectiveStatus(one, at.now);
    const told = (type: AnswerTold['type'], parties: string[]): AnswerTold[] => [{ type, parties }];
    if (isOpenStatus(status)) {
      // Nobody was notified of one that comes by link.
      const tell = told('consent_taken_back', portalViewMode === 'show' ? [from.id] : []);
      const isBack = await takeBackConsent(at, { id, by, tell });
      if (isBack) done = 'taken_back';
      return isBack;
    }
    if (!isStanding(status)) throw problem('AM-00010');
    const parties = [from.id, ...(answeredBy ? [answeredBy.id] : [])];
    const tell = told('consent_renounced', parties);
    const isRenounced = await renounceConsent(at, { id, by, tell });
    if (isRenounced) done = 'renounced';
    return isRenounced;
  };
  // While it waits the person may approve it, and then another call of the asker may renounce it.
  await judged(act, consent, 'AM-00010', end, 3);
  return done;
}

/**
 * Another may have answered first, or what the answer rested on may have ended meanwhile: it is
 * judged again, by what holds then, and refused when the last time does not do it either.
 */
export async function judged(
  act: Deciding,
  consent: Consent,
  code: ProblemCode,
  answer: (act: Deciding, consent: Consent) => Promise<boolean>,
  times = 2,
): Promise<void> {
  if (await answer(act, consent)) return;
  if (times === 1) throw problem(code);
  const later = again(act);
  await judged(later, (await findConsent(later, consent.id))!, code, answer, times - 1);
}
