// "Ask them to delete": once a consent is over, its giver, or whoever may answer for the giver,
// asks the receiver to delete what it has drawn. The receiver reads when, as it looks at the
// request.
import { isOneself } from '../../caller/model.ts';
import type { Deciding } from '../../decision/act.ts';
import { inTransaction } from '../../platform/act.ts';
import { seenBy, type Answerer, type Seen } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { problem } from '../problems.ts';
import { effectiveStatus } from '../status_model.ts';
import { findConsent } from '../store.ts';
import { storeDeletionAsked } from './deletion_store.ts';

/** Whether a consent was given, and lets nobody draw anything more. */
export function drawsNoMore(consent: Consent, now: Date): boolean {
  const goesOn = ['Accepted', 'Suspended'].includes(effectiveStatus(consent, now));
  return consent.approvedAt !== null && !goesOn;
}

/** Whether a reader may ask for it: the giver, and others who see the whole. */
export const mayAskDeletion = (
  { consent, isWhole }: Pick<Seen, 'consent' | 'isWhole'>,
  reader: Answerer,
): boolean => isWhole || isOneself(reader, consent.from.id);

/**
 * Asks the receiver to delete; the same again is harmless. AM-00001, AM-00000 for whoever sees it
 * only in part, AM-00014 of one that was never given, TIL-00054 while it holds.
 */
export const askDeletion = (act: Deciding, id: string, answerer: Answerer): Promise<Consent> =>
  inTransaction(act, async (inner) => {
    const consent = await findConsent(inner, id);
    const seen = consent && (await seenBy(inner, consent, answerer));
    if (!seen) throw problem('AM-00001');
    if (!mayAskDeletion(seen, answerer)) throw problem('AM-00000');
    if (!consent.approvedAt) throw problem('AM-00014');
    if (!drawsNoMore(consent, inner.now)) throw problem('TIL-00054');
    await storeDeletionAsked(inner, { id, by: answerer.party, role: null });
    return (await findConsent(inner, id))!;
  });
