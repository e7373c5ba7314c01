// `npm test`: the whole suite on the embedded database and on a real PostgreSQL, with a real
// browser where there is one; says loudly what it had to skip, and ends with one line of sums.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './support/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const skips: string[] = [];
/** Only a whole run can tell what no test has met. */
const whole: Record<string, string> = process.argv.length > 2 ? {} : { WHOLE_SUITE: '1' };

/** Runs mocha; answers with what it counted. A run that dies counts as one failure. */
function mocha(
  name: string,
  env: Record<string, string>,
): Promise<{ passed: number; failed: number; pending: number }> {
  console.log(`\n=== ${name}`);
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [
        join(root, 'node_modules/mocha/bin/mocha.js'),
        ...(process.argv.length > 2 ? process.argv.slice(2) : ['test/**/*.test.ts']),
      ],
      {
        cwd: root,
        env: { ...process.env, ...env, ...whole, NODE_ENV: 'test' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('close', (code) => {
      const count = (word: string) =>
        Number(new RegExp(`^\\s*(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
      const failed = count('failing');
      done({
        passed: count('passing'),
        pending: count('pending'),
        failed: failed || (code === 0 ? 0 : 1),
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
const totals = {
  passed: checks.filter((status) => status === 0).length,
  failed: checks.filter((status) => status !== 0).length,
  pending: 0,
};
const add = (counts: typeof totals) => {
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.pending += counts.pending;
};

if (!['/usr/bin/chromium', '/usr/bin/chromium-browser'].some(existsSync)) {
  skips.push('the browser tests: no Chromium (Debian: apt-get install chromium)');
}
add(await mocha('embedded database', { TEST_DATABASE_URL: '' }));
const postgres = await startPostgres(false).catch((error: Error) => {
  console.error(error.message);
  return undefined;
});
if (postgres) {
  try {
    add(await mocha('PostgreSQL', { TEST_DATABASE_URL: postgres.url }));
  } finally {
    postgres.stop();
  }
} else {
  skips.push('the whole suite on PostgreSQL: no server found (Debian: apt-get install postgresql)');
}
for (const skip of skips) console.log(`\n*** SKIPPED ${skip}`);
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.pending ? `, ${totals.pending} skipped` : ''}`,
);
process.exit(totals.failed ? 1 : 0);
