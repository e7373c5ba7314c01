// Runs the jobs of all columns, each at its own pace and none twice at once. A job that fails is
// logged by name and tried again at its next time.
import { clock } from './platform/clock.ts';
import type { Job } from './platform/column.ts';
import type { Logger } from './platform/log.ts';

/** Hours of the day, in UTC. */
const NIGHT = [1, 2, 3];

export interface Jobs {
  /** Runs one now, beside its pace. */
  begin(name: string): void;
  /** Begins none any more; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export function startJobs(jobs: Job[], log: Logger): Jobs {
  const underWay = new Map<string, Promise<void>>();
  const begin = (job: Job) => {
    if (underWay.has(job.name)) return;
    if (job.atNight && !NIGHT.includes(clock.now().getUTCHours())) return;
    const done = job
      .run()
      .then(() => {})
      .catch((error) => log.error({ err: error, job: job.name }, 'a job failed'))
      .finally(() => underWay.delete(job.name));
    underWay.set(job.name, done);
  };
  const timers = jobs.map((job) => setInterval(() => begin(job), job.everyMillis));
  return {
    begin: (name) => begin(jobs.find((job) => job.name === name)!),
    async stop() {
      timers.forEach(clearInterval);
      await Promise.all(underWay.values());
    },
  };
}
