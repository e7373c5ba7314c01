// test/pages.txt: what the pages cost, in statements and bytes and in presses, each measured by a
// test of its own. UPDATE=1 writes the lines of the test that runs and leaves the others'.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../../pages.txt', import.meta.url);

/** The known lines of one measure, in order; with UPDATE=1 those that were found. */
export function knownLines(isOwn: (line: string) => boolean, found: string[]): string[] {
  const lines = readFileSync(FILE, 'utf8').split('\n').filter(Boolean);
  if (!process.env.UPDATE) return lines.filter(isOwn);
  const all = [...lines.filter((line) => !isOwn(line)), ...found].sort();
  writeFileSync(FILE, `${all.join('\n')}\n`);
  return [...found].sort();
}

/** Whether a line says how many presses a walk takes. */
export const isWalk = (line: string) => line.startsWith('walk of ');
