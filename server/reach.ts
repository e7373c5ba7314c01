// `npm run check-config -- --reach`: tries all that a node with these settings needs, changes
// nothing, and says of each in a line whether it is there.
import type { Knex } from 'knex';
import { discover } from './caller/login.ts';
import { countSessionsBefore } from './caller/store.ts';
import { LONGEST_MILLIS } from './caller/session.ts';
import { countLasting } from './oidc/keys/keys.ts';
import { actAlone, createActs } from './platform/act.ts';
import { openDatabase, type Db } from './platform/db/db.ts';
import { isEmpty, isFinished, mustFit } from './platform/db/migrate.ts';
import { mayCreate, serverVersion, tablesOutOfReach } from './platform/db/reach_store.ts';
import type { Env } from './platform/env/env.ts';
import { createHealth } from './platform/http/health.ts';
import { createLogger } from './platform/log.ts';
import { readNodes } from './platform/node_store.ts';
import { createSeal } from './platform/secret/seal.ts';
import { useOf } from './platform/secret/seal_store.ts';
import { stepOf } from './platform/secret/steps_model.ts';
import { openSources } from './register/source/sources.ts';

interface Reached {
  what: string;
  isWell: boolean;
  says: string;
}

/** All that a node with these settings needs, one after the other. */
export async function reach(env: Env): Promise<Reached[]> {
  const found: Reached[] = [];
  const tried = async (what: string, attempt: () => Promise<string>): Promise<boolean> => {
    try {
      found.push({ what, isWell: true, says: await attempt() });
      return true;
    } catch (error) {
      found.push({ what, isWell: false, says: reasonOf(error) });
      return false;
    }
  };
  const database = await openDatabase(env);
  const { db } = database;
  try {
    const fits =
      (await tried('database', () => versionOf(db))) &&
      (await tried('schema', () => schemaOf(db, env)));
    if (fits && !(await isEmpty(db))) {
      await tried('SECRET', () => secretOpens(db, env));
      await tried('role', () => rightsOf(db, env));
      await tried('base set and clock', () => readinessOf(db));
      await tried('nodes', () => nodesOf(db));
      for (const [index, accepted] of env.acceptedSecrets.entries())
        await tried(`SECRET_ACCEPTED ${index + 1}`, () => secretOf(db, env, accepted));
    }
  } finally {
    await database.close();
  }
  await tried('eID', async () => (await discover(env)).serverMetadata().issuer);
  for (const source of openSources(env.registers))
    await tried(`register ${source.code}`, async () => `its last line is ${await source.latest()}`);
  return found;
}

/** An address and a cause, without what a driver adds. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

const versionOf = async (db: Db): Promise<string> => `PostgreSQL ${await serverVersion(db)}`;

async function schemaOf(db: Db, { migrates }: Env): Promise<string> {
  if (migrates && (await isEmpty(db))) return 'none yet: a node makes it when it starts';
  await mustFit(db);
  return (await isFinished(db)) ? 'fits' : 'fits, and nodes of the version before may serve on it';
}

async function rightsOf(db: Db, { migrates }: Env): Promise<string> {
  const lacking = await tablesOutOfReach(db);
  if (lacking.length) throw new Error(`may not read and write ${lacking.join(', ')}`);
  if (!(await mayCreate(db))) {
    if (migrates) throw new Error('may change no table: set MIGRATE=never, and migrate as another');
    return 'reads and writes rows, and changes no table';
  }
  return migrates ? 'reads and writes rows, and changes tables' : UNNEEDED;
}
const UNNEEDED = 'may change tables too, of which a node with MIGRATE=never has no need';

async function readinessOf(db: Knex): Promise<string> {
  const why = await createHealth(createActs(db), createLogger('fatal')).whyNot();
  if (why.length) throw new Error(why.join('; '));
  return 'a node would be ready';
}

async function nodesOf(db: Db): Promise<string> {
  const serving = (await readNodes(db)).filter(({ serves }) => serves);
  const versions = [...new Set(serving.map(({ version }) => version))];
  return serving.length ? `${serving.length} serve, of ${versions.join(' and ')}` : 'none serves';
}

/** Whether a node with these secrets opens what lasts. */
async function secretOpens(db: Db, { secret, acceptedSecrets }: Env): Promise<string> {
  const { opened, all } = await countLasting(db, createSeal(secret, acceptedSecrets));
  if (opened < all)
    throw new Error(`opens ${opened} of ${all} keys of this database, which has another`);
  return `opens all ${all} keys`;
}

/** The next step of replacing a secret; it is no fault that it has to wait. */
async function secretOf(db: Db, env: Env, accepted: string): Promise<string> {
  const { step, isSafe, why } = await stepOf({
    own: useOf(env.secret),
    accepted: useOf(accepted),
    nodes: await readNodes(db),
    lasting: (await countLasting(db, createSeal(accepted))).opened,
    sessionsBefore: (instant) => countSessionsBefore(db, instant),
    now: actAlone(db).now,
    longestMillis: LONGEST_MILLIS,
  });
  return `${isSafe ? `${step} it now` : `do not ${step} it yet`}: ${why}`;
}
