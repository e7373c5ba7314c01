// A load generator that costs little: prebuilt HTTP/1.1 requests over keep-alive sockets. Reads a
// job from its standard input, writes what it measured to its standard output. It sends to loopback
// only, a bounded number of requests.
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';

export interface Job {
  port: number;
  /** Complete requests as text, each sent once, in order. */
  requests: string[];
  connections: number;
  /** Requests a second to offer, evenly; 0 sends as fast as answers come. */
  rate: number;
}

export interface Measured {
  count: number;
  failed: number;
  seconds: number;
  p50: number;
  p99: number;
  sample: string;
}

// It shares the two cores with what it measures: its own delays must not count as theirs.
try {
  setPriority(-10);
} catch {
  /* only root may */
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const job = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Job;

const latencies: number[] = [];
let next = 0;
let failed = 0;
let sample = '';
const started = performance.now();

/**
 * When the request of this index is due, in the open loop; waiting for a free connection counts as
 * latency.
 */
const dueAt = (index: number) =>
  job.rate ? started + (index * 1000) / job.rate : performance.now();

await Promise.all(
  Array.from(
    { length: job.connections },
    () =>
      new Promise<void>((done, broken) => {
        const socket: Socket = connect(job.port, '127.0.0.1');
        socket.setNoDelay(true);
        let buffered = '';
        let due = 0;
        const send = () => {
          if (next >= job.requests.length) {
            socket.destroy();
            done();
            return;
          }
          const index = next++;
          due = dueAt(index);
          const wait = due - performance.now();
          // Timers keep time to a millisecond: one sent early counts from when it was sent.
          const write = () => {
            due = Math.min(due, performance.now());
            socket.write(job.requests[index]!);
          };
          if (wait > 1) setTimeout(write, wait);
          else write();
        };
        socket.on('connect', send);
        socket.on('error', broken);
        socket.on('data', (data) => {
          buffered += data.toString('latin1');
          const end = buffered.indexOf('\r\n\r\n');
          if (end < 0) return;
          const length = Number(/content-length: (\d+)/i.exec(buffered.slice(0, end))?.[1] ?? 0);
          if (buffered.length < end + 4 + length) return;
          latencies.push(performance.now() - due);
          if (!/^HTTP\/1\.1 20[01]/.test(buffered)) {
            failed += 1;
            sample = buffered.slice(0, 600);
          }
          buffered = buffered.slice(end + 4 + length);
          send();
        });
      }),
  ),
);

const seconds = (performance.now() - started) / 1000;
latencies.sort((a, b) => a - b);
const quantile = (part: number) =>
  Number((latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(1));
console.log(
  JSON.stringify({
    count: latencies.length,
    failed,
    seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    sample,
  } satisfies Measured),
);
