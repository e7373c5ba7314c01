// Which databases are opened: an empty one, and one of this version; any other is left as it is.
import assert from 'node:assert/strict';
import { migrate, openDatabase, type Database } from '../../server/platform/db/db.ts';

/** An embedded database of the test's own, in memory. */
async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase({
    databaseUrl: undefined,
    databasePool: 1,
    dataDir: 'memory:',
  });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}

describe('a database', () => {
  it('is brought up to date from nothing, and again with nothing to do', () =>
    withDatabase(async ({ db }) => {
      await migrate(db);
      await migrate(db);
      const { rows } = await db.raw('select version from schema_version');
      assert.deepEqual(rows, [{ version: '0.10.0' }]);
    }));

  it('of another version is refused by its name, and left alone', () =>
    withDatabase(async ({ db }) => {
      await migrate(db);
      await db.raw("update schema_version set version = '0.8.7'");
      const before = await db.raw('select name from migration order by name');
      await assert.rejects(migrate(db), /made by Tillit 0\.8\.7, .* It was left as it is/);
      const after = await db.raw('select name from migration order by name');
      assert.deepEqual(after.rows, before.rows);
    }));

  it('of a time before versions were kept is refused, and left alone', () =>
    withDatabase(async ({ db }) => {
      await db.raw(
        "create table migration (id serial primary key, name text, batch int); insert into migration (name, batch) values ('0001_party.ts', 1)",
      );
      await assert.rejects(migrate(db), /made by Tillit before 0\.9\.0/);
      const { rows } = await db.raw("select to_regclass('party') as party");
      assert.deepEqual(rows, [{ party: null }]);
    }));
});
