// Writes the golden schema: tables, columns, constraints, indexes and triggers as the database
// tells them, so that a migration's effect is visible in review.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { openDatabase } from '../server/platform/db/db.ts';
import { migrate } from '../server/platform/db/migrate.ts';

/** The schema as text, the same on both databases. */
export async function dumpSchema(db: Knex): Promise<string> {
  const rows = async (sql: string): Promise<Record<string, string>[]> => (await db.raw(sql)).rows;
  // A partition is as its whole is.
  const tables = await rows(
    `select relname as name, coalesce(' partition by ' || pg_get_partkeydef(oid), '') as parts from pg_class
      where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname not like 'migration%' order by 1`,
  );
  const columns =
    await rows(`select table_name as t, column_name as c, data_type as d, is_nullable as n, coalesce(column_default, '') as f
    from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`);
  const constraints =
    await rows(`select conrelid::regclass::text as t, conname as c, pg_get_constraintdef(oid) as d from pg_constraint
    where connamespace = 'public'::regnamespace and contype <> 'n' order by 1, 2`);
  const indexes = await rows(
    `select tablename as t, indexdef as d from pg_indexes where schemaname = 'public' order by 1, 2`,
  );
  const triggers = await rows(
    `select tgrelid::regclass::text as t, pg_get_triggerdef(oid) as d from pg_trigger where not tgisinternal order by 1, 2`,
  );
  const of = (list: Record<string, string>[], table: string) =>
    list.filter((row) => row.t === table);
  return `${tables
    .map(({ name, parts }) =>
      [
        `table ${name}${parts}`,
        ...of(columns, name!).map(
          (row) =>
            `  ${row.c} ${row.d}${row.n === 'NO' ? ' not null' : ''}${row.f ? ` default ${row.f}` : ''}`,
        ),
        ...of(constraints, name!).map((row) => `  constraint ${row.c} ${row.d}`),
        ...of(indexes, name!).map((row) => `  ${row.d}`),
        ...of(triggers, name!).map((row) => `  ${row.d}`),
      ].join('\n'),
    )
    .join('\n\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { db, close } = await openDatabase({
    databaseUrl: undefined,
    databasePool: 1,
    dataDir: 'memory:',
  });
  await migrate(db);
  writeFileSync(new URL('schema.sql', import.meta.url), await dumpSchema(db));
  await close();
}
