// Gives what has happened out to the streams that hear of it: each event once, with what held after
// it, or with why a stream does not get it. It sends nothing.
import { type Act, inTransaction } from '../platform/act.ts';
import { uuidDerived } from '../platform/ids.ts';
import {
  insertDeliveries,
  takeSignals,
  type NewDelivery,
  type TakenSignal,
} from './delivery_store.ts';
import {
  claimsOf,
  isEnd,
  isState,
  kindAfter,
  kindOfEvent,
  membersOf,
  openedOf,
  type SignalKind,
} from './model.ts';

const AT_ONCE = 500;

/** Gives out what waits, a lot at a time. */
export async function spreadSignals(act: Act): Promise<void> {
  for (let more = true; more; ) {
    const count = await inTransaction(act, async (inner) => {
      const taken = await takeSignals(inner, AT_ONCE);
      await insertDeliveries(inner, taken.flatMap(deliveryOf));
      return taken[0]?.count ?? 0;
    });
    more = count === AT_ONCE;
  }
}

function deliveryOf(taken: TakenSignal): NewDelivery[] {
  const first = kindOfEvent(taken);
  if (taken.stream === null || first === undefined) return [];
  const { services, after } = openedOf(taken.services ?? [], taken.after ?? {});
  const kind = kindAfter(first, after);
  const { eventId, pos, giverId, giverKind } = taken;
  const giver = giverId === null ? null : { id: giverId, isPerson: giverKind === 'person' };
  const said = membersOf({
    ...{ kind, giver, after, reason: taken.reason },
    ...{ requester: taken.requester, services },
  });
  return [
    {
      ...{ stream: taken.stream, eventId, pos, kind, said },
      subject: taken.consent ?? taken.mandate,
      isState: isState(kind),
      dropped: whyDropped(taken, kind),
    },
    ...changesOfTokens(taken, taken.stream),
  ];
}

/** Events of tokens that say what their consent was, each with an id of its own. */
function changesOfTokens(taken: TakenSignal, stream: string): NewDelivery[] {
  const { tokens, consent, eventId, pos, at } = taken;
  const kind = 'token-claims-change';
  return (tokens ?? []).map((token) => ({
    ...{ stream, kind, pos, subject: consent, isState: isState(kind) },
    eventId: uuidDerived(`${kind} ${eventId} ${token.jti}`),
    said: claimsOf(consent!, token, at),
    dropped: whyDropped(taken, kind),
  }));
}

/** Why a stream does not get it; null where it does. */
function whyDropped({ kinds, status, removed }: TakenSignal, kind: SignalKind): string | null {
  if (status === 'disabled') return 'disabled';
  if (kinds !== null && !kinds.includes(kind)) return 'not_asked_for';
  return removed && !isEnd(kind) ? 'subject_removed' : null;
}
