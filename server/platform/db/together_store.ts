// Statements shared by callers: what is asked for, or done, at the same moment travels in one;
// without load nobody waits. It knows no table.
import { createBatcher } from './batch.ts';
import { query, queryOne, type Db, type Statement } from './db.ts';

/** A statement that answers at most one row for each of the keys in `$1`; `$2` is the instant. */
export interface Lookup<Row> extends Statement {
  row?: Row;
}

/**
 * A look-up of one key, repeated for each: its plan is that of one, however many there are, and as
 * keys and instant say nothing to the planner it is made once a connection.
 */
export const lookup = <Row>(
  name: string,
  one: (key: string, now: string) => string,
): Lookup<Row> => ({
  name,
  text: `select asked.key, found.* from (select $2::timestamptz as now offset 0) as instant cross join jsonb_array_elements_text($1::jsonb) as asked(key)
    cross join lateral (${one('asked.key', 'instant.now')} offset 0) as found`,
});

type Read = <Row>(what: Lookup<Row>, key: string, now: Date) => Promise<Row | undefined>;

/** A statement that does one act for each row of `$1`, and answers with the `id` of each done. */
export interface Act extends Statement {
  /** Rows at most. */
  most: number;
}
/** Whether it was done; what is done has been committed. */
type Write = <Row extends { id: string }>(what: Act, row: Row) => Promise<boolean>;

/** The row may be shared with other readers: it must not be changed. */
export interface Together {
  read: Read;
  write: Write;
}

/** A look-up's answer for one key, asked alone. */
export const readAlone = <Row>(db: Db, what: Lookup<Row>, key: string, now: Date) =>
  queryOne<Row>(db, what, [JSON.stringify([key]), now]);

/** Keys of a look-up at most. */
const MOST = 100;
/** After so many milliseconds a statement under way holds up the next no longer. */
const PATIENCE = 5;

export function createTogether(db: Db): Together {
  const reads = createLanes((what: Lookup<unknown>) => readers(db, what));
  const writes = createLanes((what: Act) => writers(db, what));
  return {
    read: async <Row>(what: Lookup<Row>, key: string, now: Date) =>
      (await reads(what)({ key, now })) as Row | undefined,
    write: (what, row) => writes(what)(row),
  };
}

/** One lane for each statement, opened when it is first wanted. */
function createLanes<What extends Statement, Lane>(open: (what: What) => Lane) {
  const lanes = new Map<string, Lane>();
  return (what: What): Lane => {
    const lane = lanes.get(what.name) ?? open(what);
    lanes.set(what.name, lane);
    return lane;
  };
}

const readers = (db: Db, what: Statement) =>
  createBatcher(
    async (asked: { key: string; now: Date }[]): Promise<unknown[]> => {
      const keys = [...new Set(asked.map(({ key }) => key))];
      const rows = await query<{ key: string }>(db, what, [JSON.stringify(keys), latest(asked)]);
      const found = new Map(rows.map((row) => [row.key, row]));
      return asked.map(({ key }) => found.get(key));
    },
    { limit: MOST, lanes: 1, patience: PATIENCE },
  );

// In the order of the ids, so that two nodes never wait for each other.
const writers = (db: Db, what: Act) =>
  createBatcher(
    async (rows: { id: string }[]): Promise<boolean[]> => {
      const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
      const done = await query<{ id: string }>(db, what, [JSON.stringify(sorted)]);
      const ids = new Set(done.map(({ id }) => id));
      return rows.map(({ id }) => ids.has(id));
    },
    { limit: what.most, lanes: 1, patience: PATIENCE, key: ({ id }) => id },
  );

/** The instant of those who ask together: none is told what was before it asked. */
export const latest = (asked: { now: Date }[]): Date =>
  new Date(Math.max(...asked.map(({ now }) => now.getTime())));
