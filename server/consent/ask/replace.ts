// Asking for a consent in place of one that holds: whose that one is, whether it may be renewed
// now, and for how long nobody asks again after a no. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction } from '../../platform/act.ts';
import { effectiveStatus, isPartyTo, isStanding, type Consent } from '../model.ts';
import { problem, type Findings } from '../problems.ts';
import { keyOfRight } from '../replace_model.ts';
import { findConsent, insertConsent, type NewConsent } from '../store.ts';
import type { ConsentDraft } from './draft.ts';
import { findNo, findWaitingRenewal, lockConsents } from './replace_store.ts';

const DAY_MILLIS = 86_400_000;
/** Days after a no in which the same asker may not ask to replace or renew the same. */
const QUIET_DAYS = 30;

interface Replacing {
  /** The number of the organisation that asks. */
  organizationNo: string;
  /** The giver, where the asker has named one. */
  from: string | undefined;
  to: string;
  renewDays: number;
}

/** Notes what keeps a request from replacing what it names; AM-00001 for what is not its own. */
export async function checkReplaced(
  act: Deciding,
  draft: ConsentDraft,
  { organizationNo, from, to, renewDays }: Replacing,
  findings: Findings,
): Promise<void> {
  const { replaces } = draft;
  if (!replaces) return;
  const old = await findConsent(act, replaces.id);
  const isOwn = old && isPartyTo(old, organizationNo) && (!from || old.from.id === from);
  if (!isOwn || !isStanding(effectiveStatus(old, act.now))) return findings.problem('AM-00001');
  const no = await findNo(act, { id: old.id, to }, QUIET_DAYS);
  if (no)
    throw problem('TIL-00044', {
      members: { requestId: no.id, until: before(no.at, -QUIET_DAYS).toISOString() },
    });
  if (replaces.renews) checkRenewal(draft, old, before(old.validTo, renewDays) > act.now, findings);
}

const before = (at: Date, days: number) => new Date(at.getTime() - days * DAY_MILLIS);

function checkRenewal(
  draft: ConsentDraft,
  old: Consent,
  isEarly: boolean,
  findings: Findings,
): void {
  if (isEarly) findings.invalid('STD.VLD-00000', '/renews');
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
  request.replaces === null || !request.renews
    ? insertConsent(act, request)
    : inTransaction(act, async (inner) => {
        await lockConsents(inner.db, [request.replaces!]);
        const waiting = await findWaitingRenewal(inner, request.replaces!);
        if (waiting && waiting.id !== request.id)
          throw problem('TIL-00047', { members: { requestId: waiting.id } });
        return insertConsent(inner, request);
      });
