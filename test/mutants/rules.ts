// `npm run mutants:rules`: takes rules out one by one, each under its name (rules.json): of what
// rests on something, of what is listed, and of each that has a test of its own; and tells which
// are not noticed.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import pg from 'pg';
import { startPostgres } from '../support/run/postgres.ts';

interface Rule {
  rule: string;
  /**
   * The test that is to notice: one of the property tests, by seeds, of which that of what rests on
   * something unless said; or a file of tests.
   */
  test?: string;
  file: string;
  from: string;
  to: string;
}
const only = process.argv.slice(2).join(' ');
const rules = (
  JSON.parse(readFileSync(new URL('rules.json', import.meta.url), 'utf8')) as Rule[]
).filter(({ rule, test = '' }) => rule.includes(only) || test.includes(only));
// A rule that is not there cannot be taken out: its test would fail for that alone.
for (const { rule, file, from } of rules)
  if (!readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').includes(from))
    throw new Error(`${rule}: ${file} does not have ${from}`);
const postgres = await startPostgres(false).catch(() => undefined);
const SEEDS = ['11', '22', '33'];
const PROPERTIES: Record<string, string> = {
  bases: 'test/anomaly/bases.test.ts',
  lists: 'test/decision/search/lists.test.ts',
};

/** Whether the test passes with the rule taken out, in an empty database. */
async function passes(
  rule: Rule | undefined,
  seed: string,
  test = rule?.test ?? 'bases',
): Promise<boolean> {
  let url = '';
  if (postgres) {
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const name = `rule_${process.pid}_${Math.random().toString(36).slice(2)}`;
    await admin.query(`create database ${name}`);
    await admin.end();
    url = postgres.url.replace(/\/[^/]*$/, `/${name}`);
  }
  const child = spawn(
    process.execPath,
    [
      ...(rule ? ['--import', new URL('replace.ts', import.meta.url).href] : []),
      ...['node_modules/mocha/bin/mocha.js', '--no-config', '--extension', 'ts', '--exit'],
      ...['--timeout', '30000'],
      ...['--require', 'test/support/run/hooks.ts', PROPERTIES[test] ?? test],
    ],
    {
      stdio: 'ignore',
      env: {
        ...process.env,
        NODE_ENV: 'test',
        SEED_OF_BASES: seed,
        SEED_OF_LISTS: seed,
        TEST_DATABASE_URL: url,
        ...(rule ? { RULE_OUT: JSON.stringify(rule) } : {}),
      },
    },
  );
  return (await new Promise((done) => child.once('exit', done))) === 0;
}

let missed = 0;
for (const test of new Set(rules.map(({ test: one = 'bases' }) => one)))
  if (!(await passes(undefined, SEEDS[0]!, test)))
    throw new Error(`${test} fails with nothing taken out`);
const rest = rules.values();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const rule of rest) {
      let isMissed = true;
      const seeds = PROPERTIES[rule.test ?? 'bases'] ? SEEDS : SEEDS.slice(0, 1);
      for (const seed of seeds) isMissed &&= await passes(rule, seed);
      missed += Number(isMissed);
      console.log(`${isMissed ? 'missed' : 'noticed'}: ${rule.rule}`);
    }
  }),
);
postgres?.stop();
console.log(`\n${rules.length - missed} of ${rules.length} rules are noticed when they are gone`);
process.exit(missed ? 1 : 0);
