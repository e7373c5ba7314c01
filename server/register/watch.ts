// Whether the registers are kept up with: gauges of how far behind each is and what is set aside,
// and an error in the log when either lasts. It changes nothing; decisions go on.
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db/db.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { RegisterSource } from './model.ts';
import { readState, type RegisterState } from './store.ts';

export interface Watching {
  /** How long a feed may be behind, or have lines aside, before it is an error. */
  patienceMillis?: number;
  metrics?: Metrics | undefined;
  /** Called when a register has sent something, for what rests on it elsewhere. */
  changed?: () => Promise<unknown>;
}

const PATIENCE_MILLIS = 15 * 60_000;

/** Looks at each source; the operator is warned once in as long as the patience lasts. */
export function createWatch(
  db: Db,
  sources: RegisterSource[],
  log: Logger,
  { patienceMillis = PATIENCE_MILLIS, metrics }: Watching,
): () => Promise<void> {
  const told = new Map<string, number>();
  const followed = new Set(sources.map(({ code }) => code));

  function look(state: RegisterState, now: number): void {
    const { source, aside, asideSince, unnamed } = state;
    const behind = now - (state.readAt ?? state.movedAt).getTime();
    metrics?.registerBehind.set({ source }, behind / 1000);
    metrics?.registerAside.set({ source }, aside);
    metrics?.registerUnnamed.set({ source }, unnamed);
    const waited = asideSince ? now - asideSince.getTime() : 0;
    const isLate = behind > patienceMillis || waited > patienceMillis;
    if (!isLate || now - (told.get(source) ?? -Infinity) < patienceMillis) return;
    told.set(source, now);
    log.error(
      { source, behindSeconds: Math.round(behind / 1000), aside, fault: state.fault },
      'a register is behind, or has lines set aside, for longer than may be',
    );
  }

  return async () => {
    if (!sources.length) return;
    const now = clock.now().getTime();
    for (const state of await readState(db)) if (followed.has(state.source)) look(state, now);
  };
}
