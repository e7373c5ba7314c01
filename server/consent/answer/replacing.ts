// A consent in whose place another is asked for: whether it can be replaced when that one is read
// and answered, and the answer by which the one ends as the other begins.
import type { Deciding } from '../../decision/act.ts';
import { notifyEach } from '../../notice/store.ts';
import { inTransaction } from '../../platform/act.ts';
import { lockConsents } from '../ask/replace_store.ts';
import { endableBy, type Answerer } from '../basis/standing.ts';
import type { Consent } from '../model.ts';
import { effectiveStatus } from '../status_model.ts';
import { problem } from '../problems.ts';
import { approveConsent, type Approval } from './approve_store.ts';
import { lacksUses, type Yes } from './yes_model.ts';

export interface Replacing {
  /** The consent that is to end, as the person sees it, who may end it. */
  old: Consent;
  /** Whether it holds, though its uses may be over, waits for somebody, or has ended. */
  is: 'held' | 'suspended' | 'over';
  /** When it was last narrowed. */
  narrowedAt: Date | null;
  /** The mandates by which the person may end it; none for the giver. */
  mandates: string[];
}

/** Undefined for a request in nobody's place, and to a person who may not end that one. */
export async function replacingOf(
  act: Deciding,
  { replaces }: Pick<Consent, 'replaces'>,
  person: Answerer,
): Promise<Replacing | undefined> {
  const seen = replaces ? await endableBy(act, replaces, person) : undefined;
  if (!seen) return undefined;
  const { consent: old, mandates, at } = seen;
  const status = effectiveStatus({ ...old, uses: 0 }, act.now);
  const is = status === 'Accepted' ? 'held' : status === 'Suspended' ? 'suspended' : 'over';
  return { old, is, narrowedAt: at, mandates };
}

/** The consent that the text of a request is set beside; none where that has ended. */
export const besideIn = (replacing: Replacing | undefined): Consent | undefined =>
  replacing && replacing.is !== 'over' ? replacing.old : undefined;

/** Uses that count on from it in what replaces it. */
export const countedOn = (consent: Consent, old: Consent | undefined): number =>
  old?.useLimit && consent.useLimit && !consent.countsAnew ? old.uses : 0;

/**
 * The consent that a request replaces, which must hold, as it was read. TIL-00048; undefined where
 * there is none, or it has ended and the request may be answered alone.
 */
export async function mustReplace(
  act: Deciding,
  consent: Consent,
  person: Answerer,
  mayBeAlone: boolean,
  readAt?: Date | null,
): Promise<Replacing | undefined> {
  const replacing = await replacingOf(act, consent, person);
  if (!replacing || (replacing.is === 'over' && mayBeAlone)) return undefined;
  const isChanged = readAt !== undefined && +(readAt ?? 0) !== +(replacing.narrowedAt ?? 0);
  if (replacing.is !== 'held' || isChanged) throw problem('TIL-00048');
  return replacing;
}

export const replacedRow = ({ old: { id }, narrowedAt, mandates }: Replacing) => ({
  id,
  narrowedAt,
  mandates,
});

/**
 * Approves what replaces another while it holds the rows of both; those who heard of that one alone
 * hear that it has ended.
 */
export const approveReplacing = (
  act: Deciding,
  approval: Approval,
  parties: string[],
): Promise<boolean> =>
  approval.replaced
    ? inTransaction(act, async (inner) => {
        await lockConsents(inner.db, [approval.id, approval.replaced!.id]);
        return writeApproval(inner, approval, parties);
      })
    : approveConsent(act, approval);

/** The same, where the rows are held already. */
export async function writeApproval(
  act: Deciding,
  approval: Approval,
  parties: string[],
): Promise<boolean> {
  const isDone = await approveConsent(act, approval);
  const consentId = approval.replaced?.id;
  if (isDone && consentId && parties.length)
    await notifyEach(act, [{ type: 'consent_withdrawn', consentId, by: approval.by, parties }]);
  return isDone;
}

/** A yes by which nothing could be used is refused. */
export function mustLastUses(given: Consent, replacing: Replacing | undefined, yes: Yes): void {
  const used = countedOn(given, replacing?.old);
  if ((given.useLimit?.total ?? Infinity) <= used) throw lacksUses(yes);
}
