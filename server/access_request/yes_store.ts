// SQL of yeses to what several must give together, while others are awaited. The caller holds the
// request's row. It decides nothing.
import type { Act } from '../platform/act.ts';
import { MOST_REMINDERS, REMINDED_MILLIS } from '../notice/store.ts';
import { YES_MILLIS } from './model.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

const lock: Statement = {
  name: 'lock_access_request',
  text: 'select request.id from access_request request where request.id = $1 for update',
};
/** Holds the request, so that of two last yeses at once one sees the other. */
export const lockRequest = (db: Db, id: string) => query(db, lock, [id]);

const keep: Statement = {
  name: 'keep_right_yes',
  text: `insert into access_request_yes (request_id, by_party, at, level, actions) values ($1, $2, $3, $4, $5)
    on conflict (request_id, by_party) do nothing returning request_id`,
};
/** Keeps a yes; false for one who has said it. */
export const keepRightYes = async (
  act: Act,
  yes: { id: string; by: string; level: number; actions: string[] | null },
): Promise<boolean> =>
  (await queryOne(act.db, keep, [yes.id, yes.by, act.now, yes.level, yes.actions])) !== undefined;

const MOST_AT_ONCE = 100;

const awaited: Statement = {
  name: 'access_requests_awaited',
  text: `update access_request request set reminders = request.reminders + 1 where request.id in (select due.id from access_request due
      where due.state = 'pending' and due.reminders < ${MOST_REMINDERS} and exists (select from access_request_yes yes where yes.request_id = due.id
        and yes.at > $2 and yes.at <= $1::timestamptz - (due.reminders + 1) * interval '${REMINDED_MILLIS} milliseconds')
      order by due.id limit ${MOST_AT_ONCE} for update skip locked) returning request.id`,
};
/** Requests whose first yes has waited a week, and once more a week later. */
export const takeAwaitedRights = (act: Act): Promise<{ id: string }[]> =>
  query(act.db, awaited, [act.now, new Date(act.now.getTime() - YES_MILLIS)]);

const drop: Statement = {
  name: 'drop_right_yes',
  text: 'delete from access_request_yes where access_request_yes.request_id = $1 and access_request_yes.by_party = $2 returning request_id',
};
/** Takes a yes out; false where there is none. */
export const dropRightYes = async (db: Db, id: string, by: string): Promise<boolean> =>
  (await queryOne(db, drop, [id, by])) !== undefined;
