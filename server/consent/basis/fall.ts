// Consents that have lost what they rested on: nobody is let in by them from that very instant
// (basis/store.ts); here it is written down, with its event, within a minute.
import { type Act, inTransaction } from '../../platform/act.ts';
import { notify, notifyEach } from '../../notice/store.ts';
import { listLeftBehind } from '../../mandate/party_end_store.ts';
import { storeWithheld } from './withheld.ts';
import { findFallen, findShaken, markFallen, storeFallen, untilAges } from './store.ts';
import { forgetEnded, repeatChanges, takeChanges } from './change_store.ts';

const CHANGES = 200;
const CONSENTS = 2_000;

/**
 * Stores every consent that has fallen by what has changed until now; answers with how many. Other
 * nodes may do the same: each change is taken by one.
 */
export async function storeWhatFell(act: Act): Promise<number> {
  let stored = 0;
  for (;;) {
    const { changes, fallen } = await inTransaction(act, async (inner) => oneLot(inner));
    stored += fallen;
    if (!changes) return stored;
  }
}

async function oneLot(act: Act): Promise<{ changes: number; fallen: number }> {
  const changes = await takeChanges(act, CHANGES);
  if (!changes.length) return { changes: 0, fallen: 0 };
  const found = await findFallen(act, changes, CONSENTS);
  const usedUp = found.filter(({ isUsedUp }) => isUsedUp);
  if (usedUp.length) await markFallen(act, usedUp);
  const fallen = found.filter(({ isUsedUp }) => !isUsedUp);
  if (fallen.length) await storeFallen(act, fallen);
  for (const { id, from, holders, isGiven, isKnown } of fallen)
    if (isKnown) {
      const type = isGiven ? 'consent_fallen' : 'consent_request_ended';
      await notify(act, [from, ...holders], { type, consentId: id });
    }
  // Persons who could withdraw a consent that goes on get a notice that it does.
  for (let after = 0; ; after += CONSENTS) {
    const shaken = await findShaken(act, changes, { most: CONSENTS, after });
    for (const { id, from, type, holders } of shaken)
      await notify(act, [from, ...holders], { type, consentId: id });
    if (shaken.length < CONSENTS) break;
  }
  if (changes.some(({ mandate }) => mandate !== null)) await forgetEnded(act, changes);
  // A birth date that became known, or was put right, brings another day.
  const parties = changes.flatMap(({ party }) => party ?? []);
  if (parties.length) {
    await untilAges(act, parties);
    await tellOfEnd(act, parties);
  }
  const isMore = await storeWithheld(act, changes, CONSENTS);
  // A rest that exceeds one act has its turn in the next.
  if (isMore || found.length === CONSENTS) await repeatChanges(act, changes);
  return { changes: changes.length, fallen: fallen.length };
}

/**
 * Everybody who had a power of attorney or a role from a party that is no more, or gave it one,
 * gets one notice.
 */
async function tellOfEnd(act: Act, parties: string[]): Promise<void> {
  const told = await listLeftBehind(act, parties);
  await notifyEach(
    act,
    told.map(({ mandateId, party }) => ({ type: 'party_ended', mandateId, parties: [party] })),
  );
}
