// A column of the house, as it is wired: operations for machines, pages for people, and jobs that
// go on by themselves. Each column opens its own (column.ts in its folder); app.ts lists them.
import type Router from '@koa/router';
import type { Act } from './act.ts';
import { sweepLimits } from './http/limits_store.ts';
import type { Operation } from './http/doors.ts';
import { tending, type Job } from './job.ts';

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

/** Health, and the end of limits that have run out. */
export const platformColumn = (
  { operations }: { operations: Operation[] },
  jobAct: () => Act,
): Column => ({
  operations,
  jobs: [tending('limit.sweep', (goesOn) => sweepLimits(jobAct(), goesOn))],
});
