// The laws of test/laws in a thousand worlds each, or as many as WORLDS_OF_LAWS says. Every run of
// the tests tries thirty.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { root } from '../support/run/source.ts';

const mocha = fileURLToPath(import.meta.resolve('mocha/bin/mocha.js'));
const { status } = spawnSync(
  process.execPath,
  [mocha, '--reporter', 'spec', ...globSync('test/laws/*.test.ts', { cwd: root })],
  {
    cwd: root,
    stdio: 'inherit',
    env: { WORLDS_OF_LAWS: '1000', ...process.env, NODE_ENV: 'test' },
  },
);
process.exitCode = status ?? 1;
