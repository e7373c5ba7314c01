// Passing a request for a right on: by one who may answer it, to another who may, chosen by name.
// The one who asks does not learn of it. It knows no page.
import type { Deciding } from '../decision/act.ts';
import { byId, whoCan } from '../decision/search/search.ts';
import { ADMINISTRATION, mayAdminister, type Actor } from '../delegation/authority.ts';
import { invalid } from '../delegation/problems.ts';
import { notify } from '../notice/store.ts';
import { findParties, type PartyRow } from '../party/store.ts';
import { inTransaction } from '../platform/act.ts';
import { NO_ID } from '../platform/ids.ts';
import { mustFindRequest, record } from './commands.ts';
import type { RequestRow } from './model.ts';
import { wasPassedTo } from './store.ts';
import { lockRequest } from './yes_store.ts';
import { couldAnswer } from './yeses.ts';

/** So many are looked at, and may be chosen among. */
const MOST_RECEIVERS = 50;

/** Whether it waits for whoever gives for the party; an offer goes to those who must say yes. */
const isPassable = ({ state, offered }: RequestRow): boolean => state === 'pending' && !offered;

/**
 * The persons, beside the actor and the one who asks, who administer for the party that is asked;
 * none to an actor who does not. Whether one could give what is asked for is checked of the one
 * that is chosen.
 */
export async function passableTo(
  act: Deciding,
  request: RequestRow,
  actor: Actor,
): Promise<PartyRow[]> {
  if (!isPassable(request) || !(await mayAdminister(act, actor, request.from, 'access'))) return [];
  const where = {
    ...{ action: 'write', resource: ADMINISTRATION.access },
    ...{ from: byId(request.from), level: 4 },
  };
  const wanted = { kinds: ['person'], after: NO_ID, limit: MOST_RECEIVERS };
  const { items } = await whoCan(act, where, wanted);
  const others = items
    .map(({ id }) => id)
    .filter((id) => id !== actor.party && id !== request.to && id !== request.from);
  const found = others.length ? await findParties(act, others) : [];
  // One whose address is protected is named to nobody.
  return found.filter(({ protectedAddress }) => !protectedAddress);
}

/**
 * Sends it to one of those who could give what is asked for, and to nobody twice; AM.VLD-00044
 * for another, as for anybody once it does not wait any more.
 */
export const passRight = (
  act: Deciding,
  { id }: Pick<RequestRow, 'id'>,
  actor: Actor,
  to: string,
): Promise<void> =>
  inTransaction(act, async (inner) => {
    await lockRequest(inner.db, id);
    const request = await mustFindRequest(inner, id);
    const able = await passableTo(inner, request, actor);
    if (!able.some((one) => one.id === to) || !(await couldAnswer(inner, request, to)))
      throw invalid(['AM.VLD-00044', '/to']);
    if (await wasPassedTo(inner.db, id, to)) return;
    const by = actor.party;
    await record(inner, request, { type: 'right_passed_on', by, detail: { to } });
    await notify(inner, [to], { type: 'right_passed_on', requestId: id, by });
  });
