// `npm run log`: the logs and the keys that sign them. `npm run log -- key`: begins a key beside
// the one that signs. `npm run log -- open`: ends the log, and opens the next one. `npm run log --
// again`: judges anew the events that got no place.
import { pathToFileURL } from 'node:url';
import { actAlone, inTransaction, type Act } from '../platform/act.ts';
import { openDatabase } from '../platform/db/db.ts';
import { fitSchema } from '../platform/db/migrate.ts';
import { readEnvOf, type Env } from '../platform/env/env.ts';
import { noteOperatorAct } from '../platform/operator_store.ts';
import { openSeal } from '../platform/secret/seal_store.ts';
import { openFolder } from './folder.ts';
import { renewKey } from './keys.ts';
import { openNextLog } from './opening.ts';
import {
  judgeAgain,
  lastCheckpoint,
  listLogKeys,
  listLogs,
  listRefused,
  lockLog,
  readEdge,
  refusedEvents,
} from './store.ts';

const USAGE =
  'usage: npm run log, or npm run log -- key, or npm run log -- open, or npm run log -- again';

async function main(args: string[]): Promise<void> {
  const [asked, more] = args;
  if (more || (asked && !['key', 'open', 'again'].includes(asked))) throw new Error(USAGE);
  const env = readEnvOf('log');
  const database = await openDatabase(env);
  try {
    await fitSchema(database.db, env);
    const act = actAlone(database.db);
    if (asked === 'key') await beginKey(act, env);
    if (asked === 'open') await beginLog(act, env);
    if (asked === 'again') await beginAgain(act);
    await printLogs(act);
  } finally {
    await database.close();
  }
}

async function beginKey(act: Act, env: Env): Promise<void> {
  const seal = await openSeal(act.db, env);
  await inTransaction(act, async (inner) => {
    await lockLog(inner.db);
    const { log } = await readEdge(inner.db);
    await renewKey(inner, log, seal);
    await noteOperatorAct(inner, 'log', { key: log });
  });
}

async function beginLog(act: Act, env: Env): Promise<void> {
  const { issuer, logCheckpoints } = env;
  if (logCheckpoints === undefined) throw new Error('LOG_CHECKPOINTS names no folder.');
  const seal = await openSeal(act.db, env);
  const folder = openFolder(logCheckpoints);
  await inTransaction(act, async (inner) => {
    const opened = await openNextLog(inner, { issuer, seal, folder });
    await noteOperatorAct(inner, 'log', { opened });
  });
}

/** A node that has the secret of those events in SECRET_ACCEPTED gives them their places. */
const beginAgain = (act: Act) =>
  inTransaction(act, async (inner) => {
    const again = await refusedEvents(inner.db);
    await judgeAgain(inner.db);
    await noteOperatorAct(inner, 'log', { again });
  });

async function printLogs({ db }: Act): Promise<void> {
  const keys = await listLogKeys(db);
  for (const { number, origin } of await listLogs(db)) {
    const signed = await lastCheckpoint(db, number);
    const name = origin ?? `log ${number}`;
    console.log(`${name} has ${signed ? `${signed.size} leaves signed` : 'nothing signed yet'}`);
    for (const { id, log, signsFrom, signsUntil } of keys)
      if (log === number)
        console.log(
          `  key ${id} signs from ${signsFrom.toISOString()}${signsUntil ? ` until ${signsUntil.toISOString()}` : ''}`,
        );
  }
  for (const { id, at } of await listRefused(db))
    console.log(`event ${id} has no place: no node is known to have made it (${at.toISOString()})`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
