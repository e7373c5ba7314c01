// How often a consent may be used and has been: whether it is used up, and what is left. Pure.
import type { UseLimit } from '../resource/uses_model.ts';

export interface CountedUses {
  oneTime: boolean;
  /** How often it may be used: as it was asked for, with what its services say. */
  askedUses: UseLimit | null;
  /** The same as it holds. */
  useLimit: UseLimit | null;
  uses: number;
  /** Uses since the day, week or month began; 0 without a limit of such. */
  periodUses: number;
}

/** Whether it is used up at a number of uses. */
export const isLimited = ({
  oneTime,
  useLimit,
}: Pick<CountedUses, 'oneTime' | 'useLimit'>): boolean => oneTime || useLimit?.total !== undefined;

export const isUsedUp = ({
  oneTime,
  useLimit,
  uses,
}: Pick<CountedUses, 'oneTime' | 'useLimit' | 'uses'>): boolean =>
  uses >= Math.min(oneTime ? 1 : Infinity, useLimit?.total ?? Infinity);

/** The uses that are left, in all and until the period ends; undefined where none are counted. */
export interface UsesLeft {
  total?: number;
  period?: number;
}

export function usesLeft({
  useLimit,
  uses,
  periodUses,
}: Pick<CountedUses, 'useLimit' | 'uses' | 'periodUses'>): UsesLeft | undefined {
  if (!useLimit) return undefined;
  const { total, per } = useLimit;
  const left = total === undefined ? undefined : Math.max(0, total - uses);
  const period = per && Math.max(0, per.number - periodUses);
  return {
    ...(left === undefined ? {} : { total: left }),
    ...(period === undefined ? {} : { period: Math.min(period, left ?? period) }),
  };
}
