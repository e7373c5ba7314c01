// Reasons for which support staff look at what a party has here, how long, and how they recognise a
// person who asks them to suspend something.

/** Reasons to look: the person asked, something is wrong, somebody complained, a letter came. */
export const SUPPORT_REASONS = ['asked', 'fault', 'complaint', 'letter'] as const;
export type SupportReason = (typeof SUPPORT_REASONS)[number];

/** Ways in which staff recognised the person who asks. */
export const RECOGNISED = ['called_back', 'questions', 'letter', 'met'] as const;
export type Recognised = (typeof RECOGNISED)[number];

/** Staff log in at this level. */
export const SUPPORT_LEVEL = 4;

/** So long a case is open once it may be looked at. */
const OPEN_MILLIS = 30 * 60_000;
/** So long one waits for another of the staff. */
export const WAIT_MILLIS = 8 * 60 * 60_000;

/**
 * A case number of the log: 2–30 of A–Z, digits and `/ . _ -`, with a digit, and no national
 * number.
 */
export const isCaseNo = (text: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9/._-]{1,29}$/.test(text) &&
  /\d/.test(text) &&
  !/\d{11}/.test(text.replaceAll(/[/._-]/g, ''));

/** One of the staff looks at what a party has. */
export interface SupportCase {
  id: string;
  staff: string;
  party: { id: string; kind: string; name: string; bornIn: number | null; isEnded: boolean };
  caseNo: string;
  reason: SupportReason;
  openedAt: Date;
  approvedAt: Date | null;
  /** Whether the party's address is, or was, protected: nothing is shown until another lets it. */
  isProtected: boolean;
}

export type CaseStanding = 'open' | 'waiting' | 'over';

export function caseStanding(
  { openedAt, approvedAt, isProtected }: SupportCase,
  now: Date,
): CaseStanding {
  const passed = now.getTime() - (approvedAt ?? openedAt).getTime();
  if (isProtected && approvedAt === null) return passed < WAIT_MILLIS ? 'waiting' : 'over';
  return passed < OPEN_MILLIS ? 'open' : 'over';
}
