// Notifies those who gave a package when it comes to open a service of another kind: what they gave
// lets its receiver do more than before.
import { type Act, inTransaction } from '../platform/act.ts';
import { listGivers, MOST_ENDS } from '../mandate/ending_store.ts';
import { notifyEach } from '../notice/store.ts';
import type { GoesOn } from '../platform/job.ts';
import { keepReached, takeGrowth } from '../resource/policy/growth_store.ts';

/** Notifies a lot of givers; false where no package has any left. */
const tellLot = (act: Act): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    const growth = await takeGrowth(inner);
    if (!growth) return false;
    const givers = await listGivers(inner, growth.package, growth.reached);
    await notifyEach(
      inner,
      givers.map(({ from, id }) => ({ type: 'mandate_grows', mandateId: id, parties: [from] })),
    );
    const isMore = givers.length === MOST_ENDS;
    await keepReached(inner, growth, isMore ? givers.at(-1)!.from : undefined);
    return true;
  });

/** Notifies every giver of every package that has grown, as long as the job goes on. */
export async function tellGrown(newAct: () => Act, goesOn: GoesOn): Promise<void> {
  while (goesOn() && (await tellLot(newAct())));
}
