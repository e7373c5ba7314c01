// `npm run bench:mutations`: twenty thousand requests that are almost right, where the suite makes
// two thousand; of a seed that is told, and new each time.
import { spawn } from 'node:child_process';
import { here } from './tools.ts';

const seed = process.env.SEED_OF_MUTATIONS ?? String(Math.floor(Math.random() * 2 ** 31));
const mocha = here('../../node_modules/mocha/bin/mocha.js');
const options = [
  '--no-config',
  '--extension',
  'ts',
  '--require',
  'test/support/hooks.ts',
  '--exit',
];
spawn(process.execPath, [mocha, ...options, 'test/description/mutations.test.ts'], {
  stdio: 'inherit',
  cwd: here('../..'),
  env: { ...process.env, NODE_ENV: 'test', MUTATIONS: '20000', SEED_OF_MUTATIONS: seed },
}).once('exit', (code) => {
  process.exitCode = code ?? 1;
});
