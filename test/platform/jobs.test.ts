// Jobs of several nodes on one database: each is run by one of them at a time, and by another when
// that one is gone.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { startJobs, type Jobs } from '../../server/jobs.ts';
import type { GoesOn, Job } from '../../server/platform/job.ts';
import { createLogger } from '../../server/platform/log.ts';
import { ask, call, newOrganization, newPerson, world } from '../support/world.ts';

/** Longer than a node takes to look. */
const SOON = 700;
const ASKING = '/accessmanagement/api/v1/enterprise/consentrequests';
const log = createLogger('silent');
const running: Jobs[] = [];

async function node(jobs: Job[], holdMillis = 30_000): Promise<Jobs> {
  const started = await startJobs({ jobs, db: world.database.background, log, holdMillis });
  running.push(started);
  return started;
}
const named = (run: Job['run'], everyMillis = 100): Job => ({
  name: `test.${randomUUID()}`,
  everyMillis,
  run,
});
const rowOf = async ({ name }: Job) =>
  (
    await world.database.db.raw(
      'select fault, taken_by is not null as taken from job where name = ?',
      [name],
    )
  ).rows[0];
/** As a node has it that was killed: for so long, and without a word. */
const takenByOneThatIsGone = ({ name }: Job, millis: number) =>
  world.database.db.raw(
    `update job set taken_by = gen_random_uuid(), taken_until = clock_timestamp() + ? * interval '1 ms' where name = ?`,
    [millis, name],
  );

describe('a job', () => {
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
  });

  it('is run by one node at a time, though three look for it', async () => {
    let [now, most, runs] = [0, 0, 0];
    const job = named(async () => {
      now += 1;
      runs += 1;
      most = Math.max(most, now);
      await pause(30);
      now -= 1;
    });
    for (let count = 0; count < 3; count += 1) await node([job]);
    await pause(4 * SOON);
    assert.equal(most, 1);
    assert.ok(runs > 2, `${runs} runs`);
  });

  it('waits for its pause, on whichever node it was run', async () => {
    let runs = 0;
    const job = named(async () => (runs += 1), 60_000);
    const [first] = [await node([job]), await node([job])];
    await pause(SOON);
    assert.equal(runs, 0, 'not before its first pause');
    await first.hasten([job.name]);
    await pause(2 * SOON);
    assert.equal(runs, 1);
  });

  it('of each node is done at once where something may have changed, and after what was under way', async () => {
    let runs = 0;
    let isLong = false;
    const job = {
      ...named(async () => {
        runs += 1;
        if (isLong) await pause(SOON);
      }, 600_000),
      isOfEachNode: true,
      isWoken: true,
    };
    const other = {
      ...job,
      name: `${job.name}.other`,
      isWoken: false,
      run: async () => (others += 1),
    };
    let others = 0;
    const own = await node([job, other]);
    assert.equal(runs, 1, 'as the node starts');
    for (let time = 0; time < 3; time += 1) own.wake();
    await pause(SOON);
    assert.equal(runs, 2, 'once for changes of one moment');
    isLong = true;
    own.wake();
    await pause(SOON / 3);
    isLong = false;
    own.wake();
    await pause(2 * SOON);
    assert.equal(runs, 4, 'one that was under way may have looked before');
    own.wake();
    await own.stop();
    await pause(SOON);
    own.wake();
    await pause(SOON);
    assert.equal(runs, 4, 'none once the node stops');
    assert.equal(others, 1, 'nor any that only has its pace');
  });

  it('is woken by an act that was answered, and by no question, look or refusal', async () => {
    let changes = 0;
    world.app.onChanged(() => (changes += 1));
    const [person, bank] = [await newPerson(), await newOrganization()];
    const before = changes;
    await call('GET', '/.well-known/openid-configuration');
    const refused = await call('POST', ASKING, undefined, {});
    assert.equal(refused.status, 401, refused.text);
    await pause(SOON / 3);
    assert.equal(changes, before);
    await ask(person, bank);
    await pause(SOON / 3);
    assert.ok(changes > before);
  });

  it('is taken by another when what a node took has run out, and not before', async () => {
    let runs = 0;
    const job = named(async () => (runs += 1));
    const first = await node([job]);
    await first.stop();
    await takenByOneThatIsGone(job, 2 * SOON);
    await node([job]);
    const before = runs;
    await pause(SOON);
    assert.equal(runs, before, 'it is still of the one that is gone');
    await pause(3 * SOON);
    assert.ok(runs > before);
  });

  it('stays with its node as long as it takes', async () => {
    let [now, most] = [0, 0];
    const job = named(async () => {
      now += 1;
      most = Math.max(most, now);
      await pause(2_500);
      now -= 1;
    });
    for (let count = 0; count < 2; count += 1) await node([job], 600);
    await pause(3_000);
    assert.equal(most, 1);
  });

  it('hears that it is no longer its node’s, and that the node stops', async () => {
    const heard: string[] = [];
    let asks: GoesOn = () => false;
    const job = named(async (goesOn) => {
      asks = goesOn;
      while (goesOn()) await pause(20);
      heard.push('ended');
    });
    await node([job], 600);
    await pause(SOON);
    assert.equal(asks(), true);
    await takenByOneThatIsGone(job, 60_000);
    await pause(SOON);
    assert.deepEqual(heard, ['ended']);
    const other = named(async (goesOn) => {
      while (goesOn()) await pause(20);
      heard.push('stopped');
    });
    const stopped = await node([other]);
    await pause(SOON);
    await stopped.stop();
    assert.deepEqual(heard, ['ended', 'stopped']);
    assert.equal((await rowOf(other)).taken, false, 'it is given back');
  });

  it('that fails is tried again, and keeps no other from being run', async () => {
    let [tries, runs] = [0, 0];
    const failing = named(async () => {
      tries += 1;
      throw new TypeError('no');
    });
    const sound = named(async () => (runs += 1));
    await node([failing, sound]);
    await pause(3 * SOON);
    assert.ok(tries > 1 && runs > 1, `${tries} tries, ${runs} runs`);
    assert.equal((await rowOf(failing)).fault, 'TypeError');
    assert.equal((await rowOf(sound)).fault, null);
  });

  it('of each node is run on each', async () => {
    const runs = [0, 0];
    for (const at of [0, 1])
      await node([{ ...named(async () => (runs[at]! += 1)), isOfEachNode: true }]);
    await pause(SOON);
    assert.ok(
      runs.every((count) => count > 1),
      runs.join(),
    );
  });
});
