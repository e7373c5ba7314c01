// A PostgreSQL of the test's own, for the suite, for outages and for measuring.
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './ports.ts';

export interface Postgres {
  url: string;
  stop(): void;
  /** Ends the server at once, keeping its data. */
  kill(): void;
  start(): void;
  /** Restarts it in order: those who are connected are cut off. */
  restart(): void;
}

/**
 * A PostgreSQL of the test's own, from the binaries on this machine; it refuses root, so root lends
 * it a user.
 */
export async function startPostgres(durable: boolean): Promise<Postgres | undefined> {
  const versions = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    : [];
  const bin = versions
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((path) => existsSync(join(path, 'initdb')));
  if (!bin) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tillit-pg-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const isRoot = userInfo().uid === 0;
  if (isRoot) {
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    for (const path of [folder, data]) chownSync(path, uid, uid);
  }
  const run = (program: string, args: string[]) =>
    isRoot
      ? execFileSync('runuser', ['-u', 'postgres', '--', join(bin, program), ...args], {
          stdio: 'pipe',
          cwd: folder,
        })
      : execFileSync(join(bin, program), args, { stdio: 'pipe', cwd: folder });
  const port = await freePort();
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'tillit', '-E', 'UTF8', '--locale=C']);
  const start = () =>
    run('pg_ctl', [
      '-D',
      data,
      '-w',
      '-l',
      join(folder, 'log'),
      '-o',
      `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=${durable ? 'on' : 'off'} -c shared_buffers=512MB -c max_wal_size=4GB`,
      'start',
    ]);
  // Without a log of its own it would keep our end of the pipe open.
  const restart = () =>
    run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-m', 'fast', 'restart']);
  const kill = () => run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
  start();
  return {
    url: `postgres://tillit@127.0.0.1:${port}/postgres`,
    start,
    restart,
    kill,
    stop: () => {
      try {
        kill();
      } catch {
        /* not running */
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A connection of a test's own, beside those of the nodes. */
export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The same for as long as the work takes. */
export async function connected<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
