// The folder outside the database where every checkpoint is written before it is published: for
// each log a file a day, appended to. Whoever sets the database back is found out by it. It knows
// no table.
import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointsIn, type Checkpoint } from './note_model.ts';

/** The end of a file that is read: it holds the last checkpoint whole. */
const TAIL = 16_384;

async function tailOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, TAIL));
  const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
  return tail.toString('utf8', 0, bytesRead);
}

const noFolder = (error: NodeJS.ErrnoException): string[] => {
  if (error.code !== 'ENOENT') throw error;
  return [];
};

export interface Folder {
  /** The newest checkpoint of a log that was written whole; undefined where none was. */
  newest(log: number): Promise<Checkpoint | undefined>;
  /** The highest number of a log that has any; 0 where none has. */
  latest(): Promise<number>;
  /** Resolves when it is on disk. */
  append(log: number, note: string, now: Date): Promise<void>;
}

export function openFolder(path: string): Folder {
  /** The days of each log, in their order. */
  async function days(): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>();
    for (const name of (await readdir(path).catch(noFolder)).sort()) {
      const [, log, day] = /^(\d+)-(\d{4}-\d\d-\d\d)\.txt$/.exec(name) ?? [];
      if (log && day) found.set(Number(log), [...(found.get(Number(log)) ?? []), day]);
    }
    return found;
  }
  return {
    async newest(log) {
      for (const day of ((await days()).get(log) ?? []).reverse()) {
        const found = checkpointsIn(await tailOf(join(path, `${log}-${day}.txt`)));
        // The later of two nodes that wrote at once may have known less.
        if (found.length) return found.sort((a, b) => b.size - a.size)[0];
      }
      return undefined;
    },
    async latest() {
      return Math.max(0, ...(await days()).keys());
    },
    async append(log, note, now) {
      await mkdir(path, { recursive: true });
      // A node whose clock is behind writes where the one before it did.
      const [day] = [now.toISOString().slice(0, 10), ...((await days()).get(log) ?? [])]
        .sort()
        .reverse();
      await using file = await open(join(path, `${log}-${day}.txt`), 'a', 0o644);
      // A line that a crash cut short ends first, and stands for nothing.
      await file.writeFile(`\n\n${note}`);
      await file.sync();
      // A file that is new is there after a crash only once its folder is on disk too.
      await using folder = await open(path, 'r');
      await folder.sync();
    },
  };
}
