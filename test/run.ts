// `npm test`: the whole suite on the embedded database and on a real PostgreSQL, with a real
// browser where there is one; says loudly what it had to skip, and ends with one line of sums.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './support/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const skips: string[] = [];
/** Only a whole run can tell what no test has met. */
const whole: Record<string, string> = process.argv.length > 2 ? {} : { WHOLE_SUITE: '1' };

interface Counts {
  passed: number;
  failed: number;
  pending: number;
}

/**
 * Runs mocha and tells what it says, but for one that runs beside another; answers with that, and
 * what it counted. A run that dies counts as one failure.
 */
function mocha(
  name: string,
  env: Record<string, string>,
  { isBeside = false, withBrowsers = true } = {},
): Promise<Counts & { told: string }> {
  if (!isBeside) console.log(`\n=== ${name}`);
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules/mocha/bin/mocha.js'),
        ...(process.argv.length > 2 ? process.argv.slice(2) : ['test/**/*.test.ts']),
        ...(withBrowsers ? [] : ['--ignore', 'test/browser/**']),
      ],
      {
        cwd: root,
        env: { ...process.env, ...env, ...whole, NODE_ENV: 'test' },
        stdio: ['ignore', 'pipe', isBeside ? 'pipe' : 'inherit'],
      },
    );
    let output = '';
    let errors = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk;
      if (!isBeside) process.stdout.write(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    child.on('close', (code) => {
      const count = (word: string) =>
        Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
      const failed = count('failing');
      done({
        passed: count('passing'),
        pending: count('pending'),
        failed: failed || (code === 0 ? 0 : 1),
        told: `\n=== ${name}\n${errors}${output}`,
      });
    });
  });
}

/** What `npm run check` does, a tool at a time: layout and lint, then types. */
const checks = [
  ['node_modules/@biomejs/biome/bin/biome', 'check', '--diagnostic-level=error', '.'],
  ['node_modules/typescript/bin/tsc', '--noEmit'],
].map(
  ([tool, ...args]) =>
    spawnSync(process.execPath, [join(root, tool!), ...args], { cwd: root, stdio: 'inherit' })
      .status,
);
const totals: Counts = {
  passed: checks.filter((status) => status === 0).length,
  failed: checks.filter((status) => status !== 0).length,
  pending: 0,
};
const add = (counts: Counts) => {
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.pending += counts.pending;
};

if (!['/usr/bin/chromium', '/usr/bin/chromium-browser'].some(existsSync)) {
  skips.push('the browser tests: no Chromium (Debian: apt-get install chromium)');
}
if (!['/usr/bin/firefox-esr', '/usr/bin/firefox'].some(existsSync)) {
  skips.push('the journeys in Firefox: no Firefox (Debian: apt-get install firefox-esr)');
}
if (!existsSync('/usr/sbin/pgbouncer')) {
  skips.push('the tests behind a pooler: no PgBouncer (Debian: apt-get install pgbouncer)');
}
const postgres = await startPostgres(false).catch((error: Error) => {
  console.error(error.message);
  return undefined;
});
// Beside each other where there is more than one core to run on. What a browser shows of the pages
// it shows on the database of production; without one, on the embedded.
const isTogether = availableParallelism() > 1;
const embedded = mocha('embedded database', { TEST_DATABASE_URL: '' }, { withBrowsers: !postgres });
if (!isTogether) add(await embedded);
const real =
  postgres && mocha('PostgreSQL', { TEST_DATABASE_URL: postgres.url }, { isBeside: isTogether });
if (isTogether) add(await embedded);
if (real) {
  const counts = await real;
  if (isTogether) console.log(counts.told);
  add(counts);
  postgres.stop();
} else {
  skips.push('the whole suite on PostgreSQL: no server found (Debian: apt-get install postgresql)');
}
for (const skip of skips) console.log(`\n*** SKIPPED ${skip}`);
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.pending ? `, ${totals.pending} skipped` : ''}`,
);
process.exit(totals.failed ? 1 : 0);
