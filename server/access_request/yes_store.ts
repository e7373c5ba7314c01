// SQL of yeses to what several must give together, while others are awaited. The caller holds the
// request's row. It decides nothing.
import type { Act } from '../platform/act.ts';
import type { RequestRow, RightYes } from './store.ts';
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

/** Milliseconds for which a yes waits for the others. */
export const YES_MILLIS = 30 * 86_400_000;

/** The yeses that still wait for others. */
export const freshYeses = ({ yeses }: Pick<RequestRow, 'yeses'>, now: Date): RightYes[] =>
  yeses.filter(({ at }) => Date.parse(at) + YES_MILLIS > now.getTime());

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

const drop: Statement = {
  name: 'drop_right_yes',
  text: 'delete from access_request_yes where access_request_yes.request_id = $1 and access_request_yes.by_party = $2 returning request_id',
};
/** Takes a yes out; false where there is none. */
export const dropRightYes = async (db: Db, id: string, by: string): Promise<boolean> =>
  (await queryOne(db, drop, [id, by])) !== undefined;
