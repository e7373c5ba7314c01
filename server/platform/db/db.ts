// The way to the database: a pool, transactions, and named statements. It holds no SQL of the
// domain and does not know whether PostgreSQL runs beside us (embedded) or elsewhere.
import { setTimeout as pause } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { openEmbedded, type Embedded } from './embedded.ts';
import { fault, unavailable } from '../errors.ts';
import { isOutage, isUnstorable } from './db_faults.ts';
import { createSeal, type Seal } from '../secret/seal.ts';

export type Db = Knex | Knex.Transaction;

/**
 * SQL with a name: prepared once a connection, which halves the cost of a hot query (34 µs against
 * 77 µs).
 */
export interface Statement {
  name: string;
  text: string;
  /** Whether its best plan depends on the values: it is planned for those of each call. */
  isPlannedAnew?: boolean;
}

/** Called as a named statement is sent; the function that it gives is called with the answer. */
export type WatchStatement = (name: string) => (error?: unknown) => void;

export interface Database {
  db: Knex;
  /** Connections for jobs, so that no request waits for one; `db` itself where there is but one. */
  background: Knex;
  embedded: boolean;
  close(): Promise<void>;
}

export interface DatabaseSettings {
  databaseUrl: string | undefined;
  databasePool: number;
  dataDir: string;
  /** Secrets by which a row is known to be a node's; none where nobody asks for that. */
  secret?: string;
  acceptedSecrets?: string[];
}

// bigint counts fit a number; none of ours comes near 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Limits that the database itself enforces, set for our role (migrate.ts): a pooler in transaction
 * mode takes no such parameter when a connection begins.
 */
export const ROLE_LIMITS = {
  statement_timeout: '10s',
  idle_in_transaction_session_timeout: '10s',
};

/**
 * Nor does it compile what it takes for long: of who has ten thousand of everything, 70 ms for a
 * statement of ten. A page by an index costs little more than the next one, as on no disk that
 * turns: a hundred uses would else read ten thousand mandates whole, and a token would take the
 * database 40 % longer.
 */
export const ROLE_HABITS = { jit: 'off', random_page_cost: '1.1' };

const connectionOf = ({ databaseUrl }: DatabaseSettings) => ({
  connectionString: databaseUrl,
  connectionTimeoutMillis: 2_000,
  query_timeout: 11_000,
  application_name: 'tillit',
});

/** knex writes no lines of its own, which are no JSON: its caller gets the fault, and logs it. */
const SILENT = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * knex over a PostgreSQL address, a pooler's too. One connection that does not answer is an error
 * within eleven seconds.
 */
export function serverConfig(settings: DatabaseSettings): Knex.Config {
  return {
    client: 'pg',
    connection: connectionOf(settings) as Knex.PgConnectionConfig,
    pool: { min: 0, max: settings.databasePool },
    acquireConnectionTimeout: 3_000,
    log: SILENT,
  };
}

/** Connections of jobs, of which few run at once; one that waits holds up jobs alone. */
const BACKGROUND_POOL = 3;
const BACKGROUND_PATIENCE_MILLIS = 30_000;

function embeddedConfig(embedded: Embedded): Knex.Config {
  return {
    client: 'pg',
    connection: {
      stream: embedded.connect,
      user: 'postgres',
      database: 'postgres',
    } as Knex.PgConnectionConfig,
    // One backend: a second connection could only wait for the first.
    pool: { min: 0, max: 1, idleTimeoutMillis: 3_600_000 },
    acquireConnectionTimeout: 30_000,
    log: SILENT,
  };
}

/** Opens PostgreSQL where an address is given, else the embedded database in `dataDir`. */
export async function openDatabase(
  settings: DatabaseSettings,
  watch?: WatchStatement,
): Promise<Database> {
  const held = {
    watch,
    // A command that was given none makes nothing with an empty one.
    seal: settings.secret ? createSeal(settings.secret, settings.acceptedSecrets) : undefined,
  } satisfies Held;
  if (settings.databaseUrl) {
    const config = serverConfig(settings);
    const db = knex(config).withUserParams(held);
    const background = knex({
      ...config,
      pool: { min: 0, max: BACKGROUND_POOL },
      acquireConnectionTimeout: BACKGROUND_PATIENCE_MILLIS,
    }).withUserParams(held);
    const close = async () => {
      await Promise.all([db.destroy(), background.destroy()]);
    };
    return { db, background, embedded: false, close };
  }
  const embedded = await openEmbedded(settings.dataDir);
  const db = knex(embeddedConfig(embedded)).withUserParams(held);
  return {
    db,
    background: db,
    embedded: true,
    close: async () => {
      await db.destroy();
      await embedded.close();
    },
  };
}

