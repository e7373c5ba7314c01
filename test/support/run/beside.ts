// What stands beside nodes, as deploy/proxy ships it: HAProxy before them, and PgBouncer between
// them and PostgreSQL.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { root, text } from './source.ts';

export const HAPROXY = '/usr/sbin/haproxy';
const PGBOUNCER = '/usr/sbin/pgbouncer';
/** Whether this machine has one; test/run.ts says loudly that what needs it was skipped. */
export const hasProxy = existsSync(HAPROXY);
export const hasPooler = existsSync(PGBOUNCER);

/** The shipped text with lines replaced, each of which must be there. */
const replaced = (shipped: string, instead: Record<string, string>): string =>
  Object.entries(instead).reduce((all, [line, by]) => {
    assert.match(all, new RegExp(line, 'm'));
    return all.replace(new RegExp(line, 'm'), by);
  }, shipped);

/** HAProxy that tries nothing again, so that no fault of a node is hidden by it. */
export function startProxy(listen: number, nodes: number[]): { stop(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tillit-proxy-'));
  copyFileSync(join(root, 'deploy/proxy/503.http'), join(folder, '503.http'));
  const shipped = replaced(text('deploy/proxy/haproxy.cfg'), {
    '127\\.0\\.0\\.1:8080': `127.0.0.1:${listen}`,
    'retries 1\\n *retry-on.*\\n *option redispatch': 'retries 0',
    ' *server node1 .*\\n *server node2 .*': nodes
      .map((port, index) => `    server node${index + 1} 127.0.0.1:${port}`)
      .join('\n'),
  });
  writeFileSync(join(folder, 'haproxy.cfg'), shipped);
  const proxy = spawn(HAPROXY, ['-db', '-f', 'haproxy.cfg'], { cwd: folder, stdio: 'ignore' });
  return { stop: () => void proxy.kill('SIGKILL') };
}

/** PgBouncer before a database, with so many connections to it; it refuses root. */
export async function startPooler(
  database: string,
  connections = 20,
): Promise<{ url: string; stop(): void }> {
  const { hostname, port, username, pathname } = new URL(database);
  const listen = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'tillit-pooler-'));
  const settings = join(folder, 'pgbouncer.ini');
  const shipped = replaced(text('deploy/proxy/pgbouncer.ini'), {
    '^tillit = .*': `${pathname.slice(1)} = user=${username} host=${hostname} port=${port}`,
    '^listen_port = .*': `listen_port = ${listen}\nunix_socket_dir =`,
    '^auth_type = .*': 'auth_type = any',
    '^auth_file = .*': '',
    '^default_pool_size = .*': `default_pool_size = ${connections}`,
  });
  writeFileSync(settings, shipped);
  chmodSync(folder, 0o755);
  const [program, ...args] =
    userInfo().uid === 0
      ? ['runuser', '-u', 'postgres', '--', PGBOUNCER, settings]
      : [PGBOUNCER, settings];
  const pooler = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((ready, failed) => {
    pooler.stderr!.on('data', (said) => String(said).includes('process up') && ready());
    pooler.once('exit', (code) => failed(new Error(`pgbouncer ended with ${code}`)));
  });
  const stop = () => {
    pooler.kill();
    spawnSync('pkill', ['-f', folder]);
  };
  return { url: `postgres://${username}@127.0.0.1:${listen}${pathname}`, stop };
}
