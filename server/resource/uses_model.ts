// How often something may be used: in all, and in each day, week or month of Oslo's calendar. Pure.

export const PERIODS = ['day', 'week', 'month'] as const;
type Period = (typeof PERIODS)[number];

/** The numbers are positive; at least one of the members is there. */
export interface UseLimit {
  total?: number;
  per?: { number: number; period: Period };
}

export const MOST_USES_LIMITED = 1_000_000;

/**
 * The most periods of the one kind of which one of the other has days; a week may be of two months.
 */
const MOST_IN: Record<Period, Record<Period, number>> = {
  day: { day: 1, week: 7, month: 31 },
  week: { day: 1, week: 1, month: 6 },
  month: { day: 1, week: 2, month: 1 },
};

/** Whether whoever keeps to the one rhythm keeps to the other as well. */
const keepsTo = (one: UseLimit['per'] & object, other: UseLimit['per'] & object): boolean =>
  one.number * MOST_IN[one.period][other.period] <= other.number;

/**
 * The member by which a limit asks for more than it may: undefined where it asks for less, for the
 * same, or says nothing.
 */
export function beyond(asked: UseLimit, limits: UseLimit[]): 'total' | 'per' | undefined {
  const { total, per } = asked;
  if (
    total !== undefined &&
    limits.some((limit) => limit.total !== undefined && total > limit.total)
  )
    return 'total';
  if (per && limits.some((limit) => limit.per && !keepsTo(per, limit.per))) return 'per';
  return undefined;
}

/**
 * The limit that keeps to all of these; null for none. A rhythm that keeps to each of the others
 * must be among them: undefined where there is none, as of 3 a day and 10 a week.
 */
export function leastOf(limits: UseLimit[]): UseLimit | null | undefined {
  const totals = limits.flatMap(({ total }) => total ?? []);
  const rhythms = limits.flatMap(({ per }) => per ?? []);
  const per = rhythms.find((one) => rhythms.every((other) => keepsTo(one, other)));
  if (rhythms.length && !per) return undefined;
  if (!totals.length && !per) return null;
  return {
    ...(totals.length ? { total: Math.min(...totals) } : {}),
    ...(per ? { per: { number: per.number, period: per.period } } : {}),
  };
}
