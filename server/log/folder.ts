// The folder outside the database where every checkpoint is written before it is published: a file
// a day, appended to. Whoever sets the database back is found out by it. It knows no table.
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointsIn, type Checkpoint } from './note_model.ts';

/** The end of a file that is read: it holds the last checkpoint whole. */
const TAIL = 16_384;

async function tailOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, TAIL));
  await file.read(tail, 0, tail.length, size - tail.length);
  return tail.toString('utf8');
}

const noFolder = (error: NodeJS.ErrnoException): string[] => {
  if (error.code !== 'ENOENT') throw error;
  return [];
};

export interface Folder {
  /** The newest checkpoint of a log that was written; undefined where none was. */
  newest(origin: string): Promise<Checkpoint | undefined>;
  /** Resolves when it is on disk. */
  append(note: string, now: Date): Promise<void>;
}

export const openFolder = (path: string): Folder => ({
  async newest(origin) {
    const days = (await readdir(path).catch(noFolder)).filter((name) => name.endsWith('.txt'));
    for (const day of days.sort().reverse()) {
      const found = checkpointsIn(await tailOf(join(path, day)));
      const own = found.filter((one) => one.origin === origin);
      // The later of two nodes that wrote at once may have known less.
      if (own.length) return own.sort((a, b) => b.size - a.size)[0];
    }
    return undefined;
  },
  async append(note, now) {
    await mkdir(path, { recursive: true });
    const day = now.toISOString().slice(0, 10);
    await using file = await open(join(path, `${day}.txt`), 'a', 0o644);
    // A line that a crash cut short ends first.
    await file.writeFile(`\n${note}`);
    await file.sync();
    // A file that is new is there after a crash only once its folder is on disk too.
    await using folder = await open(path, 'r');
    await folder.sync();
  },
});
