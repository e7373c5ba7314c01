// `npm run mutants`: leaves out each guard and each condition of the models that decide, give, read
// policies and redeem, one by one, and tells which of them no test misses. Those that none can miss
// stand in known.json with why, and are not tried; the run fails when another survives, or more
// than one of twenty.
import { hash } from 'node:crypto';
import { fork, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../support/run/postgres.ts';
import { sitesOf, type Site } from './sites.ts';
import type { Result, Work } from './worker.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MODELS = [
  'server/decision/{rules,authzen,xacml}/*model.ts',
  'server/delegation/{model,authority,why/model,give/footing}.ts',
  'server/mandate/model.ts',
  'server/resource/policy/{model,pattern_model,xacml_model,xacml_target_model}.ts',
  'server/consent/{basis/model,basis/veil_model,ask/checks,ask/answerers,redeem/redeem}.ts',
  'server/{party,resource/policy}/age_model.ts',
];
const TESTS = [
  'test/{caller,register,decision,delegation,connection,access_request,supplier,resource,consent,mandate,party,oidc,import,anomaly,journey}/**/*.test.ts',
  'test/portal/overview/units.test.ts',
  'test/laws/{veil,histories}.test.ts',
];

// With --new, those alone that no test noticed when they were last tried.
const isNew = process.argv[2] === '--new';
const only = process.argv.slice(isNew ? 3 : 2);
const files = globSync(only.length ? only : MODELS, { cwd: root }).sort();
const sites = files.flatMap((file) => sitesOf(file, readFileSync(join(root, file), 'utf8')));
const known = JSON.parse(readFileSync(new URL('known.json', import.meta.url), 'utf8')) as {
  file: string;
  source: string;
  instead: string;
  why: string;
}[];
const folder = mkdtempSync(join(tmpdir(), 'tillit-mutants-'));
const told = join(folder, 'sites.json');
// What starts a server or a pooler of its own, or reads plans, meets none of the switches.
const tests = globSync(TESTS, { cwd: root }).filter(
  (file) => !/process|stall|pooler|plans|drills|restore|upgrade|drain/.test(file),
);
writeFileSync(told, JSON.stringify({ sites, tests }));

const reasonOf = (site: Site) =>
  known.find(
    ({ file, source, instead }) =>
      file === site.file && source === site.source && instead === site.instead,
  )?.why;

// Its worlds start in a fifth of the time.
const postgres = await startPostgres(false).catch(() => undefined);
const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
/** How much longer than with nothing left out a run may take, before it hangs. */
const PATIENCE = 3;
const LEAST_MILLIS = 120_000;
const NOTHING_MET: Result = { failed: null, met: [], millis: 0 };

/** A process that takes one piece of work at a time; one that hangs or dies is replaced. */
class Hand {
  private child: ChildProcess | undefined;

  private async start(): Promise<ChildProcess> {
    const child = fork(worker, [told], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'test', TEST_DATABASE_URL: postgres?.url ?? '' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await new Promise((ready) => child.once('message', ready));
    return child;
  }

  async work(work: Work, longest = 600_000): Promise<Result> {
    this.child ??= await this.start();
    const { child } = this;
    const gone = (why: string): Result => {
      this.stop();
      return { failed: why, met: [], millis: 0 };
    };
    return new Promise((done) => {
      const timer = setTimeout(() => done(gone('it never ended')), longest);
      const died = () => done(gone('the process ended'));
      child.once('exit', died);
      child.once('message', (result: Result) => {
        clearTimeout(timer);
        child.off('exit', died);
        done(result);
      });
      child.send(work);
    });
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }
}

/** Everything done by so many hands, in order of the list. */
async function each<Item>(items: Item[], work: (hand: Hand, item: Item) => Promise<void>) {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      const hand = new Hand();
      for (const item of rest) await work(hand, item);
      hand.stop();
    }),
  );
}

/**
 * The file that noticed each site when it was last tried, so that a next run begins with it: the
 * sites of each file, by digests of their text.
 */
const NOTICED = new URL('noticed.json', import.meta.url);
const noticedBy = new Map<string, string>();
for (const [file, some] of Object.entries(
  JSON.parse(readFileSync(NOTICED, 'utf8')) as Record<string, string>,
))
  for (const site of some.split(' ')) noticedBy.set(site, file);
