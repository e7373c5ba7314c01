// The schema and who may open it: migrations one by one, each in a transaction that waits for no
// table for long or an index beside those who write its table, and the rule of which version serves
// on which schema.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { readNodes } from '../node_store.ts';
import { isServer, liftLimits, ROLE_HABITS, ROLE_LIMITS, withoutLimits, type Db } from './db.ts';

/** A version as the database knows it: its migrations, and whose nodes may serve beside it. */
export interface Release {
  /** The folder of all migrations up to this version. */
  directory: string;
  version: string;
  /** The oldest version whose nodes may serve on its schema; from 1.0.0 on the one before. */
  servesFrom: string;
}

/** The migrations may be rewritten until 1.0.0, so that a version before it opens its own only. */
const THIS: Release = {
  directory: new URL('../../../migrations', import.meta.url).pathname,
  version: '0.10.0',
  servesFrom: '0.10.0',
};

const configOf = ({ directory }: Release): Knex.MigratorConfig => ({
  directory,
  loadExtensions: ['.ts'],
  tableName: 'migration',
  // A newer version's migrations may have been done already: `refusal` judges that.
  disableMigrationsListValidation: true,
});

/** For the command line of knex. */
export const migrations = configOf(THIS);

/** Negative where the first is older. */
function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split('.').map(Number));
  return a![0]! - b![0]! || a![1]! - b![1]! || a![2]! - b![2]!;
}

interface Made {
  version: string;
  servesFrom: string;
}

/** The version that made the schema; undefined for an empty database. */
async function madeBy(db: Db): Promise<Made | undefined> {
  const has = async (table: string) =>
    (await db.raw('select to_regclass(?) is not null as is_there', [table])).rows[0].is_there;
  if (!(await has('migration'))) return undefined;
  if (!(await has('schema_version'))) return { version: 'before 0.9.0', servesFrom: '' };
  const {
    rows: [{ version, servesFrom }],
  } = await db.raw(
    `select made.version, to_jsonb(made) ->> 'serves_from' as "servesFrom" from schema_version made`,
  );
  return servesFrom
    ? { version, servesFrom }
    : { version: `${version} before it was finished`, servesFrom: '' };
}

/** Whether nobody has migrated it yet. */
export const isEmpty = async (db: Db): Promise<boolean> => !(await madeBy(db));

/** Why a version may not open what another made, in a sentence. */
function refusal(made: Made, { version }: Release): string | undefined {
  if (made.version === version) return undefined;
  if (!/^[1-9]/.test(made.version) || version.startsWith('0.'))
    return `The database was made by Tillit ${made.version}, and this is Tillit ${version}: until 1.0.0 a version opens no other's database. It was left as it is.`;
  if (compareVersions(made.version, version) > 0 && compareVersions(made.servesFrom, version) > 0)
    return `The schema is of Tillit ${made.version}, beside which no node older than ${made.servesFrom} may serve, and this is Tillit ${version}.`;
  return undefined;
}

/** Throws where the version may not serve on the schema as it is; changes nothing. */
export async function mustFit(db: Db, release = THIS): Promise<void> {
  const made = await madeBy(db);
  if (!made) throw new Error('The database has no schema yet: run `npm run migrate` first.');
  const why = refusal(made, release);
  if (why) throw new Error(why);
  const isOlder = compareVersions(made.version, release.version) < 0;
  const [, left] =
    made.version === release.version ? await db.migrate.list(configOf(release)) : [[], []];
  if (isOlder || left.length)
    throw new Error(
      `The schema is of Tillit ${made.version}${left.length ? ', and not whole' : ''}, and this is Tillit ${release.version}: run \`npm run migrate\` first.`,
    );
}

/** Brings the schema up to date, or only looks whether it fits. */
export const fitSchema = (db: Knex, { migrates }: { migrates: boolean }): Promise<void> =>
  migrates
    ? migrate(db).then(() => undefined)
    : withoutLimits(db, (own) =>
        own.transaction(async (trx) => {
          await mustFit(trx);
          await limitRole(trx);
        }),
      );

