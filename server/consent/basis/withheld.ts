// Mandates and consents that stay, and do not hold for a while: a court has taken a capacity, a
// register a qualification, or somebody suspended a link of the chain. Decisions and tokens follow
// at that very instant; here it becomes an event, for the streams.
import { appendEvents, type NewEvent, type NewMandateEvent } from '../../event/store.ts';
import { followWithheld, type FollowedMandate } from '../../mandate/withheld_store.ts';
import type { Act } from '../../platform/act.ts';
import { repeatChanges, type BasisChange } from './change_store.ts';
import { followWithheldConsents, type FollowedConsent } from './withheld_store.ts';

const MILLIS_TILL_FREE = 1_000;

/** Stores what does not hold by some changes, or holds again; answers whether there may be more. */
export async function storeWithheld(
  act: Act,
  changes: BasisChange[],
  most: number,
): Promise<boolean> {
  const parties = changes.flatMap(({ party }) => party ?? []);
  const mandates = changes.flatMap(({ mandate }) => mandate ?? []);
  if (!parties.length && !mandates.length) return false;
  const given = await followWithheld(act, { parties, mandates }, most);
  const consents = await followWithheldConsents(act, { parties, mandates }, most);
  await appendEvents(act, [
    ...given.filter(({ isHeld }) => !isHeld).flatMap(eventsOfMandate),
    ...consents.filter(({ isHeld }) => !isHeld).map(eventOfConsent),
  ]);
  const held = [
    ...given.filter(({ isHeld }) => isHeld).map(({ id }) => id),
    ...consents.filter(({ isHeld }) => isHeld).flatMap(({ mandate }) => mandate ?? []),
  ];
  const again = new Date(act.now.getTime() + MILLIS_TILL_FREE);
  if (held.length) await repeatChanges(act, held.map(ofMandate), again);
  return given.length === most || consents.length === most;
}

const ofMandate = (mandate: string): BasisChange => ({
  ...{ mandate, party: null, resource: null, role: null },
});

const eventsOfMandate = ({ id, from, to, ...services }: FollowedMandate) =>
  (['withheld', 'released'] as const)
    .filter((type) => services[type].length)
    .map((type): NewMandateEvent => {
      const detail = { services: services[type] };
      return { type, mandateId: id, fromParty: from, toParty: to, byParty: null, detail };
    });

const eventOfConsent = ({ id, from, to, handledBy, withheld }: FollowedConsent): NewEvent => ({
  ...{ type: withheld ? 'withheld' : 'released', consentId: id },
  ...{ fromParty: from, toParty: to, handledBy },
});
