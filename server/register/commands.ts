// Keeping up with the registers: each feed is read until it is through, and once a night everything
// we know is compared with what they say. A line that cannot be read is set aside, a register that
// is away changes nothing; of one that is behind for long the operator is warned.
import type { NewAct } from '../decision/act.ts';
import { clock } from '../platform/clock.ts';
import { isNight, type GoesOn } from '../platform/job.ts';
import { isDeadlock } from '../platform/db/db_faults.ts';
import type { Measure } from '../platform/metrics.ts';
import type { Logger } from '../platform/log.ts';
import { applyBatch, takeAgain, type Applied } from './batch.ts';
import { createWatch, registerMeasures, type Watching } from './watch.ts';
import type { Batch, RegisterSource } from './model.ts';
import {
  comparisonWaits,
  forgetComparison,
  lastCompared,
  sweepComparisons,
} from './reconcile/progress_store.ts';
import { reconcileSource, type Reconciled } from './reconcile/reconcile.ts';
import { beginCursor, noteRead, readCursor } from './store.ts';

const MOST_BATCHES = 50;
/** Reasons that one line of the log has. */
const MOST_WHY = 5;
const NIGHT_MILLIS = 20 * 3_600_000;

export interface Registers {
  sources: RegisterSource[];
  /** Reads one feed until it is through; called every few seconds. */
  pollOne(code: string, goesOn?: GoesOn): Promise<void>;
  /** Reads every feed once. */
  poll(): Promise<void>;
  /** How they stand, for the metrics. */
  measures: Measure[];
  /** Warns of those that are behind. */
  watch(): Promise<void>;
  /**
   * Compares one when a night has passed since the last time, or somebody asked for it. Throws
   * `SystemUnavailable`, and goes on from there the next time.
   */
  compareWhenDue(code: string, goesOn: GoesOn): Promise<void>;
  /** Removes comparisons of long ago. */
  sweep(goesOn: GoesOn): Promise<void>;
  /** Compares one anew and at once; `readDifferences` has what it found and what was done. */
  reconcile(code: string): Promise<Reconciled>;
}

export function createRegisters(
  newAct: NewAct,
  sources: RegisterSource[],
  log: Logger,
  watching: Watching = {},
): Registers {
  const { db } = newAct();
  const watch = createWatch(db, sources, log, watching);

  async function pollOne(source: RegisterSource, goesOn: GoesOn): Promise<void> {
    const state = await readCursor(db, source.code);
    if (state === undefined) {
      await beginCursor(newAct(), source.code, await source.latest());
      return;
    }
    let { cursor: from, fault } = state;
    const again = await takeAgain(newAct(), source);
    if (again) log.info({ source: source.code, again }, 'what was set aside has been read');
    for (let batch = 0; batch < MOST_BATCHES && goesOn(); batch += 1) {
      const read = await source.feed(from, fault);
      const isNew = read.facts.length || read.fault || read.cursor !== from || fault;
      if (isNew) {
        const applied = await apply(source, from, read);
        if (!applied || applied.fault) return;
      }
      if (!read.more) {
        await noteRead(newAct(), source.code);
        return;
      }
      [from, fault] = [read.cursor, null];
    }
  }

  async function apply(
    source: RegisterSource,
    from: string,
    read: Batch,
  ): Promise<Applied | undefined> {
    const once = () => applyBatch(newAct(), source.code, from, read);
    // Two registers may speak of the same parties in the same moment.
    const applied = await once().catch((error) => {
      if (isDeadlock(error)) return once();
      throw error;
    });
    if (!applied) return undefined;
    const { fault, passedOver, aside, unnamed } = applied;
    const { code } = source;
    if (applied.count) await watching.changed?.();
    if (fault) log.error({ source: code, fault }, 'a register feed stopped at a fault');
    if (unnamed)
      log.error({ source: code, lines: unnamed }, 'no party can be read from lines of a register');
    if (aside.length)
      log.warn(
        { source: code, lines: aside.length, why: aside.slice(0, MOST_WHY) },
        'lines of a register are set aside',
      );
    if (passedOver)
      log.warn(
        { source: code, holders: passedOver },
        'a register tells of roles of parties that are not known here',
      );
    return applied;
  }

  const sourceOf = (code: string): RegisterSource => {
    const source = sources.find((known) => known.code === code);
    if (!source) throw new Error(`no register ${code}`);
    return source;
  };

  async function compare(code: string, goesOn: GoesOn): Promise<Reconciled | undefined> {
    const compared = await reconcileSource(newAct(), sourceOf(code), goesOn);
    if (!compared) return undefined;
    const { checked, found, ended, begun, heldBack } = compared;
    log.info({ source: code, checked, found }, 'a register was compared');
    if (ended) await watching.changed?.();
    if (found)
      log.warn(
        { source: code, found, ended, begun, heldBack },
        'what we know differs from a register',
      );
    return compared;
  }

  /** Once a night, when it is asked for, and on from where it was broken off. */
  async function isDue(code: string): Promise<boolean> {
    if (await comparisonWaits(db, code)) return true;
    const now = clock.now();
    if (!isNight(now)) return false;
    const last = await lastCompared(db, code);
    return !last || now.getTime() - last.getTime() >= NIGHT_MILLIS;
  }

  const pollSafely = (source: RegisterSource, goesOn: GoesOn = () => true) =>
    pollOne(source, goesOn).catch((error) =>
      log.warn({ err: error as Error, source: source.code }, 'a register could not be read'),
    );
  return {
    sources,
    measures: registerMeasures(db, sources),
    pollOne: (code, goesOn) => pollSafely(sourceOf(code), goesOn),
    async poll() {
      await Promise.all(sources.map((source) => pollSafely(source)));
      await watch();
    },
    watch,
    async compareWhenDue(code, goesOn) {
      if (await isDue(code)) await compare(code, goesOn);
    },
    sweep: (goesOn) => sweepComparisons(newAct(), goesOn),
    async reconcile(code) {
      await forgetComparison(db, code);
      return (await compare(code, () => true))!;
    },
  };
}
