// A request for a right: its sides, the yeses to it that still wait for others, and its part. Pure.
export const STATES = ['draft', 'pending', 'approved', 'partly', 'rejected', 'withdrawn'] as const;
export type RequestState = (typeof STATES)[number];

export interface RequestRow {
  id: string;
  /** The reference that a person reads out (platform/reference.ts). */
  reference: string;
  from: string;
  to: string;
  by: string;
  state: RequestState;
  package: string | null;
  resource: string | null;
  actions: string[] | null;
  /** The asker's standing at the moment of asking: a qualification, or `ansatt`. */
  verified: string | null;
  givenActions: string[] | null;
  validTo: Date | null;
  redirectUrl: string | null;
  /** The words of the asker to the giver; null where there are none. */
  message: string | null;
  /** How often the asker has reminded of it, and when last. */
  askedAgain: number;
  askedAgainAt: Date | null;
  /** Why the answer was no; null where nobody has said. */
  noBecause: NoReason | null;
  createdAt: Date;
  changedAt: Date;
  changedBy: string;
  /** Whether the giver's side began it, which the receiver learns of as it is given. */
  offered: boolean;
  instance: string | null;
  mayPassOn: boolean;
  subunits: boolean;
  /** The yeses that were said while others are awaited, the first before. */
  yeses: RightYes[];
}

/** A yes to what several must give together. */
export interface RightYes {
  party: string;
  name: string;
  at: string;
  level: number;
  actions: string[] | null;
}

/** Reasons that whoever says no may choose among and send. */
export const NO_REASONS = ['unneeded', 'unclear', 'less', 'elsewhere'] as const;
export type NoReason = (typeof NO_REASONS)[number];

/** So many reminders of an asker there are at most, this long apart. */
export const MOST_ASKED_AGAIN = 2;
export const ASKED_AGAIN_DAYS = 7;
/** Days for which the same may not be asked again after a no. */
export const QUIET_DAYS_OF_RIGHT = 30;

/** Whether the asker may remind of it now; whether it is heard is not shown. */
export const mayAskAgain = (
  { state, offered, askedAgain, askedAgainAt, changedAt }: RequestRow,
  now: Date,
): boolean =>
  state === 'pending' &&
  !offered &&
  askedAgain < MOST_ASKED_AGAIN &&
  (askedAgainAt ?? changedAt).getTime() + ASKED_AGAIN_DAYS * 86_400_000 <= now.getTime();

/** `from` gives, `to` asks. */
export type RequestSide = 'from' | 'to';

/** Milliseconds for which a yes waits for the others. */
export const YES_MILLIS = 30 * 86_400_000;

/** The yeses that still wait for others. */
export const freshYeses = ({ yeses }: Pick<RequestRow, 'yeses'>, now: Date): RightYes[] =>
  yeses.filter(({ at }) => Date.parse(at) + YES_MILLIS > now.getTime());

/** The actions it is about; the part that a first yes has fixed is the giver's side's to know. */
export const partOfRequest = (request: RequestRow, side: RequestSide, now: Date): string[] | null =>
  request.givenActions ??
  (side === 'from' ? freshYeses(request, now)[0]?.actions : undefined) ??
  request.actions;
