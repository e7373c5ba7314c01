// `npm run migrate`: brings the schema up to date and ends, for those who do not let the server do
// it when it starts.
import { migrate, openDatabase } from './platform/db/db.ts';
import { readEnvOf } from './platform/env/env.ts';

try {
  const database = await openDatabase(readEnvOf('migrate'));
  try {
    await migrate(database.db);
    console.log('The schema is up to date.');
  } finally {
    await database.close();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
