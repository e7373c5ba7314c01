// Work that goes on by itself, as columns declare it: a name, a pace and a function.

/** Work that is done again and again, a lot at a time; jobs.ts runs it, on one node. */
export interface Job {
  name: string;
  everyMillis: number;
  /** Only while few are awake. */
  atNight?: boolean;
  /** Each node does it for itself, as it is about the node's memory. */
  isOfEachNode?: boolean;
  /** A node does its own at once, too, when it has answered what may have changed something. */
  isWoken?: boolean;
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
/** The pace at which a job looks whether it is night, or whether a partition is wanted. */
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

/** The pace of what holds a table that many write for a moment. */
export const hourly = (name: string, run: Job['run']): Job => ({
  name,
  everyMillis: HOUR_MILLIS,
  run,
});

/** Makes partitions ahead; fails where some are missing, so that somebody looks. */
export const partitioning = (name: string, make: () => Promise<number>): Job =>
  hourly(name, async () => {
    const missing = await make();
    if (missing) throw new Error(`${missing} partitions could not be made yet`);
  });
