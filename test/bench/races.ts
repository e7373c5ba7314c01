// The races of test/consent/answer/races.test.ts a thousand times each, or as many as
// ROUNDS_OF_RACES says. Every run of the tests tries fifty.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root } from '../support/run/source.ts';

const mocha = fileURLToPath(import.meta.resolve('mocha/bin/mocha.js'));
const { status } = spawnSync(
  process.execPath,
  [mocha, '--reporter', 'spec', 'test/consent/answer/races.test.ts'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ROUNDS_OF_RACES: '1000', ...process.env, NODE_ENV: 'test' },
  },
);
process.exitCode = status ?? 1;
