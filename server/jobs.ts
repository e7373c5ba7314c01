// Runs the jobs of all columns, each at its own pace and on one node at a time: a node takes what
// is due, keeps it while it works, and gives it back. What a node took that is gone since is
// another's within the minute. A job that fails is logged by name, and tried again at its next
// time.
import { randomUUID } from 'node:crypto';
import { clock } from './platform/clock.ts';
import { isNight, type Job } from './platform/job.ts';
import type { Db } from './platform/db/db.ts';
import {
  enterJobs,
  hastenJobs,
  keepJob,
  leaveJob,
  readJobs,
  takeJobs,
} from './platform/job_store.ts';
import type { Logger } from './platform/log.ts';
import { sharedReading, type Measure } from './platform/metrics.ts';

/** How often a node looks for what is due: half the pace of the job that runs most often. */
const LOOK_MILLIS = 250;
/** How long a job is a node's that says nothing more. */
const HOLD_MILLIS = 30_000;
/** Changes of so long are looked at together. */
const WAKE_MILLIS = 20;

export interface Jobs {
  /** Makes some due now, on whichever node takes them. */
  hasten(names: string[]): Promise<unknown>;
  /** Something may have changed here: what this node does of its own at once is done soon. */
  wake(): void;
  /** Begins none any more; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export interface JobSettings {
  jobs: Job[];
  /** Connections that no request waits for. */
  db: Db;
  log: Logger;
  holdMillis?: number;
}

export async function startJobs({
  jobs,
  db,
  log,
  holdMillis = HOLD_MILLIS,
}: JobSettings): Promise<Jobs> {
  const node = randomUUID();
  const underWay = new Map<string, Promise<void>>();
  let isStopping = false;
  const shared = jobs.filter(({ isOfEachNode }) => !isOfEachNode);
  await enterJobs(db, shared);

  async function work(job: Job): Promise<void> {
    let isOurs = true;
    let kept = performance.now();
    const keeping = setInterval(() => {
      keepJob(db, job.name, node, holdMillis).then(
        (isKept) => {
          if (isOurs && !isKept) log.warn({ job: job.name }, 'another node has taken this job');
          isOurs &&= isKept;
          if (isKept) kept = performance.now();
        },
        // The database does not answer: the job finds that out by itself.
        () => undefined,
      );
    }, holdMillis / 3);
    const isHeld = () => isOurs && performance.now() - kept < holdMillis;
    const fault = await attempt(job, () => isHeld() && !isStopping);
    clearInterval(keeping);
    await leaveJob(db, job.name, node, job.everyMillis, fault);
  }

  /** Runs it to its end, or to the fault that ends it. */
  async function attempt(job: Job, goesOn: () => boolean): Promise<string | null> {
    try {
      await job.run(goesOn);
      return null;
    } catch (error) {
      log.error({ err: error as Error, job: job.name }, 'a job failed');
      return (error as Error).name;
    }
  }

  function begin(job: Job, run: () => Promise<unknown>): void {
    if (underWay.has(job.name)) return;
    const done = run()
      .then(() => {})
      .catch((error) =>
        log.error({ err: error as Error, job: job.name }, 'a job was not given back'),
      )
      .finally(() => underWay.delete(job.name));
    underWay.set(job.name, done);
  }

  const start = (job: Job) => begin(job, () => attempt(job, () => !isStopping));
  const woken = jobs.filter(({ isOfEachNode, isWoken }) => isOfEachNode && isWoken);
  let waking: NodeJS.Timeout | undefined;
  /** Starts those that are woken; one under way may have looked before, and is waited for. */
  function rouse(): void {
    waking = undefined;
    for (const job of woken) {
      if (underWay.has(job.name)) wake();
      else start(job);
    }
  }
  function wake(): void {
    if (woken.length && !isStopping) waking ??= setTimeout(rouse, WAKE_MILLIS);
  }

  const mayBegin = ({ name, atNight }: Job) =>
    !underWay.has(name) && (!atNight || isNight(clock.now()));
  let looking: Promise<void> | undefined;
  async function look(): Promise<void> {
    const wanted = shared.filter(mayBegin);
    if (!wanted.length) return;
    const taken = await takeJobs(
      db,
      wanted.map(({ name }) => name),
      node,
      holdMillis,
    );
    for (const job of wanted) if (taken.includes(job.name)) begin(job, () => work(job));
  }
  let wasAway = false;
  const timers = [
    setInterval(() => {
      looking ??= look()
        .then(
          () => {
            wasAway = false;
          },
          (error) => {
            if (!wasAway) log.error({ err: error as Error }, 'jobs cannot be looked for');
            wasAway = true;
          },
        )
        .finally(() => {
          looking = undefined;
        });
    }, LOOK_MILLIS),
    ...jobs
      .filter(({ isOfEachNode }) => isOfEachNode)
      .map((job) => {
        start(job);
        return setInterval(() => start(job), job.everyMillis);
      }),
  ];
  return {
    hasten: (names) => hastenJobs(db, names),
    wake,
    async stop() {
      isStopping = true;
      clearTimeout(waking);
      timers.forEach(clearInterval);
      await looking;
      await Promise.all(underWay.values());
    },
  };
}

/** How the jobs stand, on whichever node; one of the night is not late by day. */
export function jobMeasures(jobs: Job[], db: Db): Measure[] {
  const known = new Map(jobs.map((job) => [job.name, job]));
  const standing = sharedReading(async () =>
    (await readJobs(db)).filter(({ name }) => known.has(name)),
  );
  const mayRun = (name: string) => !known.get(name)!.atNight || isNight(clock.now());
  return [
    {
      name: 'tillit_job_late_seconds',
      help: 'Seconds since a job was due that no node has taken; 0 where it is under way or not due',
      label: 'name',
      read: async () =>
        (await standing()).map(({ name, late }) => ({ of: name, value: mayRun(name) ? late : 0 })),
    },
    {
      name: 'tillit_job_failed',
      help: 'Whether the last run of a job failed',
      label: 'name',
      read: async () =>
        (await standing()).map(({ name, failed }) => ({ of: name, value: Number(failed) })),
    },
  ];
}
