// Judges migrations as those see them who go on reading and writing: no table may be held for more
// than a second, or while it is read through, and none may be written anew.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openDatabase } from '../../../server/platform/db/db.ts';
import { migrate, type Release } from '../../../server/platform/db/migrate.ts';
import { connectTo } from './postgres.ts';

const MOST_MILLIS = 1_000;

/** Locks for which whoever writes waits, and whose they are. */
const HELD = `select held.pid, held.relation::regclass::text as name from pg_locks held
  join pg_class class on class.oid = held.relation and class.relnamespace = 'public'::regnamespace
  where held.granted and held.database = (select oid from pg_database where datname = current_database())
    and held.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    and held.relation = any($1)`;

const RELATIONS = `select class.oid::int, class.relname as name, class.relkind as kind, pg_relation_filenode(class.oid) as node
  from pg_class class where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'i')`;

/** Indexes that are new, on tables that are not. */
const BUILT = `select class.relname as name, owner.relname as table from pg_index index
  join pg_class class on class.oid = index.indexrelid join pg_class owner on owner.oid = index.indrelid
  where owner.relnamespace = 'public'::regnamespace and owner.oid = any($1) and class.oid <> all($1)`;

/**
 * After each command that changes the schema: tables that its transaction has read through while it
 * holds them. On a small table that takes no time; on a large one those who write wait for it.
 */
const watchScans = (tables: string[]) => `
  create table judge_scan (name text);
  create function judge_scan() returns event_trigger language plpgsql as $$ begin
    insert into judge_scan select distinct held.relation::regclass::text from pg_locks held join pg_stat_xact_user_tables stat on stat.relid = held.relation
      where held.pid = pg_backend_pid() and held.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        and stat.seq_scan > 0 and stat.relname = any(array[${tables.map((name) => `'${name}'`)}]);
  end $$;
  create event trigger judge_scan on ddl_command_end execute function judge_scan()`;
const UNWATCH = `
  drop event trigger judge_scan;
  drop function judge_scan();
  drop table judge_scan`;

/** Indexes that a release builds beside those who write. */
async function madeBeside({ directory }: Release): Promise<Set<string>> {
  const made = readdirSync(directory).map(async (file) => {
    const { config, index } = await import(pathToFileURL(join(directory, file)).href);
    return config?.transaction === false ? [index as string] : [];
  });
  return new Set((await Promise.all(made)).flat());
}

interface Relation {
  oid: number;
  name: string;
  kind: string;
  node: number;
}

/** Migrates a database to a release; answers all that is wrong with how that went. */
export async function judge(url: string, release: Release): Promise<string[]> {
  const [watcher, writer] = [await connectTo(url), await connectTo(url)];
  const relations = async () => (await watcher.query<Relation>(RELATIONS)).rows;
  const before = await relations();
  const wrong = new Set<string>();
  let isOver = false;

  async function watch(): Promise<void> {
    const since = new Map<string, number>();
    while (!isOver) {
      const { rows } = await watcher.query(HELD, [before.map(({ oid }) => oid)]);
      const held = new Set(rows.map(({ pid, name }) => `${pid} ${name}`));
      for (const key of since.keys()) if (!held.has(key)) since.delete(key);
      for (const key of held) {
        const begun = since.get(key) ?? performance.now();
        since.set(key, begun);
        if (performance.now() - begun > MOST_MILLIS)
          wrong.add(`${key.split(' ')[1]} is held for more than a second`);
      }
      await pause(50);
    }
  }
  /** Reads every table, and takes the lock of whoever writes; it is never kept for long. */
  async function write(): Promise<void> {
    while (!isOver)
      for (const name of tables) {
        const begun = performance.now();
        await writer.query(`select from "${name}" limit 1`);
        await writer.query(`begin; lock table "${name}" in row exclusive mode; commit`);
        if (performance.now() - begun > 2 * MOST_MILLIS)
          wrong.add(`${name} could not be read and written for two seconds`);
      }
  }

  const tables = before.filter(({ kind }) => kind === 'r').map(({ name }) => name);
  await watcher.query(watchScans(tables));
  const watching = [watch(), write()];
  const database = await openDatabase({ databaseUrl: url, databasePool: 2, dataDir: '' });
  try {
    await migrate(database.db, release);
  } finally {
    isOver = true;
    await Promise.all(watching);
    await database.close();
  }
  const { rows: scanned } = await watcher.query<{ name: string }>('select name from judge_scan');
  for (const { name } of scanned) wrong.add(`${name} is read through while it is held`);
  await watcher.query(UNWATCH);
  const after = new Map((await relations()).map((relation) => [relation.oid, relation]));
  for (const { oid, name, node } of before) {
    const now = after.get(oid);
    if (now && now.node !== node) wrong.add(`${name} is written anew`);
  }
  // On a small table it is built in no time; on a large one those who write would wait for it.
  const beside = await madeBeside(release);
  const { rows: built } = await watcher.query<{ name: string; table: string }>(BUILT, [
    before.map(({ oid }) => oid),
  ]);
  for (const { name, table } of built)
    if (!beside.has(name)) wrong.add(`${name} is built while nobody may write ${table}`);
  for (const client of [watcher, writer]) await client.end();
  return [...wrong];
}
