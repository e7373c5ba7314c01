// `npm run bench:feed`: how soon after the answer an act can be read in the feed, while two hundred
// write on two nodes, together some 25 a second; with the settings as shipped, on PostgreSQL.
import { spawn } from 'node:child_process';
import { startPostgres } from '../support/postgres.ts';
import { here } from './tools.ts';

const postgres = await startPostgres(false);
if (!postgres) throw new Error('it takes PostgreSQL on this machine');
const mocha = here('../../node_modules/mocha/bin/mocha.js');
spawn(
  process.execPath,
  [
    ...[mocha, '--no-config', '--extension', 'ts', '--require', 'test/support/hooks.ts', '--exit'],
    'test/anomaly/feed.test.ts',
  ],
  {
    stdio: 'inherit',
    cwd: here('../..'),
    env: { ...process.env, NODE_ENV: 'test', TEST_DATABASE_URL: postgres.url, FEED_PACE: '8000' },
  },
).once('exit', (code) => {
  postgres.stop();
  process.exitCode = code ?? 1;
});
