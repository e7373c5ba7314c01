// Fragments of SQL about uses that are counted: in all, and in each period of Oslo's calendar. The
// count of a period stands beside its beginning, so that nothing needs to set it back.

/** The beginning of the day, week or month in Oslo that an instant is in. */
export const periodStart = (period: string, at: string): string =>
  `(date_trunc(${period}, (${at}) at time zone 'Europe/Oslo') at time zone 'Europe/Oslo')`;
const periodAt = (mandate: string, at: string) => periodStart(`${mandate}.use_period`, at);

/** The beginning of the next one. */
export const nextPeriodAt = (mandate: string, at: string): string =>
  `((date_trunc(${mandate}.use_period, (${at}) at time zone 'Europe/Oslo') + ('1 ' || ${mandate}.use_period)::interval) at time zone 'Europe/Oslo')`;

// By a node whose clock is behind, a use of the last moments counts in the period that has begun.
const isInLatest = (mandate: string, at: string) =>
  `coalesce(${mandate}.period_from >= ${periodAt(mandate, at)}, false)`;

/** Uses since the period began; 0 where there are no periods. */
export const usedInPeriod = (mandate: string, at: string): string =>
  `case when ${isInLatest(mandate, at)} then ${mandate}.period_uses else 0 end`;

/** Whether the uses of a period are used up. */
export const isPeriodUsed = (mandate: string, at: string): string =>
  `coalesce(${usedInPeriod(mandate, at)} >= ${mandate}.period_limit, false)`;

/** Whether uses are left, in all and in the period. */
export const hasUseLeft = (mandate: string, at: string): string =>
  `((${mandate}.use_limit is null or ${mandate}.uses < ${mandate}.use_limit) and not ${isPeriodUsed(mandate, at)})`;

/** Begins the part of an act's statement that counts a use of mandates, each at its time. */
export const countingUseAt = (at: string): string =>
  `update mandate set uses = mandate.uses + 1, last_used_at = ${at},
        period_uses = case when mandate.use_period is null then 0 else ${usedInPeriod('mandate', at)} + 1 end,
        period_from = greatest(mandate.period_from, ${periodAt('mandate', at)})`;
