// SQL of logins that had ended when the database was set back.
import { query, type Db, type Statement } from '../platform/db/db.ts';

const own: Statement = {
  name: 'login_ids',
  text: 'select session.id_hash as id from login_session session',
};
const still: Statement = {
  name: 'logins_still',
  text: 'select session.id_hash as id from login_session session where session.id_hash = any($1::text[])',
};
const end: Statement = {
  name: 'end_logins_again',
  text: 'delete from login_session where login_session.id_hash = any($1::text[])',
};

/** Ends the logins that the archive has no more; answers with how many. */
export async function endLoginsAgain(db: Db, archive: Db): Promise<number> {
  const ids = (await query<{ id: string }>(db, own)).map(({ id }) => id);
  const left = new Set((await query<{ id: string }>(archive, still, [ids])).map(({ id }) => id));
  const gone = ids.filter((id) => !left.has(id));
  await query(db, end, [gone]);
  return gone.length;
}
