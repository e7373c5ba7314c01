// Suspending a consent («this was not me», «not now») and resuming it; and that a data source has
// fetched by it. No feed tells of either.
import { insufficientLevel, isOneself } from '../../caller/model.ts';
import type { DecisionPoint } from '../../decision/point.ts';
import { clock } from '../../platform/clock.ts';
import { transaction, type Db } from '../../platform/db/db.ts';
import { notifyEach } from '../../event/notice_store.ts';
import { appendEvents } from '../../event/store.ts';
import { suspendConsentMandate } from '../../mandate/store.ts';
import { eventParties, type Consent } from '../model.ts';
import { problem } from '../problems.ts';
import { mayAnswer, seenBy, type Answerer } from '../basis/standing.ts';
import { findConsent } from '../store.ts';

type Suspension = 'suspended' | 'resumed';

/**
 * By the giver, whatever the age, or whoever may approve today; the same again is harmless.
 * AM-00000, AM-00001; AM-00011 of one that has ended, AM-00014 of one that was never given.
 */
export async function setSuspended(
  point: DecisionPoint,
  id: string,
  answerer: Answerer,
  act: Suspension,
): Promise<Consent> {
  const now = clock.now();
  const consent = await findConsent(point, id, now);
  if (!consent) throw problem('AM-00001');
  const { party: person } = answerer;
  const isGiver = isOneself(answerer, consent.from.id);
  const seen = isGiver ? undefined : await seenBy(point, consent, answerer, now);
  // A caller who sees nothing of it gets the answer for one that does not exist.
  if (!isGiver && !seen) throw problem('AM-00001');
  // Suspending is for whoever may see the whole; to let it go on takes what approving takes.
  const may =
    isGiver ||
    (act === 'suspended' ? seen!.isWhole : await mayResume(point, consent, answerer, now));
  if (!may) throw problem('AM-00000');
  if (consent.state === 'requested' || consent.state === 'rejected') throw problem('AM-00014');
  if (consent.state === 'withdrawn' || consent.fallen) throw problem('AM-00011');
  await transaction(point.db, async (trx) => {
    const at = act === 'suspended' ? now : null;
    if (await suspendConsentMandate(trx, id, at, at && person))
      await tellSuspended(trx, [consent], person, act, now);
  });
  return (await findConsent(point, id, now))!;
}

/** Whether another than the giver may resume it, as for approving; too low a level is told. */
async function mayResume(
  point: DecisionPoint,
  consent: Consent,
  answerer: Answerer,
  now: Date,
): Promise<boolean> {
  const answer = await mayAnswer(point, consent, answerer, now);
  if (answer.reason === 'level') throw insufficientLevel(answer.level!);
  return answer.permit;
}

/** Records that consents were suspended or resumed: in their history, and to the giver. */
export async function tellSuspended(
  trx: Db,
  consents: Consent[],
  person: string,
  act: Suspension,
  now: Date,
): Promise<void> {
  await appendEvents(
    trx,
    consents.map((consent) => ({ type: act, ...eventParties(consent), byParty: person })),
    now,
  );
  await notifyEach(
    trx,
    consents.map(({ id, from }) => ({
      type: `consent_${act}`,
      consentId: id,
      by: person,
      parties: [from.id],
    })),
    now,
  );
}

export interface Fetch {
  consent: string;
  /** The chosen resources, when it has several. */
  resource?: string | undefined;
  at: Date;
  reference?: string | undefined;
}

/**
 * Notes that the owner of a resource of the consent gave out what it is about. AM-00001 for whoever
 * owns none of them: nobody else learns that there is one.
 */
export async function noteFetch(
  point: DecisionPoint,
  organizationNo: string,
  { consent: id, resource, at, reference }: Fetch,
): Promise<void> {
  const now = clock.now();
  const consent = await findConsent(point, id, now);
  const own = consent?.rights.filter(({ owner }) => owner.organizationNo === organizationNo) ?? [];
  const named = own.filter((right) => resource === undefined || right.resource === resource);
  if (!consent || !named.length) throw problem('AM-00001');
  if (!consent.approvedAt || at < consent.approvedAt) throw problem('AM-00014');
  const detail = { resources: named.map((right) => right.resource), at, reference };
  const byParty = named[0]!.owner.id;
  await appendEvents(
    point.db,
    [{ type: 'fetched', ...eventParties(consent), byParty, detail }],
    now,
  );
}
