// SQL of relations that had ended when the database was set back.
import { query, queryOne, type Db, type Statement } from '../platform/db/db.ts';

const read: Statement = {
  name: 'ended_relations_as_rows',
  text: `select coalesce(jsonb_agg(ended), '[]') as rows from relation ended where ended.ended_at > $1`,
};
const end: Statement = {
  name: 'end_relations_again',
  text: `update relation set ended_at = ended.ended_at from jsonb_populate_recordset(null::relation, $1::jsonb) as ended
    where relation.id = ended.id and relation.ended_at is null returning relation.id`,
};

/** Ends those that have ended since an instant; answers with how many. */
export async function endRelationsAgain(db: Db, archive: Db, since: Date): Promise<number> {
  const { rows } = (await queryOne<{ rows: object[] }>(archive, read, [since]))!;
  return (await query(db, end, [JSON.stringify(rows)])).length;
}
