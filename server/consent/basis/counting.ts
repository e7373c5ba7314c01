// How many consents a person may read of each party: many that are alike are judged by one. It
// knows no HTTP and no page.
import type { Deciding } from '../../decision/act.ts';
import { countAlike } from '../own/list_store.ts';
import { findConsents } from '../find.ts';
import { isChildsOwn, isShared } from './own_model.ts';
import { mayAmong } from './among.ts';

export type ConsentCounts = Record<'active' | 'waiting' | 'soon', number>;

/**
 * How many consents of each party are active and end within thirty days, and how many requests wait
 * in the portal, of those a person may read.
 */
export async function countReadable(
  act: Deciding,
  parties: string[],
  person: string,
): Promise<(party: string) => ConsentCounts> {
  const groups = await countAlike(act, { parties, viewer: person });
  const ids = groups.map(({ id }) => id);
  const found = ids.length ? await findConsents(act, ids) : [];
  const samples = new Map(found.map((one) => [one.id, one]));
  const isOpen = await mayAmong(act, found, person);
  const byParty = Map.groupBy(groups, (one) => one.party);
  return (party) => {
    const sum = { active: 0, waiting: 0, soon: 0 };
    for (const { id, waiting, active, soon, own } of byParty.get(party) ?? []) {
      const sample = samples.get(id);
      const mayAnswer = sample && isOpen(sample);
      const isOwn = sample && isChildsOwn(sample, person, act.now);
      const mayRead =
        (mayAnswer && !isOwn) || party === person || (sample && isShared(sample, person, act.now));
      sum.active += mayRead ? active : own;
      sum.waiting += mayAnswer ? waiting : 0;
      sum.soon += mayRead ? soon : 0;
    }
    return sum;
  };
}
