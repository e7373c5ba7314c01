// `npm test`: the whole suite on the embedded database and on a real PostgreSQL, with a real
// browser where there is one; says loudly what it had to skip, and ends with one line of sums.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasChromium } from './support/pages/chromium.ts';
import { unmetCodes } from './support/run/contract.ts';
import { portsOf } from './support/run/ports.ts';
import { startPostgres, type Postgres } from './support/run/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const skips: string[] = [];
const named = process.argv.slice(2);
const BROWSERS = 'test/browser/**/*.test.ts';
/** The papers, the calls of `/docs` and what is shipped start servers of their own. */
const PAPERS = ['papers', 'calls', 'deploy', 'image'].map(
  (name) => `test/description/${name}.test.ts`,
);
const isTogether = availableParallelism() > 1;
/** What the parts keep for a while; another user, as whom PostgreSQL runs, goes through it. */
const temporary = mkdtempSync(join(tmpdir(), 'tillit-run-'));
chmodSync(temporary, 0o755);
/** Where each part keeps the codes that answers had. */
const keptCodes = join(temporary, 'codes');
mkdirSync(keptCodes);

interface Counts {
  passed: number;
  failed: number;
  pending: number;
}

/** Some files on one database. */
interface Part {
  name: string;
  /** The PostgreSQL; none for the embedded database. */
  url?: string;
  files: string[];
  ignored?: string[];
  /** Whether it has what the longest parts leave of the processors. */
  isSpare?: boolean;
}

/**
 * Runs mocha and tells what it says, but for one that runs beside another; answers with that, and
 * what it counted. A run that dies counts as one failure.
 */
function mocha(part: Part, at: number, isBeside: boolean): Promise<Counts & { told: string }> {
  if (!isBeside) console.log(`\n=== ${part.name}`);
  const begun = Date.now();
  return new Promise((done) => {
    const child = spawn(
      'nice',
      [
        ...['-n', part.isSpare ? '5' : '0', process.execPath],
        join(root, 'node_modules/mocha/bin/mocha.js'),
        ...part.files,
        ...(part.ignored ?? []).flatMap((files) => ['--ignore', files]),
      ],
      {
        cwd: root,
        env: {
          ...process.env,
          NODE_ENV: 'test',
          TEST_DATABASE_URL: part.url ?? '',
          TEST_PORTS: String(portsOf(at)),
          TEST_SHARES: postgres ? '2' : '1',
          NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
          KEPT_CODES: keptCodes,
          TMPDIR: temporary,
        },
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
        told: `\n=== ${part.name}, ${Math.round((Date.now() - begun) / 1000)} s\n${errors}${output}`,
      });
    });
  });
}

const totals: Counts = { passed: 0, failed: 0, pending: 0 };
const add = (counts: Counts) => {
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.pending += counts.pending;
};

if (!hasChromium) {
  skips.push('the browser tests: no Chromium (Debian: apt-get install chromium-headless-shell)');
}
if (!['/usr/bin/firefox-esr', '/usr/bin/firefox'].some(existsSync)) {
  skips.push('the journeys in Firefox: no Firefox (Debian: apt-get install firefox-esr)');
}
if (!existsSync('/usr/sbin/pgbouncer')) {
  skips.push('the tests behind a pooler: no PgBouncer (Debian: apt-get install pgbouncer)');
}
if (!existsSync('/usr/sbin/haproxy')) {
  skips.push('the tests behind a proxy: no HAProxy (Debian: apt-get install haproxy)');
}
if (!existsSync('/usr/bin/promtool')) {
  skips.push('the tests of alerts: no promtool (Debian: apt-get install prometheus)');
}
if (!['/usr/bin/buildah', '/usr/bin/mmdebstrap'].every(existsSync)) {
  skips.push(
    'the test that builds the image: no buildah or mmdebstrap (Debian packages of that name)',
  );
}
/** A PostgreSQL for each of the parts that need one; none where there is none. */
const servers: Postgres[] = [];
const needed = named.length ? 1 : 3;
try {
  while (servers.length < needed) {
    const server = await startPostgres(false);
    if (!server) break;
    servers.push(server);
  }
} catch (error) {
  console.error((error as Error).message);
}
const [postgres, browsersOn, anomaliesOn] = servers;
if (!postgres)
  skips.push('the whole suite on PostgreSQL: no server found (Debian: apt-get install postgresql)');

