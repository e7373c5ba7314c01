// The jobs of an application, run when a test says so.
import type { App } from '../../../server/app.ts';
import { TEND_MILLIS } from '../../../server/platform/job.ts';

export interface Work {
  /** All that is done every half minute, and what stores falls, one after the other. */
  tend(): Promise<void>;
  run(name: string): Promise<unknown>;
}

const goesOn = () => true;

export const workOf = ({ jobs }: App): Work => ({
  async tend() {
    for (const { name, everyMillis, run } of jobs)
      if (everyMillis === TEND_MILLIS || name === 'consent.fall') await run(goesOn);
  },
  run: (name) => jobs.find((job) => job.name === name)!.run(goesOn),
});
