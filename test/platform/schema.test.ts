// Which databases are opened: an empty one, and one of this version; any other is left as it is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase, type Database } from '../../server/platform/db/db.ts';
import { finish, isFinished, migrate, mustFit } from '../../server/platform/db/migrate.ts';
import { noteNode } from '../../server/platform/node_store.ts';
import { connectTo } from '../support/run/postgres.ts';
import { ownDatabase, runCommand, startServer } from '../support/run/process.ts';
import { migrationOf, releaseOf } from '../support/run/release.ts';
import { world } from '../support/world.ts';

const url = process.env.TEST_DATABASE_URL;

/** A database of the test's own, of the kind that this run is about. */
async function withDatabase(work: (database: Database) => Promise<void>): Promise<void> {
  const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = await ownDatabase();
  const database = await openDatabase({ databaseUrl, databasePool: 2, dataDir });
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
      const { rows } = await db.raw('select version, serves_from from schema_version');
      assert.deepEqual(rows, [{ version: '0.10.0', serves_from: '0.10.0' }]);
    }));

  // PostgreSQL parses and plans the others anew in each statement that calls them: 130 µs each.
  it('has no function in SQL but those that are put in place of their call, or are rarely called', async () => {
    const { rows } =
      await world.database.db.raw(`select proname as name from pg_proc join pg_language on pg_language.oid = prolang
      where pronamespace = 'public'::regnamespace and lanname = 'sql' order by proname`);
    const placed = ['due_by', 'incapable_tasks', 'least_id', 'services_of'];
    const rare = ['drop_log_partitions', 'make_log_partitions', 'partition_ends'];
    assert.deepEqual(
      rows.map(({ name }: { name: string }) => name),
      [...placed, ...rare].sort(),
    );
  });

  it('of another version is refused by its name, and left alone', () =>
    withDatabase(async ({ db }) => {
      await migrate(db);
      await db.raw("update schema_version set version = '0.8.7'");
      const before = await db.raw('select name from migration order by name');
      await assert.rejects(migrate(db), /made by Tillit 0\.8\.7, .* It was left as it is/);
      const after = await db.raw('select name from migration order by name');
      assert.deepEqual(after.rows, before.rows);
    }));

  it('of a time before a version was finished is refused, and left alone', () =>
    withDatabase(async ({ db }) => {
      await migrate(db);
      await db.raw('alter table schema_version drop column serves_from');
      await assert.rejects(migrate(db), /made by Tillit 0\.10\.0 before it was finished/);
      await assert.rejects(mustFit(db), /made by Tillit 0\.10\.0 before it was finished/);
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

const more = { '16_more.ts': migrationOf('alter table party add column more text') };
const last = { ...more, '17_last.ts': migrationOf('alter table party add column last text') };

describe('from 1.0.0 on a schema', () => {
  const [first, second, third] = [
    releaseOf('1.0.0', '1.0.0'),
    releaseOf('1.1.0', '1.0.0', more),
    releaseOf('1.2.0', '1.1.0', last),
  ];

  const onServer = () =>
    withDatabase(async ({ db }) => {
      await migrate(db, first);
      await migrate(db, second);
      for (const one of [first, second]) await mustFit(db, one);
      await migrate(db, first);
      assert.deepEqual(await versionOf(db), '1.1.0', 'an older node changes nothing');
      await migrate(db, third);
      for (const one of [second, third]) await mustFit(db, one);
      const why =
        /of Tillit 1\.2\.0, beside which no node older than 1\.1\.0 may serve.*is Tillit 1\.0\.0/;
      await assert.rejects(mustFit(db, first), why);
      await assert.rejects(migrate(db, first), why);
      assert.deepEqual(await versionOf(db), '1.2.0');
    });
  // One process opens the embedded database: none serves beside it.
  if (url) it('lets the release before serve and start on it, and none older', onServer);

  it('is born finished, and after an upgrade when somebody says so', () =>
    withDatabase(async ({ db, embedded }) => {
      await migrate(db, first);
      assert.equal(await isFinished(db), true);
      await migrate(db, second);
      assert.equal(await isFinished(db), embedded, 'nodes of 1.0.0 may serve, but beside nobody');
      await assert.rejects(finish(db, third), /is of Tillit 1\.1\.0, and this is Tillit 1\.2\.0/);
      if (!embedded) await assert.rejects(finish(db, first), /only that one finishes it/);
      await noteNode(db, { id: randomUUID(), version: '1.0.0', sealsWith: '', accepts: [] });
      await assert.rejects(finish(db, second), /1 nodes of Tillit 1\.0\.0 served within the last/);
      await db.raw("update node set seen_at = seen_at - interval '2 minutes'");
      for (let times = 0; times < 2; times += 1) {
        await finish(db, second);
        await migrate(db, second);
        assert.equal(await isFinished(db), true);
        await assert.rejects(mustFit(db, first), /no node older than 1\.1\.0 may serve/);
      }
    }));

  it('has no way back, on which rows would be lost', () =>
    withDatabase(async ({ db }) => {
      await migrate(db, first);
      const { directory } = first;
      const config = { directory, loadExtensions: ['.ts'], tableName: 'migration' };
      await assert.rejects(db.migrate.down(config), /has no way back/);
      await assert.rejects(db.migrate.rollback(config, true), /has no way back/);
      await mustFit(db, first);
    }));

  it('that is older, half made or not there is refused by a node that changes none', () =>
    withDatabase(async ({ db }) => {
      await assert.rejects(mustFit(db, first), /no schema yet: run `npm run migrate` first/);
      await migrate(db, first);
      await assert.rejects(
        mustFit(db, second),
        /is of Tillit 1\.0\.0, and this is Tillit 1\.1\.0: run `npm run migrate` first/,
      );
      const broken = {
        ...more,
        '17_broken.ts': migrationOf('alter table nobody add column more text'),
      };
      await assert.rejects(migrate(db, releaseOf('1.0.0', '1.0.0', broken)), /nobody/);
      await assert.rejects(
        mustFit(db, releaseOf('1.0.0', '1.0.0', broken)),
        /of Tillit 1\.0\.0, and not whole/,
      );
      const { rows } = await db.raw('select more from party');
      assert.deepEqual(rows, [], 'what went before it stands');
    }));

  it('of a time before 1.0.0 is none of its', () =>
    withDatabase(async ({ db }) => {
      await migrate(db);
      await assert.rejects(migrate(db, first), /made by Tillit 0\.10\.0/);
      await assert.rejects(mustFit(db, first), /made by Tillit 0\.10\.0/);
    }));
});

const versionOf = async (db: Database['db']) =>
  (await db.raw('select version from schema_version')).rows[0].version;

// The embedded database has one connection and one role.
if (url)
  describe('a migration on PostgreSQL', () => {
    it('gives way to those who read the table that it waits for', async () => {
      const { DATABASE_URL } = await ownDatabase();
      const settings = { databaseUrl: DATABASE_URL, databasePool: 2, dataDir: '' };
      const database = await openDatabase(settings);
      await migrate(database.db, releaseOf('1.0.0', '1.0.0'));
      const [holder, reader] = [await connectTo(DATABASE_URL!), await connectTo(DATABASE_URL!)];
      await holder.query('begin; lock table party in access share mode');
      const migrating = migrate(database.db, releaseOf('1.1.0', '1.0.0', more));
      let [reads, longest] = [0, 0];
      for (const until = Date.now() + 4_000; Date.now() < until; reads += 1) {
        const begun = performance.now();
        await reader.query('select from party limit 1');
        longest = Math.max(longest, performance.now() - begun);
        await pause(20);
      }
      assert.ok(longest < 2_000 && reads > 10, `${reads} reads, ${longest} ms`);
      await holder.query('rollback');
      await migrating;
      await reader.query('select more from party limit 1');
      for (const client of [holder, reader]) await client.end();
      await database.close();
    });

    it('is done by a role of its own, and the role that serves changes no table', async () => {
      const { DATABASE_URL: owner } = await ownDatabase();
      const role = `serving_${randomUUID().slice(0, 8)}`;
      await world.database.db.raw(`create role ${role} login`);
      const serving = new URL(owner!);
      serving.username = role;
      const settings = { DATABASE_URL: serving.href, MIGRATE: 'never' };
      const tooEarly = await startServer(settings);
      assert.equal(await tooEarly.exit, 1);
      assert.match(tooEarly.output(), /no schema yet: run `npm run migrate` first/);
      const { status, stdout, stderr } = await runCommand('server/migrate.ts', [], {
        MIGRATE_DATABASE_URL: owner!,
        ...settings,
      });
      assert.deepEqual([status, stdout], [0, 'The schema is up to date.\n'], stderr);
      const server = await startServer(settings);
      assert.equal((await server.call('GET', '/health/ready')).status, 200, server.output());
      const client = await connectTo(serving.href);
      for (const refused of [
        'create table mine (id int)',
        'alter table party add column mine int',
        'drop table party',
        "update schema_version set version = '9.9.9'",
        "select make_partition('event', 'event_x', quote_literal(least_id('2050-01-01')), quote_literal(least_id('2051-01-01')))",
        `drop table event_${new Date().getUTCFullYear()}`,
      ])
        await assert.rejects(client.query(refused), { code: '42501' }, refused);
      // An act's evidence it cannot remove, even with the word of the function that may.
      await client.query("set tillit.lets_go = 'on'");
      await assert.rejects(client.query('delete from event'), /never changed or removed/);
      // Partitions it has made by the role that migrates, and they are its to write.
      const { rows: made } = await client.query(
        "select make_event_partitions('2050-06-01') + make_log_partitions('2050-06-01') as missing",
      );
      assert.deepEqual(made, [{ missing: 0 }]);
      await client.query(
        "insert into event (id, type, at, from_party, to_party) select new_event_id('2050-06-01'), 'given', now(), gen_random_uuid(), gen_random_uuid()",
      );
      assert.equal((await client.query('select from event_2050')).rowCount, 1);
      await client.query("select drop_log_partitions(least_id('2050-07-01'))");
      const { rows: gone } = await client.query("select to_regclass('decision_log_2050_06') as it");
      assert.deepEqual(gone, [{ it: null }]);
      assert.equal((await client.query('show statement_timeout')).rows[0].statement_timeout, '10s');
      // What a later migration makes is the serving role's before all of them are done.
      const maker = await connectTo(owner!);
      await maker.query('create table later (id int); create sequence later_number');
      await client.query("insert into later values (nextval('later_number'))");
      for (const one of [client, maker]) await one.end();
      assert.equal(await server.stop('SIGTERM'), 0);
    });
  });
