// A power of attorney that several must give: it waits for the others as a request does, and is
// given by the last of them.
import { isDeepStrictEqual } from 'node:util';
import type { Deciding } from '../decision/act.ts';
import type { Actor } from '../delegation/authority.ts';
import { invalid, problem } from '../delegation/problems.ts';
import { givenAlready } from '../mandate/given_store.ts';
import type { Inside } from '../delegation/give/begin.ts';
import { inTransaction } from '../platform/act.ts';
import { uuidv7 } from '../platform/ids.ts';
import { approveRight } from './approve.ts';
import { mustFindRequest } from './commands.ts';
import type { RequestRow } from './model.ts';
import { findOpenRequest, insertRequest, type NewRequest } from './store.ts';
import { mustBeGivable } from './yeses.ts';

/** A gift with its terms. */
export type OfferedGift = Pick<
  RequestRow,
  | ('from' | 'to' | 'package' | 'resource' | 'instance')
  | ('actions' | 'validTo')
  | 'mayPassOn'
  | 'subunits'
>;

/**
 * Keeps it with the yes of who offers it. The same that waits already gets that one's yes;
 * TIL-00049 where it waits on other terms, TIL-00026 where it is given.
 */
export const offerRight = (
  act: Deciding,
  actor: Actor,
  gift: OfferedGift,
  inside?: Inside,
): Promise<RequestRow> =>
  inTransaction(act, async (inner) => {
    await inside?.(inner);
    const { package: code, resource, actions, ...terms } = gift;
    if (gift.validTo && gift.validTo <= inner.now) throw invalid(['AM.VLD-00022', '/validTo']);
    const rights = {
      ...terms,
      place: '' as const,
      resource: resource ?? '',
      actions: actions ?? [],
    };
    await mustBeGivable(inner, actor, rights, code);
    // It would be refused to the last of them.
    const already = await givenAlready(inner, gift);
    if (already) throw problem('TIL-00026', { members: { mandate: already.id } });
    const id = uuidv7(inner.now);
    const offered: NewRequest = {
      ...gift,
      id,
      by: actor.party,
      state: 'pending',
      redirectUrl: null,
      verified: null,
      offered: true,
    };
    const isNew = await insertRequest(inner, offered);
    const request = isNew
      ? await mustFindRequest(inner, id)
      : await findOpenRequest(inner, gift, true);
    if (!request || (!isNew && !isSame(request, gift))) throw problem('TIL-00049');
    return approveRight(inner, request, actor, gift.actions);
  });

const isSame = (request: RequestRow, gift: OfferedGift): boolean =>
  request.validTo?.getTime() === gift.validTo?.getTime() &&
  request.mayPassOn === gift.mayPassOn &&
  request.subunits === gift.subunits &&
  isDeepStrictEqual(request.actions?.toSorted(), gift.actions?.toSorted());
