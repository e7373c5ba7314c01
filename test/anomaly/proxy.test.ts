// Two nodes behind HAProxy as it is shipped, but that it tries nothing again: restarts in turn are
// noticed by nobody, and where no node is there the proxy says when to come back.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HAPROXY, hasProxy, startProxy } from '../support/run/beside.ts';
import { bankToken } from '../support/run/demo_acts.ts';
import { filledDatabase, startServer, type ServerProcess } from '../support/run/process.ts';
import { root } from '../support/run/source.ts';
import { until } from '../support/until.ts';
import { freePort, REQUESTS } from '../support/world.ts';

const RESTARTS = 3;

if (process.env.TEST_DATABASE_URL && hasProxy)
  describe('two nodes behind a proxy that tries nothing again', () => {
    let proxy: { stop(): void };
    let url: string;
    let nodes: { port: number; process: ServerProcess }[];
    let settings: Record<string, string>;
    const start = (port: number) => startServer({ ...settings, ISSUER: url }, port);

    before(async () => {
      const listen = await freePort();
      url = `http://127.0.0.1:${listen}`;
      settings = { ...(await filledDatabase()), DRAIN_SECONDS: '4', TRUSTED_PROXIES: '127.0.0.1' };
      nodes = [];
      for (let count = 0; count < 2; count += 1) {
        const port = await freePort();
        nodes.push({ port, process: await start(port) });
      }
      proxy = startProxy(
        listen,
        nodes.map(({ port }) => port),
      );
      await until('the proxy answers', async () => (await status('/health/ready')) === 200, 10);
    });
    after(async () => {
      proxy?.stop();
      await Promise.all(nodes.map((node) => node.process.stop('SIGKILL')));
    });

    const status = async (path: string): Promise<number | undefined> =>
      (await fetch(url + path).catch(() => undefined))?.status;

    it('is a configuration without a warning', () => {
      const { status: code, stderr } = spawnSync(HAPROXY, ['-c', '-f', 'haproxy.cfg'], {
        cwd: join(root, 'deploy/proxy'),
        encoding: 'utf8',
      });
      assert.deepEqual([code, stderr.replace(/.*warnings? found.*|\s/g, '')], [0, '']);
    });

    it(`shows nobody that they are restarted ${RESTARTS} times, one after the other`, async () => {
      const token = await bankToken();
      let isOn = true;
      const met = new Map<string, number>();
      const clients = Array.from({ length: 8 }, async () => {
        while (isOn) {
          const answer = await fetch(`${url}${REQUESTS}?status=Created`, {
            headers: { authorization: `Bearer ${token}` },
          })
            .then(async (got) => `${got.status} ${got.ok ? '' : await got.text()}`.trim())
            .catch((error: Error) => String(error.cause ?? error));
          met.set(answer, (met.get(answer) ?? 0) + 1);
          await pause(20);
        }
      });
      for (let count = 0; count < RESTARTS; count += 1) {
        const node = nodes[count % 2]!;
        assert.equal(await node.process.stop('SIGTERM'), 0);
        node.process = await start(node.port);
        await pause(2_000);
      }
      isOn = false;
      await Promise.all(clients);
      assert.deepEqual([...met.keys()], ['200'], JSON.stringify([...met]));
      assert.ok(met.get('200')! > 100);
    });

    it('are missed with a problem that says when to come back', async () => {
      await Promise.all(nodes.map((node) => node.process.stop('SIGTERM')));
      await pause(2_000);
      const answer = await fetch(`${url}${REQUESTS}`);
      const { status: code, headers } = answer;
      assert.deepEqual(
        [code, headers.get('content-type'), headers.get('retry-after')],
        [503, 'application/problem+json', '5'],
      );
      assert.equal(((await answer.json()) as { code: string }).code, 'TIL-00011');
    });
  });
