// `npm run mend`: compares the index of every policy with what the policy says, and puts right what
// differs. The server does the same each night.
import { pathToFileURL } from 'node:url';
import { migrate, openDatabase } from '../../platform/db/db.ts';
import { readEnvOf } from '../../platform/env/env.ts';
import { mendIndex } from './publish.ts';

async function main(): Promise<void> {
  const database = await openDatabase(readEnvOf('mend'));
  try {
    await migrate(database.db);
    const mended = await mendIndex(database.db);
    console.log(mended.length ? `mended: ${mended.join(', ')}` : 'every index is as its policy');
  } finally {
    await database.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
