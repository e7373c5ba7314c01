// Requests that wait rest on what a register says of the asker: that she is a lawyer, or works
// there. When it no longer says so they fall, and both sides are told.
import { appendEvents } from '../event/store.ts';
import { notifyEach } from '../event/notice_store.ts';
import { isQualified } from '../mandate/store.ts';
import { transaction, type Db } from '../platform/db/db.ts';
import { withdrawFallen } from './fall_store.ts';
import type { RequestRow } from './store.ts';

/** Ends what waits and rests on nothing any more; answers how much. */
export const fallRequests = (db: Db, now: Date): Promise<number> =>
  transaction(db, async (trx) => {
    const fallen = await withdrawFallen(trx, now);
    if (!fallen.length) return 0;
    await appendEvents(
      trx,
      fallen.map(({ id, from, to, verified }) => ({
        ...{ type: 'right_withdrawn' as const, requestId: id, fromParty: from, toParty: to },
        ...{ byParty: null, detail: { verified } },
      })),
      now,
    );
    await notifyEach(
      trx,
      fallen.map(({ id, from, to, state }) => ({
        ...{ type: 'right_fallen' as const, requestId: id },
        // A draft is known only to the one it is for.
        parties: state === 'draft' ? [to] : [from, to],
      })),
      now,
    );
    return fallen.length;
  });

/** Reads the asker's mark: as the register says it now, while the request waits. */
export const markOf = async (
  db: Db,
  { from, to, verified: kind, state }: RequestRow,
  now: Date,
): Promise<string | null> =>
  kind === null ||
  !['draft', 'pending'].includes(state) ||
  (await isQualified(db, { party: to, towards: from, kind }, now))
    ? kind
    : null;
