// `npm run compare -- SOURCE`: has a register compared with what is held now, day or night, by the
// node that takes it up.
import { pathToFileURL } from 'node:url';
import { actAlone } from '../../platform/act.ts';
import { openDatabase } from '../../platform/db/db.ts';
import { fitSchema } from '../../platform/db/migrate.ts';
import { readEnvOf } from '../../platform/env/env.ts';
import { noteOperatorAct } from '../../platform/operator_store.ts';
import { hastenJobs } from '../../platform/job_store.ts';
import { compareJob } from '../model.ts';
import { openSources } from '../source/sources.ts';
import { countToCheck } from '../store.ts';
import { askForComparison } from './progress_store.ts';
import { kindsAskedOf } from './reconcile.ts';

async function main(code: string | undefined): Promise<void> {
  const env = readEnvOf('compare');
  const sources = openSources(env.registers);
  const source = sources.find((known) => known.code === code);
  if (!source)
    throw new Error(
      `usage: npm run compare -- SOURCE, one of ${sources.map((known) => known.code).join(', ')}`,
    );
  const database = await openDatabase(env);
  try {
    const { db } = database;
    await fitSchema(db, env);
    const count = await countToCheck(db, kindsAskedOf(source.code));
    const act = actAlone(db);
    await askForComparison(act, source.code);
    await noteOperatorAct(act, 'compare', { source: source.code });
    await hastenJobs(db, [compareJob(source.code)]);
    const minutes = Math.ceil(count / source.perSecond / 60);
    console.log(
      `${source.code} is compared by the next node that looks: ${count} parties at the most, ${source.perSecond} a second, ${minutes} min.`,
    );
  } finally {
    await database.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main(process.argv[2]).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
