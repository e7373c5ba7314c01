// One act: the work of one request, of one page, or of one job. It is handed on in place of a
// database and a clock, and ends with the request. Each column keeps its facts in it under keys of
// its own; an act knows none of them.
//
// Three ways of asking less often, and where each ends:
// - `once`: within the act, a fact is loaded once for its key.
// - `share`: across acts of this process, calls of the same moment travel in one statement
//   (db/together_store.ts, db/batch.ts).
// - Neither reaches into a transaction. An act inside one loads anew, as the guard of a write is
//   read in the transaction of the write, or is the statement's own condition. Leave that a door
//   gave is asked for again there (`guard`).
import { clock } from './clock.ts';
import { transaction, type Db } from './db/db.ts';
import { createShare, type Lookup, type Share } from './db/together_store.ts';

export interface Act {
  /** The instant by which all of the act is judged; the clock is read once. */
  readonly now: Date;
  /** The database; inside a transaction of the act, the transaction. */
  readonly db: Db;
  /** The value that was loaded first under the key. What it answers is not changed. */
  readonly once: <Value>(key: string, load: () => Value) => Value;
  readonly share: Share;
  /** Questions that each transaction of the act asks before it does anything (`guard`), by key. */
  readonly guards: Map<string, Guard>;
}

/** Throws when the act is no longer let; `inner` is the act's transaction. */
type Guard = (inner: Act) => Promise<void>;

const createOnce = (): Act['once'] => {
  const loaded = new Map<string, unknown>();
  return <Value>(key: string, load: () => Value): Value => {
    if (!loaded.has(key)) loaded.set(key, load());
    return loaded.get(key) as Value;
  };
};

const begin = (db: Db, share: Share, now = clock.now()): Act => ({
  now,
  db,
  share,
  once: createOnce(),
  guards: new Map(),
});

/** Begins acts on a database; those of the same moment ask together. */
export function createActs(db: Db): () => Act {
  const share = createShare(db);
  return () => begin(db, share);
}

/** An act by itself, such as a job's: it asks together with no other. */
export const actAlone = (db: Db, now?: Date): Act => begin(db, createShare(db), now);

/** The same act, judged anew: it has lost a race, or waited. */
export const again = <A extends Act>(act: A): A => ({
  ...act,
  now: clock.now(),
  once: createOnce(),
});

/** The same act, asking of another instant; together with nobody, as others ask of the present. */
export const ofMoment = <A extends Act>(act: A, now: Date): A => ({
  ...act,
  ...actAlone(act.db, now),
});

/**
 * Asks now, and again in each transaction of the act: the leave by which a door let somebody in may
 * be gone when the act writes.
 */
export async function guard<A extends Act>(
  act: A,
  key: string,
  ask: (act: A) => Promise<void>,
): Promise<void> {
  await ask(act);
  act.guards.set(key, (inner) => ask({ ...act, ...inner }));
}

/**
 * One act, one transaction: asks what guards the act, commits when the work resolves, rolls back
 * when it throws. The work reads what it has written, and nothing that was read before.
 */
export const inTransaction = <A extends Act, Result>(
  act: A,
  work: (inner: A) => Promise<Result>,
): Promise<Result> =>
  transaction(act.db, async (trx) => {
    const alone = actAlone(trx, act.now);
    for (const ask of act.guards.values()) await ask(alone);
    return work({ ...act, ...alone });
  });

/** A look-up's answer for one key, asked together with other acts. */
export const look = <Row>(act: Act, what: Lookup<Row>, key: string): Promise<Row | undefined> =>
  act.share(what, { key, now: act.now });

/** Parts as they are wired, once; each request gets them with an act of its own (`visit`). */
export type Wired<Parts extends { act: Act }> = Omit<Parts, 'act'> & {
  newAct: () => Parts['act'];
};

/** The parts, for one request. */
export const visit = <Parts extends { newAct: () => Act }>({ newAct, ...parts }: Parts) =>
  ({ ...parts, act: newAct() }) as Omit<Parts, 'newAct'> & { act: ReturnType<Parts['newAct']> };
