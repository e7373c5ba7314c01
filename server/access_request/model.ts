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