const LOCK = 727274;
const ROLE_LOCK = 727280;
/** A table that somebody holds is waited for so long, and then again, as others wait behind us. */
const LOCK_TIMEOUT = '1s';
const AGAIN_MILLIS = 500;
const LATEST_AGAIN_MILLIS = 30_000;
/** The table is held, or whoever waits for us is waited for. */
const isHeld = (error: unknown): boolean =>
  ['55P03', '40P01'].includes((error as { code?: string }).code ?? '');

/**
 * Brings the schema up to date; several nodes may start at once, one does each migration. What goes
 * over a large table may take its time. Resolves with how many this node did; throws where another
 * version made the database.
 */
export const migrate = (
  db: Knex,
  release = THIS,
  /** Called each time that somebody holds what the next migration changes. */
  onHeld: () => void = () => undefined,
): Promise<number> =>
  withoutLimits(db, async (own) => {
    let rest = AGAIN_MILLIS;
    let done = 0;
    for (;;) {
      const step = await stepTo(own, release);
      if (step === 'last') return done;
      if (step !== 'held') done += 1;
      if (step === 'alone') await stepAlone(db, own, release);
      if (step === 'held') {
        onHeld();
        await pause(rest);
      }
      // Each try holds others up for a second: less and less of the time.
      rest = step === 'held' ? Math.min(2 * rest, LATEST_AGAIN_MILLIS) : AGAIN_MILLIS;
    }
  });

/**
 * Does the next migration. It was the `last`, or there is a `next`; a table is `held`; or the next
 * is one that is done `alone`, in no transaction.
 */
