// `npm run bench feed`: how soon after the answer an act can be read in the feed, while two hundred
// write on two nodes, together some 25 a second; with the settings as shipped, on PostgreSQL.
import { startPostgres } from '../support/run/postgres.ts';
import { runTests } from './tools.ts';

const postgres = await startPostgres(false);
if (!postgres) throw new Error('it takes PostgreSQL on this machine');
await runTests('test/anomaly/feed.test.ts', {
  TEST_DATABASE_URL: postgres.url,
  FEED_PACE: '8000',
});
postgres.stop();
