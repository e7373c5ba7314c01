// A process of `npm run mutants`: serves the models with their switches and runs test files against
// them, each run with a world of its own. Messages tell what to leave out and which files to run.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';
import pg from 'pg';
import { switched, type Site } from './sites.ts';

export interface Work {
  /** Index of the site that is left out; -1 for none. */
  mutant: number;
  files: string[];
}
export interface Result {
  /** The first test that failed, and how. */
  failed: string | null;
  /** The file it stands in. */
  by?: string | undefined;
  /** Each site that was met, and by how many tests: only when none is left out. */
  met: [site: number, tests: number][];
  millis: number;
}

const { sites, tests } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as {
  sites: Site[];
  tests: string[];
};
let active = -1;
let met = new Map<number, number>();
/** The sites that the test which runs has met so far. */
const metByTest = new Set<number>();
Object.assign(globalThis, {
  mutant: (index: number) => {
    if (active < 0 && !metByTest.has(index)) {
      metByTest.add(index);
      met.set(index, (met.get(index) ?? 0) + 1);
    }
    return index === active;
  },
});

registerHooks({
  load(url, context, next) {
    const path = url.startsWith('file:') ? fileURLToPath(url.split('?')[0]!) : '';
    const first = sites.findIndex((site) => path.endsWith(`/${site.file}`));
    if (first < 0) return next(url, context);
    const own = sites.filter((site) => path.endsWith(`/${site.file}`));
    const source = switched(readFileSync(path, 'utf8'), own, first);
    return { format: 'module', source, shortCircuit: true };
  },
});

const { mochaHooks } = await import('../support/run/hooks.ts');
const { startWorld } = await import('../support/world.ts');
const mocha = new Mocha({ timeout: 30_000, bail: true });
mocha.reporter(class {} as never);
mocha.cleanReferencesAfterRun(false);
mocha.rootHooks(mochaHooks);
for (const file of tests) mocha.addFile(file);
await mocha.loadFilesAsync();
const suites = Map.groupBy(mocha.suite.suites, ({ file }) => file!);

type Failure = Pick<Result, 'failed' | 'by'>;

/** Runs the files in their order, in one world, until a test fails. */
function run(files: string[]): Promise<Failure> {
  mocha.suite.suites = files.flatMap((file) => suites.get(file) ?? []);
  return new Promise((done) => {
    let first: Failure = { failed: null };
    mocha
      .run(() => done(first))
      .on('test end', () => metByTest.clear())
      .on('fail', (test, { message }: Error) => {
        if (first.failed === null)
          first = { failed: `${test.fullTitle()}: ${message}`, by: test.file };
      });
  });
}

const server = process.env.TEST_DATABASE_URL;
const base = `mutant_${process.pid}`;
let runs = 0;
const useDatabase = (name: string) => {
  process.env.TEST_DATABASE_URL = server!.replace(/\/[^/]*$/, `/${name}`);
};

/** A world is started once, with nothing left out, and its database copied for each run. */
async function makeBase(admin: pg.Client): Promise<void> {
  const mutant = active;
  active = -1;
  await admin.query(`create database ${base}`);
  useDatabase(base);
  await (await startWorld()).stop();
  process.env.TEST_DATABASE_IS_COPY = '1';
  active = mutant;
  met = new Map();
}

/** On PostgreSQL each run has a database of its own. */
async function inOwnDatabase(files: string[]): Promise<Failure> {
  if (!server) return run(files);
  const name = `${base}_${runs}`;
  runs += 1;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  if (!process.env.TEST_DATABASE_IS_COPY) await makeBase(admin);
  await admin.query(`create database ${name} template ${base}`);
  useDatabase(name);
  const failure = await run(files);
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
  return failure;
}

process.on('message', async ({ mutant, files }: Work) => {
  active = mutant;
  met = new Map();
  metByTest.clear();
  const begun = performance.now();
  const failure = await inOwnDatabase(files);
  process.send!({
    ...failure,
    met: [...met],
    millis: performance.now() - begun,
  } satisfies Result);
});
process.on('unhandledRejection', () => {});
process.send!('ready');
