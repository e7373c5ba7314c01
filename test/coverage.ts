// `npm run coverage`: the whole suite on the embedded database under V8's own block coverage; tells
// the share of branches that were taken, in all and by file, and where the others are.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Script {
  url: string;
  functions: { ranges: { startOffset: number; endOffset: number; count: number }[] }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tillit-coverage-'));
const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
const tests = process.argv.length > 2 ? process.argv.slice(2) : ['test/**/*.test.ts'];
const { status } = spawnSync(process.execPath, [mocha, ...tests], {
  cwd: root,
  env: { ...process.env, NODE_ENV: 'test', TEST_DATABASE_URL: '', NODE_V8_COVERAGE: folder },
  stdio: 'inherit',
});

type Blocks = Map<string, number>;

/** How often each block of each file was entered by one process. */
function read(name: string): Map<string, Blocks> {
  const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: Script[] };
  const ours = result.filter(({ url }) =>
    url.startsWith(new URL('../server/', import.meta.url).href),
  );
  return new Map(
    ours.map(({ url, functions }) => [
      relative(root, fileURLToPath(url.split('?')[0]!)),
      new Map(
        functions
          .flatMap(({ ranges }) => ranges)
          .map(({ startOffset, endOffset, count }) => [`${startOffset} ${endOffset}`, count]),
      ),
    ]),
  );
}

const entered = (files: Map<string, Blocks>) =>
  [...files.values()].flatMap((blocks) => [...blocks.values()]).reduce((sum, one) => sum + one, 0);

// Processes that tests start and kill tell nothing; the one that ran the tests tells all.
const [files = new Map<string, Blocks>()] = readdirSync(folder)
  .map(read)
  .sort((a, b) => entered(b) - entered(a));
rmSync(folder, { recursive: true });

let [taken, all] = [0, 0];
for (const [file, blocks] of [...files].sort(([a], [b]) => a.localeCompare(b))) {
  const source = readFileSync(join(root, file), 'utf8');
  const missed = [...blocks]
    .filter(([, count]) => count === 0)
    .map(([at]) => Number(at.split(' ')[0]));
  taken += blocks.size - missed.length;
  all += blocks.size;
  if (!missed.length) continue;
  const lines = missed.map((offset) => source.slice(0, offset).split('\n').length);
  console.log(
    `${file}: ${missed.length} of ${blocks.size} not taken, at ${[...new Set(lines)].sort((a, b) => a - b).join(', ')}`,
  );
}
console.log(
  `\nbranches of server/ taken: ${((100 * taken) / all).toFixed(1)} % (${taken} of ${all})`,
);
process.exit(status ?? 1);
