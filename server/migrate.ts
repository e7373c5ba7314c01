// `npm run migrate`: brings the schema up to date and ends, for those who do not let the server do
// it when it starts; as a role of its own where MIGRATE_DATABASE_URL names one. `-- finish` marks
// that no node of the version before serves any more.
import about from '../package.json' with { type: 'json' };
import { actAlone } from './platform/act.ts';
import { noteOperatorAct } from './platform/operator_store.ts';
import { openDatabase } from './platform/db/db.ts';
import { finish, letServe, letServeNew, migrate } from './platform/db/migrate.ts';
import { readEnvOf } from './platform/env/env.ts';

const roleOf = (url: string) => decodeURIComponent(new URL(url).username);

try {
  const [asked, ...more] = process.argv.slice(2);
  if (more.length || (asked && asked !== 'finish'))
    throw new Error('usage: npm run migrate, or npm run migrate -- finish');
  const env = readEnvOf('migrate');
  const { databaseUrl, migrateDatabaseUrl = databaseUrl } = env;
  const { db, close } = await openDatabase({ ...env, databaseUrl: migrateDatabaseUrl });
  try {
    const role = databaseUrl && migrateDatabaseUrl ? roleOf(databaseUrl) : undefined;
    const isOther = role !== undefined && role !== roleOf(migrateDatabaseUrl!);
    if (isOther) await letServeNew(db, role);
    const onHeld = () =>
      console.log('Somebody holds a table that is to be changed: it is tried again.');
    const done = asked ? await finish(db) : await migrate(db, undefined, onHeld);
    if (isOther) await letServe(db, role);
    if (asked) await noteOperatorAct(actAlone(db), 'finish', { version: about.version });
    else if (done) await noteOperatorAct(actAlone(db), 'migrate', { migrations: done });
    console.log(
      asked ? 'No node of a version before may serve from now on.' : 'The schema is up to date.',
    );
  } finally {
    await close();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
