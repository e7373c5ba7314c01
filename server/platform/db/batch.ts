// Gathers calls while a batch is under way and runs them together: under load one statement and one
// commit serve many callers, without load a call waits for nobody. It knows nothing of what is run.

import { Fault } from '../errors.ts';

/** Also the slow ones together; a pool of connections has to do for everything else too. */
const MOST_LANES = 4;

export interface BatchOptions<Item> {
  /** The most that run together. */
  limit: number;
  /** Batches under way at once, so that one's work is done while another waits for its commit. */
  lanes: number;
  /**
   * Milliseconds after which a batch under way no longer counts as one of the lanes, so that a slow
   * one holds nobody up.
   */
  patience?: number;
  /** Items of the same key never share a batch; without it any may. */
  key?: (item: Item) => string;
}

interface Waiting<Item, Result> {
  item: Item;
  done: (result: Result | Promise<Result>) => void;
  failed: (error: unknown) => void;
}

/**
 * A call that is run with others; `run` answers in the order of its items, having committed. What
 * it answers with a promise is waited for by that caller alone.
 */
export function createBatcher<Item, Result>(
  run: (items: Item[]) => Promise<(Result | Promise<Result>)[]>,
  options: BatchOptions<Item>,
) {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let slow = 0;

  const isFree = () => running - slow < options.lanes && running < MOST_LANES;

  function open(): void {
    running += 1;
    setImmediate(() => void work());
  }

  function take(): Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    const later: Waiting<Item, Result>[] = [];
    const keys = new Set<string>();
    for (const entry of waiting) {
      const key = options.key?.(entry.item);
      if (batch.length >= options.limit || (key !== undefined && keys.has(key))) later.push(entry);
      else batch.push(entry);
      if (key !== undefined) keys.add(key);
    }
    waiting = later;
    return batch;
  }

  async function work(): Promise<void> {
    while (waiting.length && running - slow <= options.lanes) {
      const batch = take();
      const noLongerSlow = options.patience === undefined ? undefined : watch(options.patience);
      try {
        const results = await run(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => entry.done(results[index]!));
      } catch (error) {
        await alone(batch, error);
      }
      noLongerSlow?.();
    }
    running -= 1;
  }

  /**
   * After its time a batch counts as slow, and who waits need not wait for it; until the function
   * it gives is called.
   */
  function watch(patience: number): () => void {
    let isSlow = false;
    const timer = setTimeout(() => {
      isSlow = true;
      slow += 1;
      if (waiting.length && isFree()) open();
    }, patience);
    return () => {
      clearTimeout(timer);
      if (isSlow) slow -= 1;
    };
  }

  /**
   * One that cannot be run must not fail its neighbours: each is tried by itself, unless nothing
   * can be run at all.
   */
  async function alone(batch: Waiting<Item, Result>[], error: unknown): Promise<void> {
    const hopeless = batch.length === 1 || (error instanceof Fault && error.status === 503);
    for (const entry of batch) {
      if (hopeless) entry.failed(error);
      else await run([entry.item]).then(([result]) => entry.done(result!), entry.failed);
    }
  }

  return (item: Item): Promise<Result> =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      if (isFree()) open();
    });
}
