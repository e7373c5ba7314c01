// SQL of parties where a database was set back: those that it does not have and acts taken again
// name, and systems that had ended or were suspended.
import { endedAgain } from '../platform/db/archive_store.ts';
import { query, type Db, type Statement } from '../platform/db/db.ts';

const unknown: Statement = {
  name: 'unknown_parties',
  text: `select named.id from unnest($1::uuid[]) as named(id) where not exists (select from party where party.id = named.id)`,
};
const read: Statement = {
  name: 'parties_as_rows',
  text: `with recursive named as (
      select party.* from party where party.id = any($1::uuid[])
      union select above.* from named join party above on above.id in (named.owner, named.parent))
    select to_jsonb(named) as row from named order by named.owner is not null, named.parent is not null`,
};
// Those above come first: a system's owner, a unit's organisation.
const put: Statement = {
  name: 'put_party_rows',
  text: 'insert into party select * from jsonb_populate_recordset(null::party, $1::jsonb) on conflict do nothing',
};
const moveOn: Statement = {
  name: 'move_party_number',
  text: `select setval('party_number', greatest((select max(party.party_id) from party) + 1, nextval('party_number')), false)`,
};

/** Takes over, from the archive, the parties that are missing, with those that they belong to. */
export async function takeParties(db: Db, archive: Db, ids: string[]): Promise<void> {
  const missing = await query<{ id: string }>(db, unknown, [[...new Set(ids)]]);
  if (!missing.length) return;
  const rows = await query<{ row: object }>(archive, read, [missing.map(({ id }) => id)]);
  await query(db, put, [JSON.stringify(rows.map(({ row }) => row))]);
  await query(db, moveOn);
}

const isSystem = `ended.kind = 'system_user'`;
const endAgain = endedAgain('party', isSystem);
const suspendAgain = endedAgain('party', `${isSystem} and ended.ended_at is null`, 'suspended_at');

/**
 * Ends and suspends the system users that their organisation has ended or suspended since; answers
 * with how many.
 */
export async function stopSystemsAgain(db: Db, archive: Db, since: Date): Promise<number> {
  const suspended = await suspendAgain(db, archive, since);
  return suspended + (await endAgain(db, archive, since));
}
