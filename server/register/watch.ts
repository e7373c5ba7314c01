// Whether the registers are kept up with: how far behind each is and what is set aside, for the
// metrics, and an error in the log when either lasts. It changes nothing; decisions go on.
import { clock } from '../platform/clock.ts';
import type { Db } from '../platform/db/db.ts';
import type { Logger } from '../platform/log.ts';
import { sharedReading, type Measure, type Measured } from '../platform/metrics.ts';
import type { RegisterSource } from './model.ts';
import { readState, type RegisterState } from './store.ts';

export interface Watching {
  /** How long a feed may be behind, or have lines aside, before it is an error. */
  patienceMillis?: number;
  /** Called when a register has sent something, for what rests on it elsewhere. */
  changed?: () => Promise<unknown>;
}

const PATIENCE_MILLIS = 15 * 60_000;

/** Milliseconds since the feed was last read to its end. */
const behindOf = ({ readAt, movedAt }: RegisterState, now: number): number =>
  now - (readAt ?? movedAt).getTime();

/** How the registers stand that are followed. */
function readFollowed(db: Db, sources: RegisterSource[]): () => Promise<RegisterState[]> {
  const followed = new Set(sources.map(({ code }) => code));
  return async () => (await readState(db)).filter(({ source }) => followed.has(source));
}

/** How each stands, as it is when it is read. */
export function registerMeasures(db: Db, sources: RegisterSource[]): Measure[] {
  const states = sharedReading(readFollowed(db, sources));
  const each = (value: (state: RegisterState) => number) => async (): Promise<Measured[]> =>
    (await states()).map((state) => ({ of: state.source, value: value(state) }));
  return [
    {
      name: 'tillit_register_behind_seconds',
      help: 'Seconds since the feed of a register was last read to its end',
      label: 'source',
      read: each((state) => behindOf(state, clock.now().getTime()) / 1000),
    },
    {
      name: 'tillit_register_aside',
      help: 'Lines of a register that cannot be read or used yet',
      label: 'source',
      read: each(({ aside }) => aside),
    },
    {
      name: 'tillit_register_unnamed',
      help: 'Lines of a register from which no party could be read, since ever',
      label: 'source',
      read: each(({ unnamed }) => unnamed),
    },
  ];
}

/** Looks at each source; the operator is warned once in as long as the patience lasts. */
export function createWatch(
  db: Db,
  sources: RegisterSource[],
  log: Logger,
  { patienceMillis = PATIENCE_MILLIS }: Watching,
): () => Promise<void> {
  const told = new Map<string, number>();
  const states = readFollowed(db, sources);

  function look(state: RegisterState, now: number): void {
    const { source, aside, asideSince } = state;
    const behind = behindOf(state, now);
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
    for (const state of await states()) look(state, now);
  };
}
