// Keeping up with the registers: each feed is read until it is through, and once a night everything
// we know is compared with what they say. A line that cannot be read is set aside, a register that
// is away changes nothing; of one that is behind for long the operator is warned.
import type { NewAct } from '../decision/act.ts';
import { clock } from '../platform/clock.ts';
import { isDeadlock } from '../platform/db/db.ts';
import { uuidv7 } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import { applyBatch, takeAgain, type Applied } from './batch.ts';
import { createWatch, type Watching } from './watch.ts';
import type { Batch, RegisterSource } from './model.ts';
import { reconcileSource, type Reconciled } from './reconcile/reconcile.ts';
import { beginCursor, noteRead, readCursor, readDrift, saveDrift } from './store.ts';

const MOST_BATCHES = 50;
/** Reasons that one line of the log has. */
const MOST_WHY = 5;
const NIGHT_MILLIS = 20 * 3_600_000;

export interface Registers {
  sources: RegisterSource[];
  /** Reads every feed once; called every few seconds. */
  poll(): Promise<void>;
  /** Compares all with the registers when a night has passed since the last time. */
  reconcileWhenDue(): Promise<void>;
  /** Compares one source now; answers with what differs, and what was done about it. */
  reconcile(code: string): Promise<Reconciled>;
}

export function createRegisters(
  newAct: NewAct,
  sources: RegisterSource[],
  log: Logger,
  watching: Watching = {},
): Registers {
  const polling = new Set<string>();
  const { db } = newAct();
  const watch = createWatch(db, sources, log, watching);

  async function pollOne(source: RegisterSource): Promise<void> {
    const state = await readCursor(db, source.code);
    if (state === undefined) {
      await beginCursor(newAct(), source.code, await source.latest());
      return;
    }
    let { cursor: from, fault } = state;
    const again = await takeAgain(newAct(), source);
    if (again) log.info({ source: source.code, again }, 'what was set aside has been read');
    for (let batch = 0; batch < MOST_BATCHES; batch += 1) {
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

  async function reconcile(code: string): Promise<Reconciled> {
    const source = sources.find((known) => known.code === code);
    if (!source) throw new Error(`no register ${code}`);
    const found = await reconcileSource(newAct(), source);
    const act = newAct();
    await saveDrift(act, { id: uuidv7(act.now), source: code, ...found });
    const { drift, ended, begun, heldBack } = found;
    if (ended) await watching.changed?.();
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
      await watch();
    },
    async reconcileWhenDue() {
      for (const { code } of sources) {
        const last = await readDrift(db, code);
        if (last && clock.now().getTime() - last.at.getTime() < NIGHT_MILLIS) continue;
        await reconcile(code).catch((error) =>
          log.warn({ err: error, source: code }, 'a register could not be reconciled'),
        );
      }
    },
    reconcile,
  };
}