async function stepTo(own: Knex, release: Release): Promise<'last' | 'next' | 'held' | 'alone'> {
  try {
    return await own.transaction(async (trx) => {
      await liftLimits(trx);
      await trx.raw(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      await trx.raw('select pg_advisory_xact_lock(?)', [LOCK]);
      const made = await madeBy(trx);
      const why = made && refusal(made, release);
      if (why) throw new Error(why);
      if (made && compareVersions(made.version, release.version) > 0) return 'last';
      if (isServer(trx) && (await isNextAlone(trx, release))) return 'alone';
      await freeKnexLock(trx, release);
      const [, done] = await trx.migrate.up(configOf(release));
      if (!made)
        await trx.raw(
          'insert into schema_version (version, serves_from) values (:version, :version)',
          {
            version: release.version,
          },
        );
      if (done.length) return 'next';
      // One process opens the embedded database, so none of a version before serves beside it.
      const servesFrom = isServer(trx) ? release.servesFrom : release.version;
      await trx.raw(
        `update schema_version set version = ?,
          serves_from = case when version = ? then serves_from else ? end`,
        [release.version, release.version, servesFrom],
      );
      await limitRole(trx);
      return 'last';
    });
  } catch (error) {
    if (!isHeld(error)) throw error;
    return 'held';
  }
}

/** knex's lock may be left of a process that was killed: ours is held, and is the real one. */
const freeKnexLock = (db: Db, release: Release): Promise<unknown> =>
  db.migrate.forceFreeMigrationsLock(configOf(release));

/** Whether the next migration says that it is no transaction. */
async function isNextAlone(trx: Knex.Transaction, release: Release): Promise<boolean> {
  const [, [next]] = (await trx.migrate.list(configOf(release))) as [unknown, { file: string }[]];
  if (!next) return false;
  const { config } = await import(pathToFileURL(join(release.directory, next.file)).href);
  return config?.transaction === false;
}

/**
 * Does the next migration in no transaction, while one of another connection keeps other nodes
 * away: between statements it holds no snapshot that an index in the making would wait for.
 */
const stepAlone = (db: Knex, own: Knex, release: Release): Promise<void> =>
  withoutLimits(db, (keeper) =>
    keeper.transaction(async (trx) => {
      await liftLimits(trx);
      const {
        rows: [{ isOurs }],
      } = await trx.raw('select pg_try_advisory_xact_lock(?) as "isOurs"', [LOCK]);
      // Another node has it, or had it since: what is next is looked for anew.
      if (!isOurs || !(await isNextAlone(trx, release))) return;
      await freeKnexLock(own, release);
      await own.migrate.up(configOf(release));
    }),
  );

/**
 * Marks that no node of the version before serves any more, and none will: what this version takes
 * and an older one would decide more widely is taken from now on.
 */
export const finish = (db: Knex, release = THIS): Promise<void> =>
  withoutLimits(db, (own) =>
    own.transaction(async (trx) => {
      await mustFit(trx, release);
      const older = (await readNodes(trx)).filter(
        ({ serves, version }) => serves && compareVersions(version, release.version) < 0,
      );
      if (older.length)
        throw new Error(
          `${older.length} nodes of Tillit ${older[0]!.version} served within the last minute: finish when none does.`,
        );
      const {
        rows: [one],
      } = await trx.raw(
        'update schema_version set serves_from = version where version = ? returning version',
        [release.version],
      );
      if (!one)
        throw new Error(
          `The schema is of a newer version than Tillit ${release.version}: only that one finishes it.`,
        );
    }),
  );

/** Why this version may not serve any more on a schema that was changed under it. */
export async function whyUnfit(db: Db, release = THIS): Promise<string | undefined> {
  const made = await madeBy(db);
  return made && refusal(made, release);
}

/** Whether no node of a version before serves; it is asked before more is taken than they take. */
export async function isFinished(db: Db): Promise<boolean> {
  const made = await madeBy(db);
  return made !== undefined && made.servesFrom === made.version;
}

/**
 * For connections from now on, of the role that is connected: each sets its own, as none may set
 * another's. Nodes that start at once take turns, since PostgreSQL refuses a row changed meanwhile.
 */
async function limitRole(trx: Knex.Transaction): Promise<void> {
  if (!isServer(trx)) return;
  await trx.raw('select pg_advisory_xact_lock(?)', [ROLE_LOCK]);
  const each = Object.entries({ ...ROLE_LIMITS, ...ROLE_HABITS }).map(
    ([name, value]) =>
      `execute format('alter role %I in database %I set ${name} = %L', current_user, current_database(), '${value}');`,
  );
  await trx.raw(
    `do $$ begin ${each.join(' ')} exception when insufficient_privilege then null; end $$`,
  );
}

const quoted = async (db: Db, role: string): Promise<string> =>
  (await db.raw('select quote_ident(?) as named', [role])).rows[0].named;

/** Lets the role that serves read and write rows, and nothing more. */
export const letServe = (db: Knex, role: string): Promise<void> =>
  withoutLimits(db, (own) =>
    own.transaction(async (trx) => {
      const named = await quoted(trx, role);
      await trx.raw(`
        grant usage on schema public to ${named};
        grant select, insert, update, delete on all tables in schema public to ${named};
        grant usage on all sequences in schema public to ${named};
        revoke insert, update, delete on migration, migration_lock, schema_version, event_let_go from ${named};
        revoke update, delete on log_leaf, log_checkpoint from ${named};
        revoke delete on log, log_tile, log_key from ${named};
        grant execute on function make_event_partitions, drop_feed_partitions, make_log_partitions, drop_log_partitions, let_events_go to ${named};
      `);
    }),
  );

/** Lets it do so with what migrations make, from the moment that they have made it. */
export const letServeNew = (db: Knex, role: string): Promise<void> =>
  withoutLimits(db, async (own) => {
    const named = await quoted(own, role);
    await own.raw(`
      alter default privileges in schema public grant select, insert, update, delete on tables to ${named};
      alter default privileges in schema public grant usage on sequences to ${named};
    `);
  });
