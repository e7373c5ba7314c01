// A PostgreSQL of the test's own, for the suite, for outages and for measuring.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../until.ts';
import { freePort } from './ports.ts';

export interface Postgres {
  url: string;
  stop(): void;
  /** Ends the server at once, keeping its data. */
  kill(): void;
  start(): void;
  /** Restarts it in order: those who are connected are cut off. */
  restart(): void;
  /** Takes a base backup, from which it is restored; its log of changes is kept from the start. */
  backUp(): Backup;
}

interface Backup {
  /** A PostgreSQL as it was at an instant, or at the end of what was logged. */
  restore(point?: string): Promise<Postgres>;
}

/** Where Debian has the binaries of the newest version; undefined where there are none. */
function binaries(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    : [];
  return versions
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((path) => existsSync(join(path, 'initdb')));
}

/**
 * A PostgreSQL of the test's own, from the binaries on this machine; it refuses root, so root lends
 * it a user.
 */
export async function startPostgres(
  durable: boolean,
  /** Whether it keeps its log of changes, so that it can be restored to an instant. */
  isArchiving = false,
): Promise<Postgres | undefined> {
  const bin = binaries();
  if (!bin) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tillit-pg-'));
  const isRoot = userInfo().uid === 0;
  const [data, archive] = ['data', 'archive'].map((name) => join(folder, name)) as [string, string];
  for (const path of [data, archive]) mkdirSync(path);
  if (isRoot) {
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    for (const path of [folder, data, archive]) chownSync(path, uid, uid);
  }
  const pathOf = (program: string) =>
    existsSync(join(bin, program)) ? join(bin, program) : program;
  const run = (program: string, args: string[]) =>
    isRoot
      ? execFileSync('runuser', ['-u', 'postgres', '--', pathOf(program), ...args], {
          stdio: 'pipe',
          cwd: folder,
        })
      : execFileSync(pathOf(program), args, { stdio: 'pipe', cwd: folder });
  run('initdb', ['-D', data, '-A', 'trust', '-U', 'tillit', '-E', 'UTF8', '--locale=C']);
  if (isArchiving)
    configure(data, [`archive_mode = on`, `archive_command = 'cp %p ${archive}/%f'`]);
  return startOn({ run, folder, data, archive, durable });
}

interface Place {
  /** Runs a program of PostgreSQL's as the user that it takes. */
  run: (program: string, args: string[]) => unknown;
  folder: string;
  data: string;
  /** Where the log of changes is kept, for a backup. */
  archive: string;
  durable: boolean;
}

const configure = (data: string, lines: string[]) =>
  appendFileSync(join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`);

async function startOn(place: Place): Promise<Postgres> {
  const { run, folder, data, durable } = place;
  const port = await freePort();
  const options = [
    ...[`-p ${port}`, `-k ${folder}`, '-c listen_addresses=127.0.0.1'],
    ...[`-c fsync=${durable ? 'on' : 'off'}`, '-c shared_buffers=512MB', '-c max_wal_size=4GB'],
    // A statement has the plan that it has after a few calls from its first: on a server that lives
    // for minutes half of the work would be planning.
    ...(durable ? [] : ['-c plan_cache_mode=force_generic_plan']),
  ];
  const start = () =>
    run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options.join(' '), 'start']);
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
    backUp: () => backUp(place, port),
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

function backUp(place: Place, port: number): Backup {
  const { run, folder, archive, durable } = place;
  const base = join(folder, 'base');
  const at = ['-h', folder, '-p', String(port), '-U', 'tillit'];
  run('pg_basebackup', ['-D', base, ...at, '-c', 'fast', '-X', 'none']);
  return {
    async restore(point) {
      const own = mkdtempSync(join(tmpdir(), 'tillit-pg-'));
      const data = join(own, 'data');
      const { uid, gid } = statSync(base);
      chownSync(own, uid, gid);
      run('cp', ['-a', base, data]);
      // PostgreSQL takes no Z here. A restored one writes nothing into the archive it comes from.
      configure(data, [
        'archive_mode = off',
        `restore_command = 'cp ${archive}/%f %p'`,
        ...(point ? [`recovery_target_time = '${point.replace('Z', '+00')}'`] : []),
        `recovery_target_action = 'promote'`,
      ]);
      run('touch', [join(data, 'recovery.signal')]);
      const postgres = await startOn({ run, folder: own, data, archive, durable });
      // It takes reading connections before it is all there.
      await until('it is restored', () =>
        connected(postgres.url, async (client) => {
          const { rows } = await client.query('select pg_is_in_recovery() as going_on');
          return !rows[0].going_on;
        }),
      );
      return postgres;
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
