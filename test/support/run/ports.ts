// Ports for servers of the tests. Parts of the suite run beside each other, so each has a range of
// its own, below those that the system gives out by itself.
import { createServer } from 'node:net';

const WIDTH = 4_000;
const FIRST = 12_000;

/** Where the ports of a part begin. */
export const portsOf = (part: number): number => FIRST + part * WIDTH;

/** A process that is no part has a block by its number: workers of one run lie side by side. */
const BLOCK = 100;
const block = portsOf(-1) + (process.pid % (WIDTH / BLOCK)) * BLOCK;
const [first, width] = process.env.TEST_PORTS
  ? [Number(process.env.TEST_PORTS), WIDTH]
  : [block, BLOCK];
let given = 0;

/** So many in a row, from the beginning again when the range is used up. */
function take(count: number): number {
  if (given + count > width) given = 0;
  const port = first + given;
  given += count;
  return port;
}

/** A port that is free now. */
export const freePort = (): Promise<number> => freeRow(1);

/** The first of so many ports in a row that are free now. */
export async function freeRow(count: number): Promise<number> {
  for (;;) {
    const port = take(count);
    const row = Array.from({ length: count }, (_, more) => isFree(port + more));
    if (!(await Promise.all(row)).includes(false)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
