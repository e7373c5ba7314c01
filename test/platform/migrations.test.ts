// Migrations beside nodes that serve: an index is built while others write, and what would hold or
// rewrite a table is found before it is released.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { openDatabase } from '../../server/platform/db/db.ts';
import { migrate, type Release } from '../../server/platform/db/migrate.ts';
import { judge } from '../support/run/judge.ts';
import { connected } from '../support/run/postgres.ts';
import { filledDatabase } from '../support/run/process.ts';
import { indexOf, migrationOf, releaseOf } from '../support/run/release.ts';
import { root } from '../support/run/source.ts';

/** The migrations of 1.0.0 make an empty database; each after them finds rows and nodes there. */
const FIRST_RELEASE = 21;

// The embedded database has one connection: nobody serves beside a migration.
if (process.env.TEST_DATABASE_URL)
  describe('a migration beside nodes that serve', () => {
    /** A database of 1.0.0 with rows in it. */
    async function served(): Promise<string> {
      const { DATABASE_URL: url } = await filledDatabase();
      await connected(url!, (client) =>
        client.query("update schema_version set version = '1.0.0', serves_from = '1.0.0'"),
      );
      return url!;
    }
    const next = (own: Record<string, string>) => releaseOf('1.1.0', '1.0.0', own);
    const isValid = async (client: pg.Client, index: string) =>
      (
        await client.query('select indisvalid from pg_index where indexrelid = $1::regclass', [
          index,
        ])
      ).rows[0]?.indisvalid;
    const migrateTo = async (url: string, release: Release) => {
      const database = await openDatabase({ databaseUrl: url, databasePool: 2, dataDir: '' });
      await migrate(database.db, release).finally(() => database.close());
    };

    it('holds and rewrites no table, whatever is released after the first', async () => {
      const own = readdirSync(join(root, 'migrations')).sort().slice(FIRST_RELEASE);
      assert.deepEqual(own, [], 'run them here, each on a database of the release before');
    });

    it('may add a column, a table, and an index beside those who write', async () => {
      const url = await served();
      const release = next({
        '16_note.ts': migrationOf(`alter table party add column note text not null default '';
          create table note (id uuid primary key, party uuid not null references party (id))`),
        '17_note.ts': indexOf('party_note', 'on party (note)'),
      });
      assert.deepEqual(await judge(url, release), []);
      await connected(url, async (client) => {
        assert.equal(await isValid(client, 'party_note'), true);
        const { rows } = await client.query('select version, serves_from from schema_version');
        assert.deepEqual(rows, [{ version: '1.1.0', serves_from: '1.0.0' }]);
      });
    });

    it('may add a check that is validated beside those who write', async () => {
      const release = next({
        '16_check.ts': migrationOf(
          'alter table party add constraint party_named check (length(name) > 0) not valid',
        ),
        '17_valid.ts': migrationOf('alter table party validate constraint party_named'),
      });
      assert.deepEqual(await judge(await served(), release), []);
    });

    it('is found out when it holds a table, rewrites one, or builds an index in its way', async () => {
      for (const [sql, wrong] of [
        [
          'alter table party add column more uuid default gen_random_uuid()',
          'party is written anew',
        ],
        [
          'lock table mandate in share row exclusive mode; select pg_sleep(1.5)',
          'mandate is held for more than a second',
        ],
        [
          'create index mandate_more on mandate (role)',
          'mandate_more is built while nobody may write mandate',
        ],
        ['alter table party alter column name type varchar(9000)', 'party is written anew'],
        [
          'alter table party add constraint party_named check (length(name) > 0)',
          'party is read through while it is held',
        ],
        [
          'alter table party alter column person_no drop not null, alter column born_on drop not null; update party set born_on = now() where born_on is null; alter table party alter column born_on set not null',
          'party is read through while it is held',
        ],
        [
          'alter table notice add constraint notice_by foreign key (by_party) references party (id)',
          'notice is read through while it is held',
        ],
      ] as const) {
        const found = await judge(await served(), next({ '16_bad.ts': migrationOf(sql) }));
        assert.ok(found.includes(wrong), `${sql}: ${found}`);
      }
    });

    it('builds an index anew that was left half built, with the tool’s own lock left behind', async () => {
      const url = await served();
      await connected(url, async (client) => {
        // As a process that is killed in the middle leaves it.
        await client.query('create index party_half on party (name)');
        await client.query(
          "update pg_index set indisvalid = false where indexrelid = 'party_half'::regclass",
        );
        await client.query('update migration_lock set is_locked = 1');
        await migrateTo(url, next({ '16_half.ts': indexOf('party_half', 'on party (name)') }));
        assert.equal(await isValid(client, 'party_half'), true);
      });
    });

    it('builds an index once, where several nodes come to it at once', async () => {
      const url = await served();
      const release = next({ '16_once.ts': indexOf('party_once', 'on party (name)') });
      await Promise.all([1, 2, 3].map(() => migrateTo(url, release)));
      await connected(url, async (client) => {
        const { rows } = await client.query("select from migration where name = '16_once.ts'");
        assert.deepEqual([rows.length, await isValid(client, 'party_once')], [1, true]);
      });
    });

    it('of a unique index that rows contradict is refused, and tried anew when they are mended', async () => {
      const url = await served();
      const release = next({
        '16_one.ts': indexOf('party_one', 'on party (name)', 'unique index'),
      });
      await connected(url, async (client) => {
        await client.query(
          "update party set name = 'Lik' where id in (select id from party order by id limit 2)",
        );
        await assert.rejects(migrateTo(url, release), /party_one/);
        assert.equal(await isValid(client, 'party_one'), false);
        await client.query("update party set name = id::text where name = 'Lik'");
        await client.query('update party set name = name || id');
        await migrateTo(url, release);
        assert.equal(await isValid(client, 'party_one'), true);
      });
    });
  });
