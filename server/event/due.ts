// Tells those concerned of what ends before long, once.
import { transaction, type Db } from '../platform/db.ts';
import { takeEndingConsents, takeEndingMandates } from './due_store.ts';
import { notify } from './notice_store.ts';

/** Answers with how many were told of; what one lot leaves is in the next. */
export const tellWhatEnds = (db: Db, now: Date): Promise<number> =>
  transaction(db, async (trx) => {
    const mandates = await takeEndingMandates(trx, now);
    for (const { id, from, to } of mandates)
      await notify(trx, [from, to], { type: 'mandate_ends', mandateId: id }, now);
    const consents = await takeEndingConsents(trx, now);
    for (const { id, from } of consents)
      await notify(trx, [from], { type: 'consent_ends', consentId: id }, now);
    return mandates.length + consents.length;
  });
