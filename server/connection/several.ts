// Ending, changing and resuming several things that one party has from another, in one act.
import type { Deciding } from '../decision/act.ts';
import { inTransaction } from '../platform/act.ts';
import { allOrNone, type NotDone } from '../platform/all_or_none.ts';
import { withdraw } from '../consent/answer/answer.ts';
import { readable } from '../consent/basis/among.ts';
import { setSuspended } from '../consent/own/suspend.ts';
import type { Consent } from '../consent/model.ts';
import { changeOne, resume, type Change } from '../delegation/end/change.ts';
import { endAll } from '../delegation/end/end.ts';
import type { Actor } from '../delegation/authority.ts';
import { findLive, type TwoParties } from './suspend.ts';

/** Things that one has from another and the actor may end, of which a part is suspended. */
export interface Held {
  mandates: string[];
  consents: Consent[];
  suspended: { mandates: string[]; consents: string[] };
  /** Consents that the actor reads, and that only whoever answered them ends. */
  readOnly: Consent[];
}

/** As `findLive`, and of consents those alone that the actor may end. */
export async function findHeld(act: Deciding, actor: Actor, between: TwoParties): Promise<Held> {
  const { mandates, consents, suspended } = await findLive(act, actor, between);
  const all = [...consents.map(({ consent }) => consent), ...suspended.consents];
  const seen = all.length ? await readable(act, all, actor) : [];
  const shown = seen.filter(({ veiled }) => veiled !== 'whole');
  const endable = shown.filter((one) => !one.isReadOnly);
  const paused = suspended.consents.map(({ id }) => id);
  return {
    mandates: [...mandates, ...suspended.mandates],
    consents: endable,
    readOnly: shown.filter((one) => one.isReadOnly),
    suspended: {
      mandates: suspended.mandates,
      consents: endable.map(({ id }) => id).filter((id) => paused.includes(id)),
    },
  };
}

/**
 * Ends those that were chosen, or all, as far as the actor may end them, with what was passed on
 * through them; again does nothing. Answers how many consents were among them.
 */
export const endSeveral = (
  act: Deciding,
  actor: Actor,
  between: TwoParties,
  chosen: string[] | 'all',
): Promise<{ consents: number }> =>
  inTransaction(act, async (inner) => {
    const held = await findHeld(inner, actor, between);
    const isChosen = (id: string) => chosen === 'all' || chosen.includes(id);
    const mandates = held.mandates.filter(isChosen);
    const consents = held.consents.filter(({ id }) => isChosen(id));
    const type = actor.party === between.to ? 'renounced' : 'ended';
    if (mandates.length)
      await endAll(
        inner,
        mandates.map((id) => ({ id })),
        { by: actor.party, type },
      );
    for (const consent of consents) await withdraw(inner, consent, actor);
    return { consents: consents.length };
  });

/** Changes the terms of each for its giver, or of none; answers those that could not be changed. */
export const changeSeveral = (
  act: Deciding,
  actor: Actor,
  { ids, from }: { ids: string[]; from: string },
  to: Change,
): Promise<NotDone<string>[]> =>
  allOrNone(act, ids, (inner, id) => changeOne(inner, actor, id, to, from));

/** Lets all that is suspended hold again, or nothing; answers what could not be resumed. */
export async function resumeAll(
  act: Deciding,
  actor: Actor,
  between: TwoParties,
): Promise<NotDone<string>[]> {
  const { mandates, consents } = (await findHeld(act, actor, between)).suspended;
  return allOrNone(act, [...mandates, ...consents], (inner, id) =>
    mandates.includes(id)
      ? resume(inner, actor, id, between.from)
      : setSuspended(inner, id, actor, 'resumed'),
  );
}
