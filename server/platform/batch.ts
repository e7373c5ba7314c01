// Gathers calls while a batch is under way and runs them together: under load one statement and one commit serve many
// callers, without load a call waits for nobody. It knows nothing of what is run.

import { Fault } from './errors.ts';

export interface BatchOptions<Item> {
  /** The most that run together. */
  limit: number;
  /** Batches under way at once, so that one's work is done while another waits for its commit. */
  lanes: number;
  /** Items of the same key never share a batch. */
  key: (item: Item) => string;
}

interface Waiting<Item, Result> { item: Item; done: (result: Result) => void; failed: (error: unknown) => void }

/** A call that is run with others; `run` answers in the order of its items, having committed. */
export function createBatcher<Item, Result>(run: (items: Item[]) => Promise<Result[]>, options: BatchOptions<Item>) {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;

  function take(): Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    const later: Waiting<Item, Result>[] = [];
    const keys = new Set<string>();
    for (const entry of waiting) {
      const key = options.key(entry.item);
      if (batch.length >= options.limit || keys.has(key)) later.push(entry);
      else batch.push(entry);
      keys.add(key);
    }
    waiting = later;
    return batch;
  }

  async function work(): Promise<void> {
    while (waiting.length) {
      const batch = take();
      try {
        const results = await run(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => entry.done(results[index]!));
      } catch (error) {
        await alone(batch, error);
      }
    }
    running -= 1;
  }

  /** One that cannot be run must not fail its neighbours: each is tried by itself, unless nothing can be run at all. */
  async function alone(batch: Waiting<Item, Result>[], error: unknown): Promise<void> {
    const hopeless = batch.length === 1 || (error instanceof Fault && error.status === 503);
    for (const entry of batch) {
      if (hopeless) entry.failed(error);
      else await run([entry.item]).then(([result]) => entry.done(result!), entry.failed);
    }
  }

  return (item: Item): Promise<Result> => new Promise((done, failed) => {
    waiting.push({ item, done, failed });
    if (running >= options.lanes) return;
    running += 1;
    setImmediate(() => void work());
  });
}
