// The jobs of an application, run when a test says so.
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../../../server/app.ts';
import { TEND_MILLIS, type Job } from '../../../server/platform/job.ts';

export interface Work {
  /** All that is done every half minute, and what stores falls, one after the other. */
  tend(): Promise<void>;
  run(name: string): Promise<unknown>;
}

const goesOn = () => true;

export function workOf({ jobs }: App): Work {
  /** A database counts microseconds: what it stored just now is due a millisecond on. */
  async function runOne({ run }: Job) {
    await pause(2);
    return run(goesOn);
  }
  return {
    async tend() {
      for (const job of jobs)
        if (job.everyMillis === TEND_MILLIS || job.name === 'consent.fall') await runOne(job);
    },
    run: (name) => runOne(jobs.find((job) => job.name === name)!),
  };
}
