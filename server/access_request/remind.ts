// Reminds those whose yes to a power of attorney is awaited, while others have said theirs.
import type { Deciding } from '../decision/act.ts';
import { notify } from '../notice/store.ts';
import { inTransaction } from '../platform/act.ts';
import { mustFindRequest } from './commands.ts';
import { takeAwaitedRights } from './yes_store.ts';
import { findAwaited } from './yeses.ts';

/** Notifies them a week after the first yes, and once more; answers of how many requests. */
export const remindAwaited = (act: Deciding): Promise<number> =>
  inTransaction(act, async (inner) => {
    const due = await takeAwaitedRights(inner);
    for (const { id } of due) {
      const request = await mustFindRequest(inner, id);
      const said = request.yeses.map(({ party }) => party);
      const missing = (await findAwaited(inner, request)).filter((party) => !said.includes(party));
      await notify(inner, missing, { type: 'right_reminder', requestId: id });
    }
    return due.length;
  });
