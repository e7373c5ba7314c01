// "This was not me", of everything: suspends all that one party has given another, powers of
// attorney and consents alike, in one act. Each is resumed by itself.
import { isOneself } from '../caller/model.ts';
import { tellSuspended } from '../consent/own/suspend.ts';
import { wholeAmong } from '../consent/basis/standing.ts';
import type { Consent } from '../consent/model.ts';
import { findConsents } from '../consent/store.ts';
import { inTransaction, type DecisionPoint } from '../decision/point.ts';
import { mayAdminister, type Actor } from '../delegation/authority.ts';
import { tellSuspension } from '../delegation/end/change.ts';
import { listBetween, suspendLive } from '../mandate/store.ts';
import { clock } from '../platform/clock.ts';
import { fault } from '../platform/errors.ts';

export interface Between {
  from: string;
  to: string;
}

export interface Suspended {
  mandates: number;
  consents: number;
}

/**
 * The part that the actor may suspend: the giver, and whoever administers for it, everything; the
 * latter only those consents that may be read whole. TIL-00008 for everybody else.
 */
export async function findLive(
  point: DecisionPoint,
  actor: Actor,
  { from, to }: Between,
  now: Date,
): Promise<{
  mandates: string[];
  consents: { id: string; consent: Consent }[];
  /** How much is suspended already. */
  suspended: number;
}> {
  const isGiver = isOneself(actor, from);
  if (!isGiver && !(await mayAdminister(point, actor, from, 'access', now)))
    throw fault('TIL-00008', { because: 'not the giver' });
  const given = await listBetween(point.db, from, to, now);
  const ids = given.flatMap(({ consentId }) => consentId ?? []);
  const found = ids.length ? await findConsents(point.db, ids, now) : [];
  const mine = isGiver ? found : await wholeAmong(point, found, actor.party, now);
  const each = new Map(mine.map((consent) => [consent.id, consent]));
  const seen = given.filter(({ consentId }) => consentId === null || each.has(consentId));
  const live = seen.filter(({ isSuspended }) => !isSuspended);
  return {
    mandates: live.filter(({ consentId }) => consentId === null).map(({ id }) => id),
    consents: live.flatMap(({ id, consentId }) =>
      consentId === null ? [] : [{ id, consent: each.get(consentId)! }],
    ),
    suspended: seen.length - live.length,
  };
}

/** Suspends it; answers how much was not suspended before. */
export const suspendAll = (
  point: DecisionPoint,
  actor: Actor,
  { from, to }: Between,
): Promise<Suspended> => {
  const now = clock.now();
  return inTransaction(point, async (inner, trx) => {
    const { mandates, consents } = await findLive(inner, actor, { from, to }, now);
    const ids = [...mandates, ...consents.map(({ id }) => id)];
    const rows = await suspendLive(trx, { from, to, ids }, actor.party, now);
    const suspended = new Set(rows.map(({ id }) => id));
    const stopped = mandates.filter((id) => suspended.has(id));
    const paused = consents.filter(({ id }) => suspended.has(id)).map(({ consent }) => consent);
    const by = actor.party;
    await tellSuspension(
      trx,
      stopped.map((id) => ({ id, from, to })),
      { by, suspended: true },
      now,
    );
    await tellSuspended(trx, paused, by, 'suspended', now);
    return { mandates: stopped.length, consents: paused.length };
  });
};
