// Two requests of two givers that hold together or not at all: which may be paired, and storing the
// second. It knows no HTTP.
import type { Deciding } from '../../decision/act.ts';
import { inTransaction } from '../../platform/act.ts';
import type { Consent } from '../model.ts';
import { problem, type Findings } from '../problems.ts';
import { findConsent } from '../find.ts';
import { insertConsent, type NewConsent } from '../store.ts';
import type { ConsentDraft } from './draft.ts';
import { lockConsents, pairWith } from './replace_store.ts';

/** The parties of the second; its asker is the receiver or whoever handles it, as of the first. */
interface Pairing {
  /** The giver, where the asker has named one. */
  from: string | undefined;
  to: string;
  handledBy: string | null;
}

/**
 * AM-00001 among the findings for what is not its asker's, to the same receiver, waiting and alone;
 * TIL.VLD-00019 for one that replaces another.
 */
export async function checkPair(
  act: Deciding,
  { with: id, replaces }: ConsentDraft,
  { from, to, handledBy }: Pairing,
  findings: Findings,
): Promise<void> {
  if (!id) return;
  if (replaces) findings.invalid('TIL.VLD-00019', '/with');
  const first = await findConsent(act, id);
  const isOwn = first && first.to.id === to && (first.handledBy?.id ?? null) === handledBy;
  if (!isOwn || !isFree(first, act.now) || first.from.id === from) findings.problem('AM-00001');
}

/** Whether it waits, nobody has answered, and it has no other beside it. */
const isFree = (
  { state, validTo, pair, replaces, awaiting, fallen }: Consent,
  now: Date,
): boolean => state === 'requested' && validTo > now && !pair && !replaces && !awaiting && !fallen;

/** Stores the second of a pair, and beside it the first; AM-00001 where that one is answered. */
export const insertPaired = (act: Deciding, request: NewConsent, first: string): Promise<boolean> =>
  inTransaction(act, async (inner) => {
    await lockConsents(inner.db, [first]);
    const isNew = await insertConsent(inner, request);
    if (isNew && !(await pairWith(inner, first, request.id))) throw problem('AM-00001');
    return isNew;
  });
