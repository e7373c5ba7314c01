// Asking several givers for several packages at once: each request stands by itself, so the one who
// asks is answered by giver and package. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { Fault } from '../platform/errors.ts';
import { askForRight, checkAsked, type WantedRight } from './commands.ts';
import { findOpenRequest } from './store.ts';

/** How one of several requests stands: it may be sent, waits already, or may not be made. */
export type AskState = { may: true } | { waits: string } | { why: Fault };

/** How each stands now, in their order; nothing is sent. */
export const standingOfEach = (act: Deciding, wanted: WantedRight[]): Promise<AskState[]> =>
  Promise.all(
    wanted.map(async (one): Promise<AskState> => {
      const waiting = await findOpenRequest(act.db, one);
      if (waiting) return { waits: waiting.id };
      return orWhy(async () => {
        await checkAsked(act, one);
        return { may: true };
      });
    }),
  );

/**
 * Sends each that may be sent, one after the other: one that may not keeps no other back. The same
 * again, while it waits, is the same request.
 */
export async function askEach(act: Deciding, wanted: WantedRight[]): Promise<AskState[]> {
  const states: AskState[] = [];
  for (const one of wanted)
    states.push(await orWhy(async () => ({ waits: (await askForRight(act, one, 'pending')).id })));
  return states;
}

/** A fault that is not about the one request is thrown: a stronger login, or nothing works now. */
async function orWhy(ask: () => Promise<AskState>): Promise<AskState> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Fault) || error.status === 401 || error.status >= 500) throw error;
    if (error.code === 'TIL-00007') throw error;
    return { why: error };
  }
}
