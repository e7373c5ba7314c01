// `npm run coverage`: the whole suite on the embedded database under V8's own block coverage; tells
// the share of branches that were taken, in all and by file, and where the others are.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Script {
  url: string;
  functions: {
    isBlockCoverage: boolean;
    ranges: { startOffset: number; endOffset: number; count: number }[];
  }[];
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

/** A range of a file as V8 counts them; those of functions that ran are branches (as in Node). */
interface Block {
  start: number;
  end: number;
  count: number;
  isBranch: boolean;
}

/** The ranges of each file that one process loaded. */
function read(name: string): [file: string, blocks: Block[]][] {
  const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: Script[] };
  return result
    .filter(({ url }) => url.startsWith(new URL('../server/', import.meta.url).href))
    .map(({ url, functions }) => [
      relative(root, fileURLToPath(url.split('?')[0]!)),
      functions.flatMap(({ isBlockCoverage: isBranch, ranges }) =>
        ranges.map(({ startOffset: start, endOffset: end, count }) => ({
          start,
          end,
          count,
          isBranch,
        })),
      ),
    ]);
}

/** How often the narrowest block around the place was entered. */
function countAt(blocks: Block[], { start, end }: Block): number {
  const around = blocks.filter((one) => one.start <= start && one.end >= end);
  const [narrowest] = around.sort((a, b) => a.end - a.start - (b.end - b.start));
  return narrowest?.count ?? 0;
}

const entered = (blocks: Block[]) => blocks.reduce((sum, { count }) => sum + count, 0);

// The process that entered a file most says which blocks there are; what others took of them, such
// as the servers that tests start and stop, counts too.
const processes = Map.groupBy(readdirSync(folder).flatMap(read), ([file]) => file);
rmSync(folder, { recursive: true });
const files = new Map(
  [...processes].map(([file, told]): [string, Block[]] => {
    const [most, ...others] = told
      .map(([, blocks]) => blocks)
      .sort((a, b) => entered(b) - entered(a));
    return [
      file,
      most!
        .filter(({ isBranch }) => isBranch)
        .map((block) => ({
          ...block,
          count: block.count || Math.max(0, ...others.map((blocks) => countAt(blocks, block))),
        })),
    ];
  }),
);

let [taken, all] = [0, 0];
for (const [file, blocks] of [...files].sort(([a], [b]) => a.localeCompare(b))) {
  const source = readFileSync(join(root, file), 'utf8');
  const missed = blocks.filter(({ count }) => count === 0);
  taken += blocks.length - missed.length;
  all += blocks.length;
  if (!missed.length) continue;
  const lines = missed.map(({ start }) => source.slice(0, start).split('\n').length);
  console.log(
    `${file}: ${missed.length} of ${blocks.length} not taken, at ${[...new Set(lines)].sort((a, b) => a - b).join(', ')}`,
  );
}
console.log(
  `\nbranches of server/ taken: ${((100 * taken) / all).toFixed(1)} % (${taken} of ${all})`,
);
process.exit(status ?? 1);
