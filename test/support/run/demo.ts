// The demo as a newcomer starts it, in a folder of its own and at ports of its own, and a shell
// beside it.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeRow } from './ports.ts';
import { root } from './source.ts';

/** The demo's ports, which the papers name. */
export const PORTS = [3000, 3001, 3002, 3003, 3004, 3005, 3006];

export interface Demo {
  /** The first of its ports, in the order of `PORTS`. */
  at: number;
  shell(): Shell;
  stop(): void;
}

/** A shell in the project's folder, to which commands are typed. */
interface Shell {
  /** Runs commands; answers with what they wrote, and the exit code of the last. */
  run(commands: string): Promise<{ said: string; code: number | undefined }>;
  end(): void;
}

export async function startDemo(settings: Record<string, string> = {}): Promise<Demo> {
  const at = await freeRow(PORTS.length);
  const folder = mkdtempSync(join(tmpdir(), 'tillit-demo-'));
  for (const name of ['server', 'clients', 'views', 'migrations', 'deploy', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const env = { PATH: process.env.PATH, HOME: folder, PORT: String(at) };
  const demo = spawn('npm', ['start'], {
    cwd: folder,
    detached: true,
    env: { ...env, METRICS_PORT: '0', ...settings },
  });
  let output = '';
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk) => (output += chunk));
  const deadline = Date.now() + 100_000;
  while (!output.includes('Begin') && demo.exitCode === null && Date.now() < deadline)
    await new Promise((done) => setTimeout(done, 100));
  assert.match(output, /Begin {7}http/);
  return {
    at,
    shell: () => shellOf(spawn('bash', [], { cwd: folder, env })),
    stop: () => process.kill(-demo.pid!, 'SIGTERM'),
  };
}

function shellOf(shell: ChildProcess): Shell {
  let heard = '';
  let count = 0;
  for (const stream of [shell.stdout!, shell.stderr!])
    stream.on('data', (chunk) => (heard += chunk));
  return {
    async run(commands) {
      heard = '';
      count += 1;
      const mark = `done-${count}-`;
      shell.stdin!.write(`${commands}\nended=$?; echo; echo ${mark}$ended.\n`);
      const ended = new RegExp(`^${mark}(\\d+)\\.`, 'm');
      while (!ended.test(heard) && shell.exitCode === null)
        await new Promise((done) => setTimeout(done, 10));
      const code = ended.exec(heard)?.[1];
      return { said: heard.split(mark)[0]!, code: code === undefined ? undefined : Number(code) };
    },
    end: () => void shell.kill(),
  };
}
