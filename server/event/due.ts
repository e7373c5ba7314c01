// Tells those concerned of what ends before long, once.
import { transaction, type Db } from '../platform/db/db.ts';
import { takeEndingConsents, takeEndingMandates } from './due_store.ts';
import { notifyEach } from './notice_store.ts';

/** Answers with how many were told of; what one lot leaves is in the next. */
export const tellWhatEnds = (db: Db, now: Date): Promise<number> =>
  transaction(db, async (trx) => {
    const mandates = await takeEndingMandates(trx, now);
    await notifyEach(
      trx,
      mandates.map(({ id, from, to, isRole }) => ({
        type: isRole ? 'role_ends' : 'mandate_ends',
        mandateId: id,
        parties: [from, to],
      })),
      now,
    );
    const consents = await takeEndingConsents(trx, now);
    await notifyEach(
      trx,
      consents.map(({ id, from, holder }) => ({
        type: 'consent_ends',
        consentId: id,
        parties: holder ? [from, holder] : [from],
      })),
      now,
    );
    return mandates.length + consents.length;
  });