function keepNoticed(): void {
  const byFile = Object.groupBy([...noticedBy.keys()].sort(), (site) => noticedBy.get(site)!);
  const rows = Object.entries(byFile).map(([file, some]) => [file, some!.join(' ')]);
  writeFileSync(NOTICED, `${JSON.stringify(Object.fromEntries(rows.sort()), null, 2)}\n`);
}
const seen = new Map<string, number>();
/** A site by its text, and which it is of those that are alike. */
const keys = sites.map(({ file, source, instead }) => {
  const text = `${file} ${source} ${instead}`;
  seen.set(text, (seen.get(text) ?? 0) + 1);
  return hash('sha256', `${text} ${seen.get(text)}`).slice(0, 12);
});

// Which files meet which site, by how many tests, and how long each takes.
const metBy = new Map<number, { file: string; count: number }[]>();
const millis = new Map<string, number>();
console.log(
  `${sites.length} guards and conditions in ${files.length} files; ${tests.length} test files`,
);
await each(tests, async (hand, file) => {
  const whole = () => hand.work({ mutant: -1, files: [file] });
  const first = await whole();
  // A machine that does more beside it may be too slow for a test once.
  const { failed, met, millis: taken } = first.failed ? await whole() : first;
  if (failed) throw new Error(`${file} fails with nothing left out: ${failed}`);
  millis.set(file, taken);
  for (const [index, count] of met)
    metBy.set(index, [...(metBy.get(index) ?? []), { file, count }]);
});

const begun = performance.now();
const seconds = () => Math.round((performance.now() - begun) / 1000);
let [missed, done] = [0, 0];
const survivors: Site[] = [];
/** The share of the tests which meet a site that do not notice it, about. */
const MISSES = 0.9;
/** How long a file takes for each site that it is likely to notice. */
const costOf = ({ file, count }: { file: string; count: number }) =>
  millis.get(file)! / (1 - MISSES ** count);
// A test file that has caught much of a model is tried early: it catches most of the rest.
const caughtBy = new Map<string, Map<string, number>>();
const catches = (site: Site, file: string) => caughtBy.get(site.file)?.get(file) ?? 0;
await each([...sites.entries()], async (hand, [mutant, site]) => {
  if (isNew && noticedBy.has(keys[mutant]!)) {
    missed += 1;
    done += 1;
    return;
  }
  if (reasonOf(site) !== undefined) {
    survivors.push(site);
    done += 1;
    return;
  }
  const able = (metBy.get(mutant) ?? [])
    .sort(
      (a, b) =>
        Number(noticedBy.get(keys[mutant]!) === b.file) -
          Number(noticedBy.get(keys[mutant]!) === a.file) ||
        costOf(a) / (1 + catches(site, a.file)) - costOf(b) / (1 + catches(site, b.file)),
    )
    .map(({ file }) => file);
  const usual = able.reduce((sum, file) => sum + millis.get(file)!, 0);
  const { failed, by } = able.length
    ? await hand.work({ mutant, files: able }, LEAST_MILLIS + PATIENCE * usual)
    : NOTHING_MET;
  if (by) {
    const caught = caughtBy.get(site.file) ?? new Map<string, number>();
    caughtBy.set(site.file, caught.set(by, (caught.get(by) ?? 0) + 1));
    noticedBy.set(keys[mutant]!, by);
    keepNoticed();
  }
  missed += Number(failed !== null);
  done += 1;
  if (done % 50 === 0) console.log(`${done} tried, ${seconds()} s`);
  if (failed === null) {
    survivors.push(site);
    console.log(
      `survives: ${site.file}:${site.line} \`${site.source.slice(0, 120)}\` → ${site.instead}${able.length ? '' : ' (no test comes by)'}${reasonOf(site) ? ` (${reasonOf(site)})` : ''}`,
    );
  }
});
postgres?.stop();
rmSync(folder, { recursive: true });

const unexplained = survivors.filter((site) => reasonOf(site) === undefined);
const share = (100 * missed) / sites.length;
console.log(
  `\n${missed} of ${sites.length} fail a test (${share.toFixed(1)} %); ${survivors.length - unexplained.length} survive with a reason, ${unexplained.length} without; ${seconds()} s`,
);
process.exit(unexplained.length || (!only.length && share < 95) ? 1 : 0);
