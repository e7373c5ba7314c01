// Acts of the operator at the command line, which may lack the secret of the nodes: a node makes
// each an event, and a line of its log.
import { appendHouseEvents } from '../event/store.ts';
import { inTransaction, type Act } from '../platform/act.ts';
import type { Logger } from '../platform/log.ts';
import { takeOperatorActs } from '../platform/operator_store.ts';

/** Logs those that no node has logged. */
export async function logOperatorActs(act: Act, log: Logger): Promise<void> {
  const acts = await inTransaction(act, async (inner) => {
    const taken = await takeOperatorActs(inner);
    const events = taken.map(({ at, command, detail }) => {
      return { type: 'operator_acted' as const, at, detail: { command, ...detail } };
    });
    await appendHouseEvents(inner, events);
    return taken;
  });
  for (const { at, command, detail } of acts)
    log.info({ at, command, detail }, 'an act of the operator');
}
