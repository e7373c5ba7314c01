// The embedded database: PGlite (PostgreSQL in WebAssembly) in a worker thread, spoken to by the
// ordinary `pg` driver over a stream that carries protocol messages. It knows the wire, no tables.
// One process only: a lock file guards the directory, because a second writer would silently lose
// rows.
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Duplex } from 'node:stream';
import { Worker } from 'node:worker_threads';

export interface Embedded {
  /** A stream for one `pg` connection. */
  connect: () => Duplex;
  close(): Promise<void>;
}

export type ToWorker =
  | { kind: 'open' | 'close'; id: number }
  | { kind: 'data'; id: number; bytes: Uint8Array }
  | { kind: 'stop' };
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'stopped' }
  | { kind: 'failed'; message: string }
  | { kind: 'data'; id: number; bytes: Uint8Array };

export const IN_MEMORY = 'memory:';

/**
 * Starts PGlite on the directory (`memory:` keeps nothing). Throws when another process has it
 * open.
 */
export async function openEmbedded(dataDir: string): Promise<Embedded> {
  const unlock = dataDir === IN_MEMORY ? () => {} : lockDirectory(dataDir);
  const worker = new Worker(new URL('./embedded_worker.ts', import.meta.url), {
    workerData: { dataDir: dataDir === IN_MEMORY ? undefined : join(resolve(dataDir), 'pg') },
  });
  const streams = new Map<number, EmbeddedStream>();
  let nextId = 1;
  let stopped: () => void = () => {};
  const gone = new Promise<void>((done) => {
    stopped = done;
  });
  try {
    await new Promise<void>((ready, failed) => {
      worker.once('error', failed);
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') ready();
        else if (message.kind === 'failed') failed(new Error(message.message));
        else if (message.kind === 'stopped') stopped();
        else streams.get(message.id)?.push(Buffer.from(message.bytes));
      });
    });
  } catch (error) {
    unlock();
    throw error;
  }
  worker.on('error', (error) => streams.forEach((stream) => stream.destroy(error as Error)));
  return {
    connect: () => {
      const id = nextId++;
      const stream = new EmbeddedStream(
        (bytes) => worker.postMessage({ kind: 'data', id, bytes } satisfies ToWorker),
        () => {
          streams.delete(id);
          worker.postMessage({ kind: 'close', id } satisfies ToWorker);
        },
      );
      streams.set(id, stream);
      worker.postMessage({ kind: 'open', id } satisfies ToWorker);
      return stream;
    },
    close: async () => {
      worker.postMessage({ kind: 'stop' } satisfies ToWorker);
      await gone;
      await worker.terminate();
      unlock();
    },
  };
}

/**
 * AuthenticationOk, a ParameterStatus that `pg` reads, ReadyForQuery(idle): the answer to a startup
 * message.
 */
const WELCOME = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]),
  parameterStatus('server_version', '18.0'),
  parameterStatus('client_encoding', 'UTF8'),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);

function parameterStatus(name: string, value: string): Buffer {
  const body = Buffer.from(`${name}\0${value}\0`);
  const head = Buffer.alloc(5);
  head.write('S');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** A Duplex with the few socket methods that `pg` calls. */
class EmbeddedStream extends Duplex {
  #greeted = false;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #gone: () => void;

  constructor(send: (bytes: Uint8Array) => void, gone: () => void) {
    super();
    this.#send = send;
    this.#gone = gone;
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  connect(): this {
    setImmediate(() => this.emit('connect'));
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#take(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#gone();
    done(error);
  }

  #take(chunks: Buffer[]): void {
    const bytes = Buffer.concat(chunks);
    if (!this.#greeted) {
      this.#greeted = true;
      this.push(WELCOME);
    } else if (bytes[0] === 0x58) {
      // Terminate
      this.push(null);
    } else {
      this.#send(new Uint8Array(bytes));
    }
  }
}

/**
 * Takes the directory for this process. A lock whose process is gone is taken over, by rename so
 * that one wins.
 */
function lockDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  forOwnerOnly(dataDir);
  const lock = join(dataDir, 'lock');
  const own = `${lock}.${process.pid}`;
  const me = `${process.pid} ${processStart(process.pid)}`;
  writeFileSync(own, me);
  try {
    try {
      linkSync(own, lock);
    } catch {
      const holder = readFileSync(lock, 'utf8');
      if (isAlive(holder)) throw inUse(dataDir, holder);
      const claimed = `${lock}.stale.${process.pid}`;
      renameSync(lock, claimed);
      const taken = readFileSync(claimed, 'utf8');
      rmSync(claimed);
      if (taken !== holder) throw inUse(dataDir, taken);
      linkSync(own, lock);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(lock, { force: true });
}

/**
 * The folder's contents belong to the server only: numbers, names, sealed keys. Nobody else reaches
 * what is made in it later, whatever its own mode.
 */
function forOwnerOnly(dataDir: string): void {
  chmodSync(dataDir, 0o700);
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o700 : 0o600);
  }
}

function inUse(dataDir: string, holder: string): Error {
  return new Error(
    `The embedded database in ${dataDir} is in use by process ${holder.split(' ')[0]}. ` +
      'Stop that process first, or use PostgreSQL (DATABASE_URL), which takes several.',
  );
}

function isAlive(holder: string): boolean {
  const [pid, start] = holder.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A process number is used again after a restart, always so in a container; the start time
  // distinguishes them.
  return processStart(Number(pid)) === start;
}

function processStart(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}
