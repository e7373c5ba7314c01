// `npm run drills [-- NAME]`: whole drills on two and on four nodes, each with more faults and more
// load than the suite's, and a table of what came of them. PostgreSQL, PgBouncer and HAProxy are
// Debian's.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './support/run/postgres.ts';

const FILES = ['drills.test.ts', 'upgrade.test.ts', 'restore.test.ts'];
const root = fileURLToPath(new URL('..', import.meta.url));
const [name] = process.argv.slice(2);
const postgres = await startPostgres(false);
if (!postgres) throw new Error('no PostgreSQL found (Debian: apt-get install postgresql)');
try {
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/mocha/bin/mocha.js'),
      ...FILES.map((file) => join(root, 'test/anomaly', file)),
      ...['--reporter', 'spec', '--timeout', '1800000'],
      ...(name ? ['--grep', name] : []),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_ENV: 'test',
        DRILLS: 'whole',
        TEST_DATABASE_URL: postgres.url,
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
      },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  postgres.stop();
}
