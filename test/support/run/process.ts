// A server process of a test's own, started as an operator starts it, to be killed, cut off and
// stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../../../server/platform/db/embedded.ts';
import { DEMO_WORLD } from '../../../server/platform/env/env.ts';
import { root } from './source.ts';
import { call, freePort, outsideIssuer, world, type Answer } from '../world.ts';

let empty: Promise<string> | undefined;

/** An embedded database without a table: making one takes longer than all else of a start. */
const emptyFolder = (): Promise<string> =>
  (empty ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillit-empty-'));
    await (await openEmbedded(folder)).close();
    return folder;
  })());

/** A folder for the checkpoints of one database. */
const checkpoints = () => ({
  LOG_CHECKPOINTS: mkdtempSync(join(tmpdir(), 'tillit-checkpoints-')),
});

/** A database of the process's own, of the kind that this run is about, empty or a copy. */
export async function ownDatabase(
  from: Record<string, string> = {},
): Promise<Record<string, string>> {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) {
    const folder = mkdtempSync(join(tmpdir(), 'tillit-process-'));
    cpSync(from.DATA_DIR ?? (await emptyFolder()), folder, { recursive: true });
    return { DATA_DIR: folder, ...checkpoints() };
  }
  const name = `process_${randomUUID().replaceAll('-', '')}`;
  const template = from.DATABASE_URL ? `template ${from.DATABASE_URL.split('/').at(-1)}` : '';
  await world.database.db.raw(`create database ${name} ${template}`);
  return { DATABASE_URL: url.replace(/\/[^/]*$/, `/${name}`), ...checkpoints() };
}

let filled: Promise<Record<string, string>> | undefined;

/** The same with the demo's data in it: made by a first process, and copied for each. */
export async function filledDatabase(): Promise<Record<string, string>> {
  filled ??= (async () => {
    const settings = await ownDatabase();
    // Unsigned, so that each copy is signed in a folder of its own.
    const first = await startServer({ ...settings, LOG_CHECKPOINTS: '/dev/null' });
    await first.stop('SIGTERM');
    return settings;
  })();
  return ownDatabase(await filled);
}

export interface ServerProcess {
  url: string;
  child: ChildProcess;
  output: () => string;
  call: (method: string, path: string, token?: string, body?: unknown) => Promise<Answer>;
  /** Resolves with the exit code or the signal. */
  exit: Promise<number | string>;
  stop(signal: NodeJS.Signals): Promise<number | string>;
}

/** Starts the server with the demo world's data and waits until it is ready, or has ended. */
export async function startServer(
  settings: Record<string, string>,
  port?: number,
  /** Called with all that it has written, each time that it writes. */
  heard: (output: string) => void = () => undefined,
  /** The folder of another release (release.ts). */
  folder = root,
): Promise<ServerProcess> {
  const at = port ?? (await freePort());
  const url = `http://127.0.0.1:${at}`;
  // The embedded database is compiled fast, not well: such a process lives for seconds.
  const child = spawn(process.execPath, ['--liftoff-only', join(folder, 'server/main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NODE_ENV: 'test',
      PORT: String(at),
      ISSUER: url,
      METRICS_PORT: '0',
      LOG_LEVEL: 'info',
      SEED: DEMO_WORLD,
      EVENT_MINIMUM_AGE: '0',
      ...checkpoints(),
      ...settings,
      TRUSTED_ISSUERS: JSON.stringify([
        {
          issuer: outsideIssuer,
          jwksUri: `${outsideIssuer}jwks`,
          scopes: ['altinn:*', 'ssf.*'],
          claims: ['organization', 'person'],
        },
      ]),
    },
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk) => {
      output += chunk;
      heard(output);
    });
  const exit = new Promise<number | string>((done) => {
    child.once('exit', (code, signal) => done(signal ?? code ?? 0));
  });
  const ready = new Promise<void>((done) => {
    child.stdout!.on('data', () => {
      if (output.includes('"ready"')) done();
    });
  });
  await Promise.race([ready, exit]);
  return {
    url,
    child,
    exit,
    output: () => output,
    call: (method, path, token, body) => call(method, url + path, token, body),
    stop: (signal) => {
      child.kill(signal);
      return exit;
    },
  };
}

/** A command of the project's as an operator calls it, with what it wrote and how it ended. */
export async function runCommand(
  file: string,
  args: string[],
  settings: Record<string, string>,
  folder = root,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const command = spawn(process.execPath, [join(folder, file), ...args], {
    env: { PATH, NODE_COMPILE_CACHE, ...settings },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    command[stream].on('data', (chunk) => (said[stream] += chunk));
  const [status] = (await once(command, 'close')) as [number];
  return { status, ...said };
}

/** Whether the node, or the proxy of several, answers that it is ready. */
export const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200;
