// The worker thread that holds PGlite. It passes protocol bytes in and out and lets one connection
// at a time hold the single backend; a connection that leaves is rolled back and its session state
// thrown away.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { FromWorker, ToWorker } from './embedded.ts';

const port = parentPort!;
const answer = (message: FromWorker) => port.postMessage(message);

/**
 * Its pages are in memory: one by an index costs no more than the next. Nobody analyzes its tables,
 * and a plan is kept: one that reads a small table whole would read it so when it is large.
 */
const HABITS = ['-c', 'random_page_cost=1'];

let database: PGlite;
try {
  database = await PGlite.create({
    dataDir: workerData.dataDir,
    relaxedDurability: false,
    startParams: [...PGlite.defaultStartParams, ...HABITS],
  });
  answer({ kind: 'ready' });
} catch (error) {
  answer({
    kind: 'failed',
    message: `The embedded database did not start: ${(error as Error).message}`,
  });
}

const waiting: ToWorker[] = [];
let busy = false;

port.on('message', (message: ToWorker) => {
  waiting.push(message);
  if (!busy) void work();
});

async function work(): Promise<void> {
  busy = true;
  for (let message = waiting.shift(); message; message = waiting.shift()) {
    if (message.kind === 'data') await pass(message.id, message.bytes);
    else if (message.kind === 'close') await reset();
    else if (message.kind === 'stop') await stop();
  }
  busy = false;
}

async function pass(id: number, bytes: Uint8Array): Promise<void> {
  const output = await database.execProtocolRaw(bytes);
  // The output is a view of WebAssembly memory that the next call overwrites.
  if (output.length) answer({ kind: 'data', id, bytes: output.slice() });
}

async function reset(): Promise<void> {
  await database.exec('rollback');
  await database.exec('discard all');
}

async function stop(): Promise<void> {
  await database.close();
  answer({ kind: 'stopped' });
}
