// Two nodes and their jobs: a register is asked by one of them at its pace, and by the other when
// that one is killed.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../support/until.ts';
import { filledDatabase, startServer, type ServerProcess } from '../support/run/process.ts';

const SECONDS = 8;
/** How long a job is a node's that is gone. */
const HOLD_SECONDS = 30;

// One process alone opens the embedded database.
if (process.env.TEST_DATABASE_URL)
  describe('two nodes that follow a register', () => {
    let register: Server;
    let nodes: ServerProcess[] = [];
    let asked = 0;

    before(async () => {
      register = createServer((request, response) => {
        if (request.url!.includes('/feed')) asked += 1;
        response.end(JSON.stringify({ lines: [] }));
      });
      await new Promise<void>((ready) => register.listen(0, '127.0.0.1', ready));
      const url = `http://127.0.0.1:${(register.address() as AddressInfo).port}/vergemal`;
      const settings = {
        ...(await filledDatabase()),
        REGISTERS: JSON.stringify([{ source: 'vergemal', url }]),
        REGISTER_POLL: '1',
      };
      nodes = [await startServer(settings), await startServer(settings)];
    });
    after(async () => {
      await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
      register.close();
    });

    it('ask it once a second together, and not once each', async () => {
      await pause(2_000);
      asked = 0;
      await pause(SECONDS * 1_000);
      assert.ok(asked > 2 && asked <= SECONDS + 1, `${asked} in ${SECONDS} s`);
    });

    it('go on asking when one is killed outright, whichever asked', async () => {
      await nodes[0]!.stop('SIGKILL');
      const before = asked;
      await until('the other asks', () => asked >= before + 3, HOLD_SECONDS + 10);
    });
  });
