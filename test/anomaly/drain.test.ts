// A node that is told to stop, as the proxy in front of it sees it; one whose launcher is killed;
// and one that starts before its database.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Agent, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../support/run/postgres.ts';
import { filledDatabase, startServer } from '../support/run/process.ts';
import { root } from '../support/run/source.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/world.ts';

const LIVE = '/health/live';

/** A request on a connection of the agent's that is kept where it may be. */
const get = (
  url: string,
  agent: Agent,
): Promise<{ status: number | undefined; connection: string | undefined }> =>
  new Promise((done, failed) => {
    send(url, { agent }, (answer) => {
      answer.resume();
      const { connection } = answer.headers;
      answer.on('end', () => done({ status: answer.statusCode, connection }));
    })
      .on('error', failed)
      .end();
  });
const isThere = async (url: string): Promise<boolean> =>
  (await fetch(`${url}${LIVE}`).catch(() => undefined))?.status === 200;

describe('a node that is told to stop', () => {
  it('is not ready at once, and takes requests to the last on connections new and kept', async () => {
    const server = await startServer({ ...(await filledDatabase()), DRAIN_SECONDS: '3' });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await get(server.url + LIVE, agent)).connection, 'keep-alive');
    const told = Date.now();
    const ended = server.stop('SIGTERM');
    await until('it is not ready', async () => {
      const { status, headers } = await server.call('GET', '/health/ready');
      if (status === 503) assert.equal(headers.get('retry-after'), '5');
      return status === 503;
    });
    assert.ok(Date.now() - told < 1_500, 'it was not ready long after');
    assert.ok(await isThere(server.url), 'on a new connection');
    await pause(2_700 - (Date.now() - told));
    assert.deepEqual(await get(server.url + LIVE, agent), { status: 200, connection: 'close' });
    assert.equal(await ended, 0);
    assert.ok(Date.now() - told >= 3_000);
    assert.equal(await isThere(server.url), false);
  });
});

// The embedded database has its folder alone to go by.
if (!process.env.TEST_DATABASE_URL)
  describe('a node whose launcher is killed outright', () => {
    for (const [name, command] of [
      ['node', ['node', 'server/launch.js', 'server/main.ts']],
      ['npm', ['npm', 'start']],
    ] as const)
      it(`drains and ends, where that was ${name}`, async () => {
        const { DATA_DIR } = await filledDatabase();
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const [program, ...args] = command;
        const started = spawn(program, args, {
          cwd: root,
          stdio: 'ignore',
          env: {
            PATH: process.env.PATH,
            HOME: tmpdir(),
            NODE_ENV: 'test',
            PORT: String(port),
            METRICS_PORT: '0',
            DATA_DIR: DATA_DIR!,
            LOG_LEVEL: 'silent',
          },
        });
        await until('it is there', () => isThere(url));
        started.kill('SIGKILL');
        await until('it is gone', async () => !(await isThere(url)));
      });
  });

// The embedded database is there with its process.
if (process.env.TEST_DATABASE_URL)
  describe('a node that starts before its database', () => {
    it('waits for it, and says so', async () => {
      const postgres = (await startPostgres(false))!;
      try {
        postgres.kill();
        const waits = /"level":"warn".*the database does not answer; waiting for it/;
        let isStarted = false;
        const server = await startServer({ DATABASE_URL: postgres.url }, undefined, (output) => {
          if (waits.test(output) && !isStarted) postgres.start();
          isStarted ||= waits.test(output);
        });
        assert.ok(isStarted);
        assert.equal((await server.call('GET', '/health/ready')).status, 200);
        assert.equal(await server.stop('SIGTERM'), 0);
      } finally {
        postgres.stop();
      }
    });

    it('does not wait for one that refuses it', async () => {
      const postgres = (await startPostgres(false))!;
      try {
        const server = await startServer({ DATABASE_URL: `${postgres.url}_that_is_not_there` });
        assert.equal(await server.exit, 1);
        assert.match(server.output(), /does not exist/);
      } finally {
        postgres.stop();
      }
    });
  });
