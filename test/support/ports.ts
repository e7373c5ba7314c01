// Ports for servers of the tests. Parts of the suite run beside each other, so each has a range of
// its own, below those that the system gives out by itself.
import { createServer } from 'node:net';

const WIDTH = 5_000;
const FIRST = 12_000;

/** Where the ports of a part begin. */
export const portsOf = (part: number): number => FIRST + part * WIDTH;

let next = Number(process.env.TEST_PORTS ?? portsOf(-1) + (process.pid % 1_000) * 2);

/** A port that is free now, and that this process gives out once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next += 1;
    if (await isFree(port)) return port;
  }
}

/** The first of so many ports in a row that are free now. */
export async function freeRow(count: number): Promise<number> {
  for (;;) {
    const first = next;
    next += count;
    const row = Array.from({ length: count }, (_, more) => isFree(first + more));
    if (!(await Promise.all(row)).includes(false)) return first;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
