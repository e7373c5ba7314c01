// Ending what people hold who no longer work for an employer. It knows no HTTP.
import type { Deciding } from '../decision/act.ts';
import { mustAdminister, type Actor } from '../delegation/authority.ts';
import { endAll } from '../delegation/end/end.ts';
import { inTransaction } from '../platform/act.ts';
import { findLeavers } from './store.ts';

/**
 * Ends those of these that people hold who have left, in one act; others are left as they are. For
 * customers by one who administers those. Answers how many ended.
 */
export const endLeft = (
  act: Deciding,
  actor: Actor,
  employer: string,
  ids: string[],
): Promise<number> =>
  inTransaction(act, async (inner) => {
    await mustAdminister(inner, actor, employer, 'access');
    const chosen = await findLeavers(inner, [employer], { ids });
    if (chosen.some(({ for: giver }) => giver !== employer))
      await mustAdminister(inner, actor, employer, 'clients');
    return endAll(inner, chosen, { by: actor.party, type: 'ended' });
  });
