// Sees who hears of each notice outside the inbox, by which channel and when. It sends nothing.
import { type Act, inTransaction } from '../platform/act.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { GoesOn } from '../platform/job.ts';
import { plansOf } from './model.ts';
import { putDeliveries, takeUntold, type NewNoticeDelivery, type TakenNotice } from './store.ts';

const AT_ONCE = 500;

/** Sees to what is untold, a lot at a time. */
export async function spreadNotices(newAct: () => Act, goesOn: GoesOn): Promise<void> {
  while (goesOn()) {
    const count = await inTransaction(newAct(), async (act) => {
      const taken = await takeUntold(act, AT_ONCE);
      await putDeliveries(act, deliveriesOf(taken, act.now));
      return taken[0]?.count ?? 0;
    });
    if (count < AT_ONCE) return;
  }
}

/** Their deliveries, one for all that say the same to a person by a channel. */
function deliveriesOf(taken: TakenNotice[], now: Date): NewNoticeDelivery[] {
  const plans = taken
    .filter(({ isKnown }) => !isKnown)
    .flatMap((notice) =>
      plansOf(notice, { now, lastSent: notice.lastSent }).map((plan) => ({ ...plan, notice })),
    );
  const each = Map.groupBy(plans, ({ person, channel, kind }) => `${person} ${channel} ${kind}`);
  return [...each.values()].map((same) => ({
    id: uuidv7(now),
    ...(({ person, channel, kind }) => ({ person, channel, kind }))(same[0]!),
    notices: same.map(({ notice }) => notice.id),
    dueAt: new Date(Math.min(...same.map(({ dueAt }) => dueAt.getTime()))),
  }));
}
