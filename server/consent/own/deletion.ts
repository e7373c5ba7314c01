// "Ask them to delete": once a consent is over, whoever may answer for its giver
// asks the receiver to delete what it has drawn. The receiver reads when, as it looks at the
// request.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction } from '../../platform/act.ts';
import { seenBy, type Answerer, type Seen } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { problem } from '../problems.ts';
import { effectiveStatus } from '../status_model.ts';
import { findConsent } from '../find.ts';
import { storeDeletionAsked } from './deletion_store.ts';

/** Whether a consent was given, and lets nobody draw anything more. */
export function drawsNoMore(consent: Consent, now: Date): boolean {
  const goesOn = ['Accepted', 'Suspended'].includes(effectiveStatus(consent, now));
  return consent.approvedAt !== null && !goesOn;
}

/** Whether a reader may ask for it: one who sees the whole, and from whom nothing is kept. */
export const mayAskDeletion = ({ consent, isWhole }: Pick<Seen, 'consent' | 'isWhole'>): boolean =>
  isWhole && consent.veiled === undefined;

/**
 * Asks the receiver to delete; the same again is harmless. Answers with it as the caller sees it.
 * AM-00001, AM-00000 for whoever sees it in part or under a veil, AM-00014 of one that was never
 * given, TIL-00054 while it holds.
 */
export const askDeletion = (act: Deciding, id: string, answerer: Answerer): Promise<Consent> =>
  inTransaction(act, async (inner) => {
    const read = async () => {
      const consent = await findConsent(inner, id);
      return consent && seenBy(inner, consent, answerer);
    };
    const seen = await read();
    if (!seen) throw problem('AM-00001');
    // Before anything of how it stands: that would show to others what the veil hides.
    if (!mayAskDeletion(seen)) throw problem('AM-00000');
    if (!seen.consent.approvedAt) throw problem('AM-00014');
    if (!drawsNoMore(seen.consent, inner.now)) throw problem('TIL-00054');
    await storeDeletionAsked(inner, { id, by: answerer.party, role: null });
    return (await read())!.consent;
  });
