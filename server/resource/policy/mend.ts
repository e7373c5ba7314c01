// `npm run mend`: compares the index of every policy with what the policy says, and puts right what
// differs. The server does the same each night.
import { pathToFileURL } from 'node:url';
import { actAlone } from '../../platform/act.ts';
import { openDatabase } from '../../platform/db/db.ts';
import { fitSchema } from '../../platform/db/migrate.ts';
import { readEnvOf } from '../../platform/env/env.ts';
import { noteOperatorAct } from '../../platform/operator_store.ts';
import { mendIndex } from './publish.ts';

async function main(): Promise<void> {
  const env = readEnvOf('mend');
  const database = await openDatabase(env);
  try {
    await fitSchema(database.db, env);
    const mended = await mendIndex(database.db);
    await noteOperatorAct(actAlone(database.db), 'mend', { mended });
    console.log(mended.length ? `mended: ${mended.join(', ')}` : 'every index is as its policy');
  } finally {
    await database.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
