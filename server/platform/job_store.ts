// SQL of jobs: when each is due, and which node has taken it until when. The database's clock says
// when, since nodes' clocks differ; a node that is gone loses what it took when that has run out.
import { query, type Db, type Statement } from './db/db.ts';

const enter: Statement = {
  name: 'enter_jobs',
  text: `insert into job (name, due_at)
    select entered.name, clock_timestamp() + entered.every * interval '1 ms' from unnest($1::text[], $2::float8[]) as entered (name, every)
    on conflict (name) do nothing`,
};
/** Makes jobs known that no node has entered before; each is due after its first pause. */
export const enterJobs = (db: Db, jobs: { name: string; everyMillis: number }[]) =>
  query(db, enter, [jobs.map(({ name }) => name), jobs.map(({ everyMillis }) => everyMillis)]);

const hasten: Statement = {
  name: 'hasten_jobs',
  text: `insert into job (name, due_at) select hastened.name, clock_timestamp() from unnest($1::text[]) as hastened (name)
    on conflict (name) do update set due_at = excluded.due_at`,
};
/** Makes jobs due now, on whichever nodes take them, also where none has entered them yet. */
export const hastenJobs = (db: Db, names: string[]) => query(db, hasten, [names]);

const take: Statement = {
  name: 'take_jobs',
  text: `with due as (
      select job.name from job where job.name = any($1) and job.due_at <= clock_timestamp()
        and (job.taken_until is null or job.taken_until <= clock_timestamp()) for update skip locked)
    update job set taken_by = $2, taken_until = clock_timestamp() + $3 * interval '1 ms', begun_at = clock_timestamp()
    from due where due.name = job.name returning job.name`,
};
/** Takes those that are due and no other node has, for so many milliseconds; answers which. */
export async function takeJobs(
  db: Db,
  names: string[],
  node: string,
  millis: number,
): Promise<string[]> {
  const taken = await query<{ name: string }>(db, take, [names, node, millis]);
  return taken.map(({ name }) => name);
}

const keep: Statement = {
  name: 'keep_job',
  text: `update job set taken_until = clock_timestamp() + $3 * interval '1 ms'
    where job.name = $1 and job.taken_by = $2 returning job.name`,
};
/** Keeps a job that takes longer; answers whether the node still had it. */
export const keepJob = async (
  db: Db,
  name: string,
  node: string,
  millis: number,
): Promise<boolean> => (await query(db, keep, [name, node, millis])).length > 0;

const leave: Statement = {
  name: 'leave_job',
  text: `update job set taken_by = null, taken_until = null, ended_at = clock_timestamp(), fault = $4,
      due_at = greatest(job.due_at, job.begun_at + $3 * interval '1 ms')
    where job.name = $1 and job.taken_by = $2`,
};
/**
 * Gives a job back until its pause, counted from its beginning, is over; with the fault that ended
 * it.
 */
export const leaveJob = (
  db: Db,
  name: string,
  node: string,
  everyMillis: number,
  fault: string | null,
) => query(db, leave, [name, node, everyMillis, fault]);

const standing: Statement = {
  name: 'jobs',
  text: `select job.name, job.fault is not null as failed,
      case when job.taken_until > clock_timestamp() then 0 else greatest(0, extract(epoch from clock_timestamp() - job.due_at)) end::float8 as late
    from job order by job.name`,
};
/** Each job: how many seconds it is late, and whether its last run failed. */
export const readJobs = (db: Db) =>
  query<{ name: string; failed: boolean; late: number }>(db, standing);
