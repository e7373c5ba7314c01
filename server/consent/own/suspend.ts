// Suspending a consent («this was not me», «not now») and resuming it. Neither is in the contract's
// feed.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction, type Act } from '../../platform/act.ts';
import { insufficientLevel, isOneself } from '../../caller/model.ts';
import { notifyEach } from '../../notice/store.ts';
import { appendEvents } from '../../event/store.ts';
import { suspendConsentMandate } from '../../mandate/store.ts';
import { eventParties, type Consent } from '../model.ts';
import { problem } from '../problems.ts';
import { isGiversOwn } from '../basis/own_model.ts';
import { mayAnswer, seenBy, type Answerer } from '../basis/standing.ts';
import { isShownEnded } from '../basis/veil_model.ts';
import { findConsent } from '../find.ts';

type Suspension = 'suspended' | 'resumed';

/**
 * Suspended by the giver, whatever the age, or whoever may approve today, and resumed by who may do
 * more than read; the same again is harmless.
 * AM-00000, AM-00001; AM-00011 of one that has ended, AM-00014 of one that was never given.
 */
export async function setSuspended(
  act: Deciding,
  id: string,
  answerer: Answerer,
  how: Suspension,
): Promise<Consent> {
  return inTransaction(act, async (inner) => {
    const consent = await findConsent(inner, id);
    if (!consent) throw problem('AM-00001');
    await mustBeLet(inner, consent, answerer, how);
    if (['requested', 'rejected', 'deleted'].includes(consent.state)) throw problem('AM-00014');
    if (consent.state === 'withdrawn' || consent.fallen) throw problem('AM-00011');
    const { party: person } = answerer;
    // To others one may have fallen before its last day, unless it was used.
    if (isShownEnded(consent, person, inner.now)) throw problem('AM-00011');
    const at = how === 'suspended' ? inner.now : null;
    if (await suspendConsentMandate(inner.db, id, at, at && person))
      await tellSuspended(inner, [consent], person, how);
    return (await findConsent(inner, id))!;
  });
}

async function mustBeLet(
  act: Deciding,
  consent: Consent,
  answerer: Answerer,
  how: Suspension,
): Promise<void> {
  // The giver suspends whatever the age, and resumes what they could end.
  const isAbout = isOneself(answerer, consent.from.id);
  if (isAbout && (how === 'suspended' || isGiversOwn(consent, act.now))) return;
  const seen = await seenBy(act, consent, answerer);
  // A caller who sees nothing of it gets the answer for one that does not exist.
  if (!seen) throw problem('AM-00001');
  // Suspending is for whoever may see the whole; to let it go on takes what approving takes.
  if (!(how === 'suspended' ? seen.isWhole : await mayResume(act, consent, answerer)))
    throw problem('AM-00000');
}

/** Whether another than the giver may resume it, as for approving; 401 for too low a level. */
async function mayResume(act: Deciding, consent: Consent, answerer: Answerer): Promise<boolean> {
  const answer = await mayAnswer(act, consent, answerer);
  if (answer.reason === 'level') throw insufficientLevel(answer.level!);
  // One of several resumes no more than their own pause, and that of support staff.
  return answer.permit && (!answer.part || [answerer.party, null].includes(consent.suspendedBy));
}

/** Records that consents were suspended or resumed: in their history, and to the giver. */
export async function tellSuspended(
  act: Act,
  consents: Consent[],
  /** Null where support staff did it. */
  person: string | null,
  how: Suspension,
): Promise<void> {
  await appendEvents(
    act,
    consents.map((consent) => ({
      ...{ type: how, ...eventParties(consent), byParty: person },
      ...(person === null ? { detail: { support: true } } : {}),
    })),
  );
  await notifyEach(
    act,
    consents.map(({ id, from }) => ({
      type: `consent_${how}`,
      consentId: id,
      by: person,
      parties: [from.id],
    })),
  );
}
