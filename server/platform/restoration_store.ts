// SQL of restorations: that the database was set back to a point, and when. Places in feeds and
// assertions of before are not what they were.
import type { Act } from './act.ts';
import { query, queryOne, transaction, type Db, type Statement } from './db/db.ts';

export interface Restoration {
  /** How often so far; 0 where never. */
  epoch: number;
  /** The instant to which the database was set back, and when that was made good. */
  point: Date;
  at: Date;
}

const last: Statement = {
  name: 'last_restoration',
  text: 'select done.epoch, done.point, done.at from restoration done order by done.epoch desc limit 1',
};
/** The last one; undefined where there was none. */
export const lastRestoration = (db: Db): Promise<Restoration | undefined> =>
  queryOne<Restoration>(db, last);

/** Whether something of that time, in seconds, is older than the database as it stands. */
export const isBefore = (seconds: number, restored: Restoration | undefined): boolean =>
  restored !== undefined && seconds * 1000 < restored.at.getTime();

/** Whether a database was set back to the point before. */
export const isAgain = (
  own: Restoration | undefined,
  theirs: Restoration | undefined,
  point: Date,
) => own?.point.getTime() === point.getTime() && own.epoch !== theirs?.epoch;

// A node that starts meanwhile waits for the end of it.
const hold: Statement = {
  name: 'hold_restoration',
  text: 'select pg_advisory_xact_lock(727282)',
};
const held: Statement = {
  name: 'await_restoration',
  text: 'select pg_advisory_xact_lock_shared(727282)',
};
/** No node begins to serve before the end of the transaction. */
export const holdNodes = (db: Db) => query(db, hold);
/** The last one, after one that is under way: of a node that begins to serve. */
export const awaitRestoration = (db: Db): Promise<Restoration | undefined> =>
  transaction(db, async (trx) => {
    await query(trx, held);
    return lastRestoration(trx);
  });

const note: Statement = {
  name: 'note_restoration',
  text: 'insert into restoration (epoch, point, at) values ($1, $2, $3)',
};
export const noteRestoration = ({ db }: Act, { epoch, point, at }: Restoration) =>
  query(db, note, [epoch, point, at]);
