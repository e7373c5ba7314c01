// SQL of what a database and a role can, for whoever looks before a node is started.
import { query, queryOne, type Db, type Statement } from './db.ts';

const version: Statement = { name: 'server_version', text: 'show server_version' };
export const serverVersion = async (db: Db): Promise<string> =>
  (await queryOne<{ server_version: string }>(db, version))!.server_version;

const lacking: Statement = {
  name: 'tables_out_of_reach',
  text: `select class.relname as name from pg_class class
    where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p')
      and class.relname not in ('migration', 'migration_lock', 'schema_version')
      and not (has_table_privilege(class.oid, 'select') and has_table_privilege(class.oid, 'insert')
        and has_table_privilege(class.oid, 'update') and has_table_privilege(class.oid, 'delete'))
    order by class.relname`,
};
/** Tables whose rows the role may not read and write. */
export const tablesOutOfReach = async (db: Db): Promise<string[]> =>
  (await query<{ name: string }>(db, lacking)).map(({ name }) => name);

const creates: Statement = {
  name: 'may_create',
  text: `select has_schema_privilege('public', 'create') as may`,
};
/** Whether the role may make tables. */
export const mayCreate = async (db: Db): Promise<boolean> =>
  (await queryOne<{ may: boolean }>(db, creates))!.may;