// Beside each other where there is more than one core to run on. What a browser shows of the pages
// it shows on the database of production; without one, on the embedded. Anomalies wait for clocks
// and processes more than they work, and so begin at once beside all else.
const ANOMALIES = 'test/anomaly/**/*.test.ts';
const REGISTERS = 'test/register/**/*.test.ts';
const LAWS = 'test/laws/*.test.ts';
const ignored = anomaliesOn && [BROWSERS, ...PAPERS, ANOMALIES, REGISTERS];
/**
 * What the embedded database is asked in a database of its own: registers are compared with all
 * parties that there are.
 */
const APART = [LAWS, ANOMALIES, REGISTERS];
const suite: Part = named.length
  ? { name: 'embedded database', files: named }
  : {
      name: 'embedded database',
      files: ['test/**/*.test.ts'],
      ignored: ignored ? [...ignored, LAWS] : [],
    };
/** Each beside the others. */
const parts: Part[] = [
  suite,
  ...(postgres
    ? [{ ...suite, name: 'PostgreSQL', url: postgres.url, ...(ignored ? { ignored } : {}) }]
    : []),
  ...(browsersOn && anomaliesOn
    ? [
        {
          name: 'PostgreSQL, in browsers and beside them',
          url: browsersOn.url,
          files: [BROWSERS, ...PAPERS, REGISTERS],
          isSpare: true,
        },
        { name: 'PostgreSQL, anomalies', url: anomaliesOn.url, files: [ANOMALIES], isSpare: true },
        { name: 'embedded database, laws, anomalies and registers', files: APART, isSpare: true },
      ]
    : []),
];
/** The steps of `npm run check`: layout and lint, types, and names that nobody uses. */
const CHECKS = [
  ['node_modules/@biomejs/biome/bin/biome', 'check', '--diagnostic-level=error', '.'],
  ['node_modules/typescript/bin/tsc', '--noEmit'],
  ['node_modules/knip/bin/knip.js'],
];
/** Runs them one by one, and tells what they said when they are done. */
async function check(): Promise<void> {
  for (const [tool, ...args] of CHECKS) {
    const [status, told] = await new Promise<[number | null, string]>((done) => {
      const child = spawn(process.execPath, [join(root, tool!), ...args], { cwd: root });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk;
        });
      child.on('close', (code) => done([code, output]));
    });
    if (status !== 0) console.log(`\n=== ${tool}\n${told}`);
    add({ passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, pending: 0 });
  }
}
const checking = isTogether ? check() : await check();
if (isTogether) {
  const running = parts.map((part, at) => mocha(part, at, at > 0));
  for (const [at, run] of running.entries()) {
    const counts = await run;
    if (at > 0) console.log(counts.told);
    add(counts);
  }
} else for (const [at, part] of parts.entries()) add(await mocha(part, at, false));
await checking;
for (const server of servers) server.stop();
if (!named.length) {
  const unmet = unmetCodes(keptCodes);
  if (unmet.length) console.error(`codes that no answer of the whole run had: ${unmet.join(', ')}`);
  add({ passed: unmet.length ? 0 : 1, failed: unmet.length ? 1 : 0, pending: 0 });
}
try {
  rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
} catch {
  // A process that is still ending may write there: the system's own cleaning takes it then.
}
for (const skip of skips) console.log(`\n*** SKIPPED ${skip}`);
console.log(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.pending ? `, ${totals.pending} skipped` : ''}`,
);
process.exit(totals.failed ? 1 : 0);
