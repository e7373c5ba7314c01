// Notifies those concerned of what ends before long, once, and of answers that others await; and
// asks a person once a year whether a power of attorney is still wanted.
import { type Act, inTransaction } from '../platform/act.ts';
import { takeAwaited, takeEndingConsents } from '../consent/basis/ending_store.ts';
import { takeEndingMandates, takeYearly } from '../mandate/ending_store.ts';
import { notifyEach } from '../notice/store.ts';

/** Answers with how many were notified; what one lot leaves is in the next. */
export const tellWhatEnds = (act: Act): Promise<number> =>
  inTransaction(act, async (inner) => {
    const mandates = await takeEndingMandates(inner);
    await notifyEach(
      inner,
      mandates.map(({ id, from, to, isRole }) => ({
        type: isRole ? 'role_ends' : 'mandate_ends',
        mandateId: id,
        parties: [from, to],
      })),
    );
    const yearly = await takeYearly(inner);
    const asked = yearly.filter(({ isAsked }) => isAsked);
    await notifyEach(
      inner,
      asked.map(({ id, from }) => ({ type: 'mandate_still', mandateId: id, parties: [from] })),
    );
    const consents = await takeEndingConsents(inner);
    await notifyEach(
      inner,
      consents.map(({ id, from, holder }) => ({
        type: 'consent_ends',
        consentId: id,
        parties: holder ? [from, holder] : [from],
      })),
    );
    const awaited = await takeAwaited(inner);
    await notifyEach(
      inner,
      awaited.map(({ id, from, parents }) => ({
        type: 'consent_reminder',
        consentId: id,
        parties: [from, ...parents],
      })),
    );
    return mandates.length + asked.length + consents.length + awaited.length;
  });
