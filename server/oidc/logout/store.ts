// SQL of logouts on their way to clients.
import type { Act } from '../../platform/act.ts';
import { query, queryOne, type Db, type Statement } from '../../platform/db/db.ts';
import { uuidv7 } from '../../platform/ids.ts';

export interface LogoutNotice {
  id: string;
  clientId: string;
  party: string;
  sid: string;
  tries: number;
  expiresAt: Date;
}

const insert: Statement = {
  name: 'insert_logout_notices',
  text: `insert into logout_notice (id, client_id, party, sid, due_at, expires_at)
    select r.id, r."clientId", r.party, r.sid, $2, $3 from jsonb_to_recordset($1::jsonb) as r(id uuid, "clientId" text, party uuid, sid text)`,
};

export async function insertNotices(
  act: Act,
  notices: Pick<LogoutNotice, 'clientId' | 'party' | 'sid'>[],
  expiresAt: Date,
): Promise<void> {
  if (!notices.length) return;
  const rows = notices.map((notice) => ({ id: uuidv7(act.now), ...notice }));
  await query(act.db, insert, [JSON.stringify(rows), act.now, expiresAt]);
}

const take: Statement = {
  name: 'take_logout_notices',
  text: `update logout_notice set tries = logout_notice.tries + 1, due_at = $2
    where logout_notice.id in (select due.id from logout_notice due where due.due_at <= $1 and due.id in (
      select ranked.id from (select one.id, one.due_at, row_number() over (partition by one.client_id order by one.due_at, one.id) as place
        from logout_notice one where one.due_at <= $1 and one.client_id <> all ($5)) as ranked where ranked.place <= $4 order by ranked.due_at limit $3) for update skip locked)
    returning logout_notice.id, logout_notice.client_id as "clientId", logout_notice.party, logout_notice.sid, logout_notice.tries,
      logout_notice.expires_at as "expiresAt"`,
};

/**
 * Notices that are due, of clients but these, each to one node; those that are not settled are due
 * again at `again`.
 */
export function takeNotices(
  act: Act,
  again: Date,
  { most, ofOne, but }: { most: number; ofOne: number; but: string[] },
): Promise<LogoutNotice[]> {
  return query<LogoutNotice>(act.db, take, [act.now, again, most, ofOne, but]);
}

const delay: Statement = {
  name: 'delay_logout_notice',
  text: 'update logout_notice set due_at = $2 where logout_notice.id = $1',
};

export async function delayNotice(db: Db, id: string, until: Date): Promise<void> {
  await query(db, delay, [id, until]);
}

const settle: Statement = {
  name: 'settle_logout_notice',
  text: 'delete from logout_notice where logout_notice.id = $1',
};

export async function settleNotice(db: Db, id: string): Promise<void> {
  await query(db, settle, [id]);
}

const waiting: Statement = {
  name: 'count_logout_notices',
  text: 'select count(*)::int as count from logout_notice',
};
export const countNotices = async (db: Db): Promise<number> =>
  (await queryOne<{ count: number }>(db, waiting))!.count;
