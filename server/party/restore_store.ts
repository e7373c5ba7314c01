// SQL of parties that a restored database does not have, and that acts taken again name.
import { query, type Db, type Statement } from '../platform/db/db.ts';

const unknown: Statement = {
  name: 'unknown_parties',
  text: `select named.id from unnest($1::uuid[]) as named(id) where not exists (select from party where party.id = named.id)`,
};
const read: Statement = {
  name: 'parties_as_rows',
  text: 'select to_jsonb(party) as row from party where party.id = any($1::uuid[])',
};
const put: Statement = {
  name: 'put_party_rows',
  text: 'insert into party select * from jsonb_populate_recordset(null::party, $1::jsonb) on conflict do nothing',
};

/** Takes over, from the archive, the parties that are missing. */
export async function takeParties(db: Db, archive: Db, ids: string[]): Promise<void> {
  const missing = await query<{ id: string }>(db, unknown, [[...new Set(ids)]]);
  if (!missing.length) return;
  const rows = await query<{ row: object }>(archive, read, [missing.map(({ id }) => id)]);
  await query(db, put, [JSON.stringify(rows.map(({ row }) => row))]);
}
