// SQL of restorations: that the database was set back to a point, and when. Places in feeds and
// assertions of before are not what they were.
import type { Act } from './act.ts';
import { queryOne, type Db, type Statement } from './db/db.ts';

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

const note: Statement = {
  name: 'note_restoration',
  text: `insert into restoration (epoch, point, at)
    select coalesce(max(done.epoch), 0) + 1, $1, $2 from restoration done returning restoration.epoch`,
};
/** Answers with the epoch that begins. */
export const noteRestoration = async ({ db, now }: Act, point: Date): Promise<number> =>
  (await queryOne<{ epoch: number }>(db, note, [point, now]))!.epoch;
