// HAProxy as it is shipped: its configuration has no warning, and where no node is there it says
// when to come back. Nodes that are restarted behind it are in drills.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HAPROXY, hasProxy, startProxy } from '../support/run/beside.ts';
import { root } from '../support/run/source.ts';
import { until } from '../support/until.ts';
import { freePort, REQUESTS } from '../support/world.ts';

if (process.env.TEST_DATABASE_URL && hasProxy)
  describe('the proxy that is shipped', () => {
    it('is a configuration without a warning', () => {
      const { status: code, stderr } = spawnSync(HAPROXY, ['-c', '-f', 'haproxy.cfg'], {
        cwd: join(root, 'deploy/proxy'),
        encoding: 'utf8',
      });
      assert.deepEqual([code, stderr.replace(/.*warnings? found.*|\s/g, '')], [0, '']);
    });

    it('answers where no node is there with a problem that says when to come back', async () => {
      const listen = await freePort();
      const proxy = startProxy(listen, [await freePort(), await freePort()]);
      const ask = () => fetch(`http://127.0.0.1:${listen}${REQUESTS}`);
      try {
        await until('the proxy answers', async () => Boolean(await ask().catch(() => null)), 10);
        const answer = await ask();
        const { status: code, headers } = answer;
        assert.deepEqual(
          [code, headers.get('content-type'), headers.get('retry-after')],
          [503, 'application/problem+json', '5'],
        );
        assert.equal(((await answer.json()) as { code: string }).code, 'TIL-00011');
      } finally {
        proxy.stop();
      }
    });
  });
