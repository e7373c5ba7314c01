// The yeses that were said before another: each is asked anew, and one that nothing lets stand any
// more is dropped. The caller holds the request's row.
import type { Deciding } from '../../decision/act.ts';
import { notifyEach } from '../../notice/store.ts';
import { mayAnswer, type Permitted } from '../basis/standing.ts';
import { cannotAnswer } from '../basis/store.ts';
import { asFixed, type Consent } from '../model.ts';
import { shownText, textHash } from '../text.ts';
import type { SaidYes } from './progress.ts';
import { besideIn, replacingOf } from './replacing.ts';
import { dropYeses, readYeses, reopen, type YesRow } from './yes_store.ts';

/** Earlier yeses, each asked anew: those that stand, and those that nothing lets stand any more. */
export async function earlierYeses(
  act: Deciding,
  one: Consent,
): Promise<{ kept: SaidYes[]; dropped: string[] }> {
  // Nobody else's of a giver with a protected address (basis/veil_model.ts).
  const rows = one.awaiting ? await readYeses(act.db, one.id) : [];
  const kept: SaidYes[] = [];
  const dropped: string[] = [];
  for (const row of rows) {
    const answer = await stillSaid(act, one, row);
    if (answer) kept.push({ party: row.party, answer });
    else dropped.push(row.party);
  }
  return { kept, dropped };
}

/**
 * The yeses that stand, after the others were dropped; without any the request is open again, to
 * any part of it.
 */
export async function standingYeses(
  act: Deciding,
  one: Consent,
): Promise<{ kept: SaidYes[]; isReopened: boolean }> {
  const { kept, dropped } = await earlierYeses(act, one);
  await letYesesGo(act, one, dropped);
  const isReopened = dropped.length > 0 && !kept.length;
  if (isReopened) await reopen(act.db, one.id);
  return { kept, isReopened };
}

/** The basis of a yes today, where it is one to the same words. */
async function stillSaid(
  act: Deciding,
  one: Consent,
  { party, level, language, at, hash }: YesRow,
): Promise<Permitted | undefined> {
  const person = { party, level };
  const fixed = asFixed(one);
  const answer = await mayAnswer(act, fixed, person);
  if (!answer.permit || (await cannotAnswer(act, one.id, party))) return undefined;
  const replacing = await replacingOf(act, one, person);
  const text = shownText(fixed, language, at, party, besideIn(replacing));
  return textHash(text) === hash ? answer : undefined;
}

/** Drops yeses, each answerer of which hears of it. */
export async function letYesesGo(act: Deciding, { id }: Consent, dropped: string[]): Promise<void> {
  if (!dropped.length) return;
  await dropYeses(act.db, id, dropped);
  await notifyEach(act, [{ type: 'consent_yes_fell', consentId: id, parties: dropped }]);
}
