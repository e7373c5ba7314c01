// What the metrics say is how it stands when they are read; /health/ready beside them says why a
// node is not ready.
import assert from 'node:assert/strict';
import { placeEvents } from '../../server/notice_due/feed.ts';
import { actAlone } from '../../server/platform/act.ts';
import { filledDatabase, ownDatabase, startServer } from '../support/run/process.ts';
import { text } from '../support/run/source.ts';
import { ask, at, call, freePort, newOrganization, newPerson, world } from '../support/world.ts';

const HOUR = 3_600_000;
const scrape = () => world.metrics.registry.metrics();
const numberIn = (scraped: string, name: string): number =>
  Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(scraped)?.[1]);

describe('the metrics', () => {
  it('say how far the feeds are behind while nothing is placed, and that they are not after', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    await at(-90_000, () => ask(from, to));
    assert.ok(numberIn(await scrape(), 'tillit_feed_behind_seconds') >= 90);
    await placeEvents(actAlone(world.database.db));
    assert.equal(numberIn(await scrape(), 'tillit_feed_behind_seconds'), 0);
  });

  it('say which job is late and which failed', async () => {
    const { db } = world.database;
    await db.raw(`insert into job (name, due_at, taken_until, fault) values
      ('feed.place', clock_timestamp() - interval '1 hour', null, null),
      ('policy_index.mend', clock_timestamp() - interval '1 hour', null, null),
      ('notice.due', clock_timestamp() - interval '1 hour', clock_timestamp() + interval '1 hour', null),
      ('consent.fall', clock_timestamp() + interval '1 hour', null, 'TypeError'),
      ('gone.long_ago', clock_timestamp() - interval '1 hour', null, null)`);
    const late = (scraped: string, job: string) =>
      numberIn(scraped, `tillit_job_late_seconds\\{name="${job}"\\}`);
    const day = 12 * HOUR - (Date.now() % (24 * HOUR));
    await at(day, async () => {
      const scraped = await scrape();
      assert.ok(late(scraped, 'feed.place') >= 3_600);
      assert.equal(late(scraped, 'policy_index.mend'), 0, 'one of the night, by day');
      assert.equal(late(scraped, 'notice.due'), 0, 'one that is under way');
      assert.match(scraped, /^tillit_job_failed\{name="consent.fall"\} 1$/m);
      assert.match(scraped, /^tillit_job_failed\{name="feed.place"\} 0$/m);
      assert.doesNotMatch(scraped, /gone.long_ago/);
    });
    await at(day + 14 * HOUR, async () =>
      assert.ok(late(await scrape(), 'policy_index.mend') >= 3_600),
    );
    await db.raw('delete from job');
  });

  it('leave one out that cannot be read, and have the rest', async () => {
    const { db } = world.database;
    for (const table of ['logout_notice', 'job'])
      await db.raw(`alter table ${table} rename to ${table}_away`);
    try {
      const scraped = await scrape();
      assert.doesNotMatch(scraped, /^tillit_logouts_waiting |^tillit_job_failed\{/m);
      assert.match(scraped, /^tillit_feed_behind_seconds /m);
    } finally {
      for (const table of ['logout_notice', 'job'])
        await db.raw(`alter table ${table}_away rename to ${table}`);
    }
    assert.match(await scrape(), /^tillit_logouts_waiting \d+$/m);
  });

  it('are those that the operator’s paper names', async () => {
    const scraped = await scrape();
    const named = text('docs/operator.md').matchAll(/^\| `(tillit_\w+)`/gm);
    for (const [, name] of named) assert.match(scraped, new RegExp(`^# TYPE ${name} `, 'm'));
  });
});

describe('a node that is not ready', () => {
  it('is one whose clock is more than two seconds beside the database’s', async () => {
    assert.equal((await call('GET', '/health/ready')).status, 200);
    for (const [apart, where] of [
      [3_000, 'ahead of'],
      [-3_000, 'behind'],
    ] as const) {
      await at(apart, async () => {
        assert.deepEqual(await world.app.whyNot(), [
          `the clock is more than two seconds ${where} the database's`,
        ]);
        assert.equal((await call('GET', '/health/ready')).status, 503);
      });
    }
    assert.deepEqual(await world.app.whyNot(), []);
  });

  it('is one under which the schema has gone on without it', async () => {
    const { db } = world.database;
    await db.raw("update schema_version set version = '9.0.0'");
    try {
      await world.work.run('node.note');
      assert.match((await world.app.whyNot()).join(), /made by Tillit 9\.0\.0/);
      assert.equal((await call('GET', '/health/ready')).status, 503);
    } finally {
      await db.raw('update schema_version set version = serves_from');
      await world.work.run('node.note');
    }
    assert.deepEqual(await world.app.whyNot(), []);
  });

  it('says why beside the metrics, and to the outside only that it is not', async () => {
    const port = await freePort();
    const beside = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`);
      return [answer.status, ((await answer.json()) as { why: string[] }).why] as const;
    };
    const empty = await startServer({
      ...(await ownDatabase()),
      SEED: '',
      METRICS_PORT: String(port),
    });
    const [status, why] = await beside();
    assert.deepEqual([status, why.length], [503, 1]);
    assert.match(why[0]!, /the base set is missing/);
    assert.deepEqual((await empty.call('GET', '/health/ready')).body, { status: 'not ready' });
    await empty.stop('SIGTERM');
    const filled = await startServer({
      ...(await filledDatabase()),
      METRICS_PORT: String(port),
      DRAIN_SECONDS: '3',
    });
    assert.deepEqual(await beside(), [200, []]);
    const ended = filled.stop('SIGTERM');
    let last = await beside();
    for (let left = 50; left > 0 && last[0] === 200; left -= 1) last = await beside();
    assert.deepEqual(last, [503, ['it drains']]);
    await ended;
  });
});