const AGAIN_MILLIS = 1_000;

/**
 * Waits for a PostgreSQL that is away, and calls `onWait` once it has to. Its connections are its
 * own: one that is made before the role has its limits has none. Throws other faults.
 */
export async function untilThere(
  settings: DatabaseSettings,
  onWait: (error: unknown) => void,
): Promise<void> {
  if (!settings.databaseUrl) return;
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client(connectionOf(settings));
    // The question fails where the connection is lost.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select');
      return;
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (tries === 0) onWait(error);
      await pause(AGAIN_MILLIS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** In this transaction nothing is ended for the time that it takes. */
export const liftLimits = (trx: Db) =>
  trx.raw(
    Object.keys(ROLE_LIMITS)
      .map((name) => `set local ${name} = 0`)
      .join('; '),
  );

// The embedded database has one connection, and no limit.
export const isServer = (db: Knex): boolean => {
  const { connection } = db.client.config as Knex.Config;
  return typeof connection === 'object' && 'connectionString' in connection;
};

/** One connection without a limit that nobody's request waits for; `db` itself where it is that. */
export function openUnlimited(db: Knex): Knex {
  const { connection, ...config } = db.client.config as Knex.Config;
  if (!isServer(db) || (connection as { query_timeout?: number }).query_timeout === 0) return db;
  return knex({
    ...config,
    connection: { ...(connection as object), query_timeout: 0 },
    pool: { min: 0, max: 1 },
    acquireConnectionTimeout: 600_000,
  }).withUserParams(db.userParams);
}

/**
 * Work that may take its time, on a connection of its own; each transaction in it begins with
 * `liftLimits`.
 */
export async function withoutLimits<Result>(
  db: Knex,
  work: (own: Knex) => Promise<Result>,
): Promise<Result> {
  const own = openUnlimited(db);
  try {
    return await work(own);
  } finally {
    if (own !== db) await own.destroy();
  }
}

/** The parameters of ours that knex keeps with a pool, in its transactions too. */
interface Held {
  watch: WatchStatement | undefined;
  seal: Seal | undefined;
}
const heldBy = (db: Db) => db.userParams as Partial<Held> | undefined;

/** The seal of the secrets that the database was opened with; throws where it was with none. */
export function sealOf(db: Db): Seal {
  const seal = heldBy(db)?.seal;
  if (!seal) throw new Error('the database was opened without a secret');
  return seal;
}

/** Runs a named statement and returns its rows. Values are bound, never spliced. */
export async function query<Row>(
  db: Db,
  statement: Statement,
  values: unknown[] = [],
): Promise<Row[]> {
  let connection: pg.Client;
  try {
    connection = await db.client.acquireConnection();
  } catch (cause) {
    throw unavailable(cause);
  }
  const ended = heldBy(db)?.watch?.(statement.name);
  try {
    // `name` prepares it, after which the database plans it for any values; `statementName` is for
    // who watches the driver.
    const { name: statementName, text, isPlannedAnew } = statement;
    const sent = { ...(isPlannedAnew ? {} : { name: statementName }), statementName, text, values };
    const result = await connection.query(sent);
    ended?.();
    return result.rows as Row[];
  } catch (error) {
    ended?.(error);
    if (isOutage(error)) throw unavailable(error);
    throw isUnstorable(error) ? fault('TIL-00014', { cause: error }) : error;
  } finally {
    await db.client.releaseConnection(connection);
  }
}

/** As `query`, for statements that give one row or none. */
export async function queryOne<Row>(
  db: Db,
  statement: Statement,
  values: unknown[] = [],
): Promise<Row | undefined> {
  return (await query<Row>(db, statement, values))[0];
}

/** One act, one transaction: commits when the work resolves, rolls back when it throws. */
export async function transaction<Result>(
  db: Db,
  work: (trx: Knex.Transaction) => Promise<Result>,
): Promise<Result> {
  try {
    // Within another one knex would forget what the pool has.
    return await db.transaction(work, { userParams: db.userParams });
  } catch (error) {
    throw isOutage(error) ? unavailable(error) : error;
  }
}
