// Asking several givers for several packages at once: each request stands by itself, so the one who
// asks is answered by giver and package. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { isOfAll } from '../platform/all_or_none.ts';
import { Fault } from '../platform/errors.ts';
import { askForRight, checkAsked, type WantedRight } from './commands.ts';
import { findOpenRequest } from './store.ts';

/** How one of several requests stands: it may be sent, waits already, or may not be made. */
export type AskState = { may: true } | { waits: string } | { why: Fault };

/** How each stands now, in their order; nothing is sent. */
export const standingOfEach = (act: Deciding, wanted: WantedRight[]): Promise<AskState[]> =>
  Promise.all(
    wanted.map(async (one): Promise<AskState> => {
      const waiting = await findOpenRequest(act, one);
      if (waiting) return { waits: waiting.id };
      const why = await faultOf(checkAsked(act, one));
      return why ? { why } : { may: true };
    }),
  );

/**
 * Sends each that may be sent, one after the other: one that may not keeps no other back. The same
 * again, while it waits, is the same request.
 */
export async function askEach(act: Deciding, wanted: WantedRight[]): Promise<void> {
  for (const one of wanted) await faultOf(askForRight(act, one, 'pending'));
}

/** Why the one request may not be made; a fault that holds for all is thrown. */
async function faultOf(asked: Promise<unknown>): Promise<Fault | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault) || isOfAll(error)) throw error;
    return error;
  }
}
