// Asking for a consent in place of one that holds: whose that one is, whether it may be renewed
// now, and for how long nobody asks again after a no. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction } from '../../platform/act.ts';
import { isPartyTo, type Consent } from '../model.ts';
import { effectiveStatus, isStanding } from '../status_model.ts';
import { problem, type Findings } from '../problems.ts';
import { keyOfRight } from '../replace_model.ts';
import { findConsent } from '../find.ts';
import { insertConsent, type NewConsent } from '../store.ts';
import type { ConsentDraft } from './draft.ts';
import { daysBefore, mustMayReplace } from './refusal.ts';
import { findWaitingRenewal, lockConsents } from './replace_store.ts';

interface Replacing {
  /** The number of the organisation that asks. */
  organizationNo: string;
  /** The giver, where the asker has named one. */
  from: string | undefined;
  to: string;
  handledBy: string | null;
  template: string | undefined;
  renewDays: number;
}

/**
 * The consent that a request replaces; AM-00001 among the findings for what is not its asker's and
 * to the same receiver, and TIL-00044 thrown soon after a no.
 */
export async function checkReplaced(
  act: Deciding,
  { replaces, ...draft }: ConsentDraft,
  asking: Replacing,
  findings: Findings,
): Promise<Consent | undefined> {
  if (!replaces) return undefined;
  const { organizationNo, from, to, handledBy, template, renewDays } = asking;
  const old = await findConsent(act, replaces.id);
  const isOwn =
    old && isPartyTo(old, organizationNo) && old.to.id === to && (!from || old.from.id === from);
  if (!isOwn || !isStanding(effectiveStatus(old, act.now))) {
    findings.problem('AM-00001');
    return undefined;
  }
  await mustMayReplace(act, old.id);
  if (!replaces.renews) return old;
  if (daysBefore(old.validTo, renewDays) > act.now) findings.invalid('STD.VLD-00000', '/renews');
  const isSame =
    (old.handledBy?.id ?? null) === handledBy && (!template || old.template.id === template);
  if (!isSame) findings.invalid('TIL.VLD-00016', '/renews');
  checkRenewal(draft, old, findings);
  return old;
}

function checkRenewal(
  draft: Pick<ConsentDraft, 'validTo' | 'rights'>,
  old: Consent,
  findings: Findings,
): void {
  if (draft.validTo <= old.validTo) findings.invalid('TIL.VLD-00016', '/validTo');
  const held = new Set(old.rights.map(keyOfRight));
  draft.rights.forEach((right, index) => {
    if (!held.has(keyOfRight(right))) findings.invalid('TIL.VLD-00016', `/consentRight/${index}`);
  });
}

/**
 * Stores a request; of renewals of one consent one waits at a time: TIL-00047. False when its id is
 * taken: nothing was written.
 */
export const insertReplacing = (act: Deciding, request: NewConsent): Promise<boolean> =>
  request.replaces === null
    ? insertConsent(act, request)
    : inTransaction(act, async (inner) => {
        const old = request.replaces!;
        await lockConsents(inner.db, [old]);
        const waiting = request.renews ? await findWaitingRenewal(inner, old) : undefined;
        if (waiting && waiting.id !== request.id)
          throw problem('TIL-00047', { members: { requestId: waiting.id } });
        // A no may have come since it was asked.
        await mustMayReplace(inner, old);
        return insertConsent(inner, request);
      });
