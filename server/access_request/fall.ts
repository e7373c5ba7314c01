// Requests that wait rest on what a register says of the asker: that she is a lawyer, or works
// there. When it no longer says so they fall, and both sides are notified. What several must give
// falls with the last yes that stands.
import { type Act, inTransaction } from '../platform/act.ts';
import { appendEvents } from '../event/store.ts';
import type { NoticeType } from '../notice/model.ts';
import { notifyEach } from '../notice/store.ts';
import { isQualified } from '../mandate/store.ts';
import { withdrawFallen } from './fall_store.ts';
import type { RequestRow } from './model.ts';

/** Ends what waits and rests on nothing any more; answers how much. */
export const fallRequests = (act: Act): Promise<number> =>
  inTransaction(act, async (inner) => {
    const fallen = await withdrawFallen(inner);
    if (!fallen.length) return 0;
    await appendEvents(
      inner,
      fallen.map(({ id, from, to, verified, offered }) => ({
        ...{ type: 'right_withdrawn' as const, requestId: id, fromParty: from },
        toParty: offered ? from : to,
        ...{ byParty: null, detail: { verified } },
      })),
    );
    await notifyEach(
      inner,
      fallen.map(({ id, from, to, state, offered, said }) => ({
        ...{ type: (offered ? 'right_yes_fell' : 'right_fallen') as NoticeType, requestId: id },
        // A draft is known only to the one it is for, and an offer to those who made it.
        parties: offered ? said : state === 'draft' ? [to] : [from, to, ...said],
      })),
    );
    return fallen.length;
  });

/** Reads the asker's mark: as the register says it now, while the request waits. */
export const markOf = async (
  act: Act,
  { from, to, verified: kind, state }: RequestRow,
): Promise<string | null> =>
  kind === null ||
  !['draft', 'pending'].includes(state) ||
  (await isQualified(act, { party: to, towards: from, kind }))
    ? kind
    : null;
