// Keeping up with the registers: each feed is read until it is through, and once a night everything
// we know is compared with what they say. A feed that stops at a fault is tried again; a register
// that is away changes nothing.
import type { DecisionPoint } from '../decision/point.ts';
import { clock } from '../platform/clock.ts';
import { isDeadlock } from '../platform/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import { applyBatch } from './apply.ts';
import type { Source } from './model.ts';
import { reconcileSource, type Reconciled } from './reconcile.ts';
import { beginCursor, readCursor, readDrift, saveDrift } from './store.ts';

const MOST_BATCHES = 50;
const NIGHT_MILLIS = 20 * 3_600_000;

export interface Registers {
  sources: Source[];
  /** Reads every feed once; called every few seconds. */
  poll(): Promise<void>;
  /** Compares all with the registers when a night has passed since the last time. */
  reconcileWhenDue(): Promise<void>;
  /** Compares one source now; answers with what differs, and what was done about it. */
  reconcile(code: string): Promise<Reconciled>;
}

export function createRegisters(point: DecisionPoint, sources: Source[], log: Logger): Registers {
  const polling = new Set<string>();

  async function pollOne(source: Source): Promise<void> {
    const state = await readCursor(point.db, source.code);
    if (state === undefined) {
      await beginCursor(point.db, source.code, await source.latest(), clock.now());
      return;
    }
    let from = state.cursor;
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
      const read = await source.feed(from);
      if (!read.facts.length && !read.fault && read.cursor === from && !state.fault) return;
      // Two registers may tell of the same parties in the same moment.
      const apply = () => applyBatch(point, source.code, from, read, clock.now());
      const applied = await apply().catch((error) => {
        if (isDeadlock(error)) return apply();
        throw error;
      });
      if (applied?.fault)
        log.error(
          { source: source.code, fault: applied.fault },
          'a register feed stopped at a fault',
        );
      if (applied?.passedOver)
        log.warn(
          { source: source.code, holders: applied.passedOver },
          'a register tells of roles of parties that are not known here',
        );
      if (!applied || applied.fault || !read.more) return;
      from = read.cursor;
    }
  }

  async function reconcile(code: string): Promise<Reconciled> {
    const source = sources.find((known) => known.code === code);
    if (!source) throw new Error(`no register ${code}`);
    const found = await reconcileSource(point, source);
    const now = clock.now();
    await saveDrift(point.db, { id: uuidv7(now), source: code, ...found }, now);
    const { drift, ended, begun, heldBack } = found;
    if (drift.length)
      log.warn(
        { source: code, drift: drift.length, ended, begun, heldBack },
        'what we know differs from a register',
      );
    return found;
  }

  return {
    sources,
    async poll() {
      // Each at its own pace: one that is slow does not keep what another has ended.
      await Promise.all(
        sources
          .filter(({ code }) => !polling.has(code))
          .map(async (source) => {
            polling.add(source.code);
            await pollOne(source).catch((error) =>
              log.warn({ err: error, source: source.code }, 'a register could not be read'),
            );
            polling.delete(source.code);
          }),
      );
    },
    async reconcileWhenDue() {
      for (const { code } of sources) {
        const last = await readDrift(point.db, code);
        if (last && clock.now().getTime() - last.at.getTime() < NIGHT_MILLIS) continue;
        await reconcile(code).catch((error) =>
          log.warn({ err: error, source: code }, 'a register could not be reconciled'),
        );
      }
    },
    reconcile,
  };
}
