// "This was not me", of everything: suspends all that one party has given another, powers of
// attorney and consents alike, in one act. Each is resumed by itself.
import type { Deciding } from '../decision/act.ts';
import { inTransaction } from '../platform/act.ts';
import { isOneself } from '../caller/model.ts';
import { tellSuspended } from '../consent/own/suspend.ts';
import { wholeAmong } from '../consent/basis/among.ts';
import { shownToGiver } from '../consent/basis/suspendable.ts';
import { isShownEnded } from '../consent/basis/veil_model.ts';
import type { Consent } from '../consent/model.ts';
import { findConsents } from '../consent/find.ts';
import { mayAdminister, type Actor } from '../delegation/authority.ts';
import { tellSuspension } from '../delegation/end/change.ts';
import { listBetween, suspendLive } from '../mandate/store.ts';
import { fault } from '../platform/errors.ts';

export interface TwoParties {
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
  act: Deciding,
  actor: Actor,
  { from, to }: TwoParties,
): Promise<{
  mandates: string[];
  consents: { id: string; consent: Consent }[];
  /** The part that is suspended already. */
  suspended: { mandates: string[]; consents: Consent[] };
}> {
  const isGiver = isOneself(actor, from);
  if (!isGiver && !(await mayAdminister(act, actor, from, 'access')))
    throw fault('TIL-00008', { because: 'not the giver' });
  const given = await listBetween(act, from, to);
  const ids = given.flatMap(({ consentId }) => consentId ?? []);
  const found = ids.length ? await findConsents(act, ids) : [];
  const mine = isGiver
    ? found
    : (await wholeAmong(act, found, actor)).filter(
        (consent) => !isShownEnded(consent, actor.party, act.now),
      );
  const each = new Map(mine.map((consent) => [consent.id, consent]));
  const part = (wanted: boolean) => {
    const some = given.filter(({ isSuspended }) => isSuspended === wanted);
    return {
      mandates: some.filter(({ consentId }) => consentId === null).map(({ id }) => id),
      consents: some.flatMap(({ id, consentId }) => {
        const consent = each.get(consentId ?? '');
        return consent ? [{ id, consent }] : [];
      }),
    };
  };
  const { mandates, consents } = part(true);
  return {
    ...part(false),
    suspended: { mandates, consents: consents.map(({ consent }) => consent) },
  };
}

/** Suspends it; answers how much was not suspended before. */
export const suspendAll = (
  act: Deciding,
  actor: Actor,
  { from, to }: TwoParties,
): Promise<Suspended> => {
  return inTransaction(act, async (inner) => {
    const { mandates, consents } = await findLive(inner, actor, { from, to });
    const ids = [...mandates, ...consents.map(({ id }) => id)];
    const rows = await suspendLive(inner, { from, to, ids }, actor.party);
    const suspended = new Set(rows.map(({ id }) => id));
    const stopped = mandates.filter((id) => suspended.has(id));
    const paused = consents.filter(({ id }) => suspended.has(id)).map(({ consent }) => consent);
    const by = actor.party;
    await tellSuspension(
      inner,
      stopped.map((id) => ({ id, from, to })),
      { by, suspended: true },
    );
    await tellSuspended(inner, paused, by, 'suspended');
    // A giver from whom a law hides a consent does not learn of it by the number.
    const told = isOneself(actor, from) ? shownToGiver(paused, inner.now) : paused;
    return { mandates: stopped.length, consents: told.length };
  });
};
