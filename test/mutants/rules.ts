// `npm run mutants:rules`: takes rules out one by one, each under its name (rules.json): of what
// rests on something, and of what is listed; and tells which the property tests do not notice.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import pg from 'pg';
import { startPostgres } from '../support/postgres.ts';

interface Rule {
  rule: string;
  /** The property test that is to notice; what rests on something, unless said. */
  test?: 'bases' | 'lists';
  file: string;
  from: string;
  to: string;
}
const only = process.argv.slice(2).join(' ');
const rules = (
  JSON.parse(readFileSync(new URL('rules.json', import.meta.url), 'utf8')) as Rule[]
).filter(({ rule }) => rule.includes(only));
const postgres = await startPostgres(false).catch(() => undefined);
const SEEDS = ['11', '22', '33'];
const TESTS = { bases: 'test/anomaly/bases.test.ts', lists: 'test/decision/lists.test.ts' };

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
      ...['--require', 'test/support/hooks.ts', TESTS[test]],
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
for (const test of ['bases', 'lists'] as const)
  if (!(await passes(undefined, SEEDS[0]!, test)))
    throw new Error(`${test} fails with nothing taken out`);
const rest = rules.values();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const rule of rest) {
      let isMissed = true;
      for (const seed of SEEDS) isMissed &&= await passes(rule, seed);
      missed += Number(isMissed);
      console.log(`${isMissed ? 'missed' : 'noticed'}: ${rule.rule}`);
    }
  }),
);
postgres?.stop();
console.log(`\n${rules.length - missed} of ${rules.length} rules are noticed when they are gone`);
process.exit(missed ? 1 : 0);
