// Runs tests of the suite as a bench: more often than every run of the tests does.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../support/run/source.ts';

const mocha = fileURLToPath(import.meta.resolve('mocha/bin/mocha.js'));

/** Runs these files; a variable that the caller has set wins over the one given here. */
export function runTests(files: string[], env: Record<string, string>): void {
  const { status } = spawnSync(process.execPath, [mocha, '--reporter', 'spec', ...files], {
    cwd: root,
    stdio: 'inherit',
    env: { ...env, ...process.env, NODE_ENV: 'test' },
  });
  process.exitCode = status ?? 1;
}
