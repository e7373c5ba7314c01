// Mandates that no receiver accepted in time: they fall, and give their place to what is given
// anew. It knows no HTTP.
import { type Act, inTransaction } from '../../platform/act.ts';
import { endAll } from '../end/end.ts';
import { holdUnanswered, holdUnansweredBetween } from './accept_store.ts';

const UNANSWERED = { by: null, type: 'ended', unanswered: true } as const;

/** Ends what no receiver accepted in time, and notifies the givers; answers how much. */
export const endUnanswered = (act: Act): Promise<number> =>
  inTransaction(act, async (inner) => endFallen(inner, await holdUnanswered(inner)));

/** The same, of what one party sent another. Call it in a transaction. */
export const endUnansweredBetween = async (act: Act, from: string, to: string): Promise<number> =>
  endFallen(act, await holdUnansweredBetween(act, from, to));

const endFallen = async (act: Act, fallen: { id: string }[]): Promise<number> =>
  fallen.length ? endAll(act, fallen, UNANSWERED) : 0;
