// SQL by which the database learns of its tables after much has been taken in.
import { query, type Db, type Statement } from '../platform/db/db.ts';

const filled: Statement = {
  name: 'filled_tables',
  text: `select quote_ident(class.relname) as name from pg_class class where class.relkind = 'r'
      and class.relnamespace = current_schema()::regnamespace and pg_relation_size(class.oid) > 0`,
};

/**
 * Tables that have rows. Nothing is learnt of an empty one: known to be empty, it would be read
 * from end to end by plans that are kept while it grows.
 */
export async function learnTables(db: Db): Promise<void> {
  const tables = await query<{ name: string }>(db, filled, []);
  await db.raw(`analyze ${tables.map(({ name }) => name).join(', ')}`);
}
