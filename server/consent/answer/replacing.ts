// A consent in whose place another is asked for: whether it can be replaced when that one is read
// and answered, by whom, and the answer by which the one ends as the other begins.
import type { Deciding } from '../../decision/act.ts';
import { seenBy, type Answerer } from '../basis/standing.ts';
import { effectiveStatus, type Consent } from '../model.ts';
import { lockConsents } from '../ask/replace_store.ts';
import { problem } from '../problems.ts';
import { inTransaction } from '../../platform/act.ts';
import { approveConsent, type Approval } from './answer_store.ts';
import { findConsent } from '../store.ts';

export interface Replacing {
  /** The consent that is to end. */
  old: Consent;
  /** Whether it holds, waits for somebody who suspended it, or has ended. */
  is: 'held' | 'suspended' | 'over';
  /** Whether the person may end it, as by withdrawing. */
  isLet: boolean;
  /** The mandates by which they may; none for the giver. */
  mandates: string[];
  /** The same consent as they may see it. */
  shown: Consent;
}

/** Undefined for a request in nobody's place. */
export async function replacingOf(
  act: Deciding,
  { replaces }: Pick<Consent, 'replaces'>,
  person: Answerer,
): Promise<Replacing | undefined> {
  const old = replaces ? await findConsent(act, replaces) : undefined;
  if (!old) return undefined;
  const seen = await seenBy(act, old, person);
  const status = effectiveStatus(old, act.now);
  return {
    old,
    is: status === 'Accepted' ? 'held' : status === 'Suspended' ? 'suspended' : 'over',
    isLet: seen?.isWhole === true,
    mandates: seen?.mandates ?? [],
    shown: seen?.consent ?? old,
  };
}

/** The consent that the text of a request is set beside; none where that has ended. */
export const besideIn = (replacing: Replacing | undefined): Consent | undefined =>
  replacing && replacing.is !== 'over' && replacing.isLet ? replacing.old : undefined;

/**
 * The consent that a request replaces, which must hold, as it was read, and be the person's to end.
 * TIL-00048, AM-00000; undefined where there is none, or it has ended and the request may be
 * answered alone.
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
  const isChanged = readAt !== undefined && +(readAt ?? 0) !== +(replacing.old.narrowedAt ?? 0);
  if (replacing.is !== 'held' || isChanged) throw problem('TIL-00048');
  if (!replacing.isLet) throw problem('AM-00000', { because: 'what it replaces' });
  return replacing;
}

export const replacedRow = ({ old: { id, narrowedAt }, mandates }: Replacing) => ({
  id,
  narrowedAt,
  mandates,
});

/** Approves what replaces another while it holds the rows of both. */
export const approveReplacing = (act: Deciding, approval: Approval): Promise<boolean> =>
  approval.replaced
    ? inTransaction(act, async (inner) => {
        await lockConsents(inner.db, [approval.id, approval.replaced!.id]);
        return approveConsent(inner, approval);
      })
    : approveConsent(act, approval);
