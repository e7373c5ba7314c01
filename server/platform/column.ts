// A column of the house, as it is wired: operations for machines, pages for people, and jobs that
// go on by themselves. Each column opens its own (column.ts in its folder); app.ts lists them.
import type Router from '@koa/router';
import type { Act } from './act.ts';
import { sweepLimits } from './http/limits_store.ts';
import type { Operation } from './http/doors.ts';

export interface Column {
  operations?: Operation[];
  pages?: Router[];
  jobs?: Job[];
  /**
   * Writes what was to be written later. Called when the last request has been answered, before the
   * database is closed.
   */
  settle?: () => Promise<void>;
}

/** Work that is done again and again, a lot at a time; jobs.ts runs it, on one node. */
export interface Job {
  name: string;
  everyMillis: number;
  /** Only while few are awake. */
  atNight?: boolean;
  /** Each node does it for itself, as it is about the node's memory. */
  isOfEachNode?: boolean;
  /** A long one asks `goesOn` after each lot, and leaves the rest to the next time. */
  run: (goesOn: GoesOn) => Promise<unknown>;
}

/** Whether the job is still this node's, and the node goes on serving. */
export type GoesOn = () => boolean;

/** Hours of the day, in UTC. */
const NIGHT = [1, 2, 3];
export const isNight = (now: Date): boolean => NIGHT.includes(now.getUTCHours());

/** The pace of jobs that keep rows true and few. */
export const TEND_MILLIS = 30_000;
/** The pace at which a job of the night looks whether it is night. */
const HOUR_MILLIS = 3_600_000;

export const tending = (name: string, run: Job['run']): Job => ({
  name,
  everyMillis: TEND_MILLIS,
  run,
});

export const nightly = (name: string, run: Job['run']): Job => ({
  name,
  everyMillis: HOUR_MILLIS,
  atNight: true,
  run,
});

/** Health, and the end of limits that have run out. */
export const platformColumn = (
  { operations }: { operations: Operation[] },
  jobAct: () => Act,
): Column => ({
  operations,
  jobs: [tending('limit.sweep', () => sweepLimits(jobAct()))],
});
