// Asking together: calls of one kind, made at the same moment, travel in one statement; without
// load nobody waits (batch.ts). A column declares its kinds of calls; an act (platform/act.ts)
// makes them, and its process has one lane for each kind. It knows no table.
import { createBatcher, type BatchOptions } from './batch.ts';
import { query, type Db, type Statement } from './db.ts';

/** Calls of one kind: how many of them are run together, and when a call waits for another. */
export interface Kind<Item, Result> extends BatchOptions<Item> {
  name: string;
  /** Answers in the order of the items, having committed. */
  run: (db: Db, items: Item[]) => Promise<(Result | Promise<Result>)[]>;
}

/** Makes a call together with others of its kind. The answer may be shared: it is not changed. */
export type Share = <Item, Result>(kind: Kind<Item, Result>, item: Item) => Promise<Result>;

/** One lane for each kind, opened when it is first wanted. */
export function createShare(db: Db): Share {
  const lanes = new Map<string, (item: never) => Promise<unknown>>();
  return <Item, Result>(kind: Kind<Item, Result>, item: Item) => {
    let lane = lanes.get(kind.name);
    if (!lane) {
      lane = createBatcher((items: Item[]) => kind.run(db, items), kind);
      lanes.set(kind.name, lane);
    }
    return (lane as (item: Item) => Promise<Result>)(item);
  };
}

/** After so many milliseconds a statement under way holds up the next no longer. */
const PATIENCE = 5;
/** Keys of a look-up at most. */
const MOST = 100;

/** A key, and the instant of the act that asks for it. */
interface Asked {
  key: string;
  now: Date;
}

/** A statement that answers at most one row for each of the keys in `$1`; `$2` is the instant. */
export interface Lookup<Row> extends Statement, Kind<Asked, Row | undefined> {}

/**
 * A look-up of one key, repeated for each: its plan is that of one, however many there are, and as
 * keys and instant say nothing to the planner it is made once a connection.
 */
export const lookup = <Row>(
  name: string,
  one: (key: string, now: string) => string,
): Lookup<Row> => {
  const text = `select asked.key, found.* from (select $2::timestamptz as now offset 0) as instant cross join jsonb_array_elements_text($1::jsonb) as asked(key)
    cross join lateral (${one('asked.key', 'instant.now')} offset 0) as found`;
  return {
    name,
    text,
    limit: MOST,
    lanes: 1,
    patience: PATIENCE,
    async run(db, asked) {
      const keys = [...new Set(asked.map(({ key }) => key))];
      const values = [JSON.stringify(keys), latest(asked)];
      const rows = await query<{ key: string }>(db, { name, text }, values);
      const found = new Map(rows.map((row) => [row.key, row]));
      return asked.map(({ key }) => found.get(key) as Row | undefined);
    },
  };
};

/** The instant of those who ask together: nobody gets what was before they asked. */
export const latest = (asked: { now: Date }[]): Date =>
  new Date(Math.max(...asked.map(({ now }) => now.getTime())));

/** Whether it was done; what is done has been committed. */
export type SharedWrite<Row extends { id: string }> = Kind<Row, boolean>;

/**
 * A statement that does one thing for each row of `$1`, `most` of them at once, and answers with
 * the `id` of each done; rows of one id never share a statement.
 */
export const sharedWrite = <Row extends { id: string }>(
  statement: Statement,
  most: number,
): SharedWrite<Row> => ({
  name: statement.name,
  limit: most,
  lanes: 1,
  patience: PATIENCE,
  key: ({ id }) => id,
  async run(db, rows) {
    // In the order of the ids, so that two nodes never wait for each other.
    const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
    const done = await query<{ id: string }>(db, statement, [JSON.stringify(sorted)]);
    const ids = new Set(done.map(({ id }) => id));
    return rows.map(({ id }) => ids.has(id));
  },
});
