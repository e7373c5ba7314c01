// SQL of which parties are systems, for many at once. It knows no rule about them.
import { query, type Db, type Statement } from '../platform/db/db.ts';

const among: Statement = {
  name: 'system_users_among',
  text: `select party.id from party where party.id = any($1::uuid[]) and party.kind = 'system_user'`,
};

/** Those of the parties that are system users. */
export const systemsAmong = async (db: Db, ids: string[]): Promise<Set<string>> =>
  new Set((await query<{ id: string }>(db, among, [ids])).map(({ id }) => id));
