// The outside world from files: `npm run import -- FILE…`. Reads, checks what a schema cannot, and
// calls each noun's store in one transaction a file: all of it or nothing, and the same again when
// repeated.
import { fitSchema } from '../platform/db/migrate.ts';
import { createClientCheck, type ClientCheck } from '../oidc/client/check.ts';
import { actAlone } from '../platform/act.ts';
import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putCatalogue } from './catalogue.ts';
import { putConsents, type Refuse, type ImportStep } from './consents.ts';
import { putResourceInstances } from './instances.ts';
import { ImportFault, readImport, type Records } from './read.ts';
import { putCapacities, putMandates, putQualifications, putResources } from './rights.ts';
import { clock } from '../platform/clock.ts';
import {
  openDatabase,
  query,
  transaction,
  liftLimits,
  withoutLimits,
  type Database,
  type Db,
  type Statement,
} from '../platform/db/db.ts';
import { noteOperatorAct } from '../platform/operator_store.ts';
import { readEnvOf, type Env } from '../platform/env/env.ts';
import { openSeal } from '../platform/secret/seal_store.ts';
import { createKnowledge, type Knowing } from '../resource/catalogue/catalogue.ts';
import { putParties, partyNames, putRoleHolders, putSigningRules } from './parties.ts';
import { putOAuth } from './oauth.ts';
import { putSystems } from './systems.ts';
import { learnTables } from './tables_store.ts';

const IMPORT_LOCK = 727_275;
/** Policies that one file is about. */
const POLICIES = 100;
/** Records that change what the database should know of its tables. */
const MANY = 1_000;

export interface ImportOptions {
  /** Changes the text before it is read. */
  edit?: ((text: string) => string) | undefined;
  /** Hears of what is taken in and will not work as it may be meant. */
  warn?: ((what: string) => void) | undefined;
  /** The check of clients, where several files share one: a key is made for each. */
  clientFault?: ClientCheck | undefined;
}

/**
 * Loads one file. Answers with how many records it held; throws ImportFault and changes nothing
 * when any is wrong. Whatever else goes wrong names the file too.
 */
export async function importFile(
  db: Database['db'],
  file: string,
  env: Env,
  {
    edit = (text) => text,
    warn = () => {},
    clientFault = createClientCheck(env.issuer),
  }: ImportOptions = {},
): Promise<number> {
  try {
    return await take(db, file, env, { edit, warn, clientFault });
  } catch (error) {
    if (error instanceof ImportFault) throw error;
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    throw new Error(`${file}: ${message}${why}`, { cause: error });
  }
}

type RequiredOptions = { [Name in keyof ImportOptions]-?: NonNullable<ImportOptions[Name]> };

async function take(
  db: Database['db'],
  file: string,
  env: Env,
  { edit, ...options }: RequiredOptions,
): Promise<number> {
  const records = readImport(file, (text) => ofOperator(edit(text), file, env));
  const faults: { line: number; why: string }[] = [];
  const refuse: Refuse = (entry, why) => void faults.push({ line: entry.line, why });
  const stop = () => {
    if (faults.length) throw new ImportFault(file, faults);
  };
  const clean = () => faults.length === 0;
  await withoutLimits(db, async (own) => {
    await transaction(own, (trx) =>
      put(trx, { file, env, records, refuse, stop, clean, ...options }),
    );
    // Plans made before this would be for the rows of before.
    if (countOf(records) >= MANY)
      await transaction(own, async (trx) => {
        await liftLimits(trx);
        await learnTables(trx);
      });
  });
  return countOf(records);
}

const countOf = (records: Records) =>
  Object.values(records).reduce((sum, list) => sum + list.length, 0);

interface Taking extends Omit<RequiredOptions, 'edit'> {
  file: string;
  env: Env;
  records: Records;
  refuse: Refuse;
  /** Throws what was found wrong so far. */
  stop: () => void;
  clean: () => boolean;
}

/** Everything of a file, each kind after what it names; nothing when any of it is wrong. */
async function put(
  trx: Db,
  { file, env, records, refuse, stop, clean, warn, clientFault }: Taking,
): Promise<void> {
  const act: Knowing = {
    ...actAlone(trx),
    knowledge: createKnowledge(POLICIES),
    // The file changes what it reads.
    once: (_key, load) => load(),
  };
  await liftLimits(trx);
  // One at a time, on every node: a party that two files bring is one party.
  await trx.raw('select pg_advisory_xact_lock(?)', [IMPORT_LOCK]);
  await putCatalogue(trx, records, refuse, clean);
  stop();
  await putParties(act, records.party, refuse, clean);
  stop();
  const known = await partyNames(trx, records);
  const step: ImportStep = {
    act,
    refuse,
    warn: (what) => warn(`${file}: ${what}`),
    outbound: { production: env.production },
    clean,
    seal: await openSeal(trx, env),
    clientFault,
    party: (name, entry) => {
      const id = name && known.get(name.toLowerCase());
      if (!id) refuse(entry, `the party ${name ?? ''} is not known`);
      return id || '';
    },
  };
  await putRoleHolders(step, records.roleHolder);
  await putSigningRules(step, records.party);
  await putQualifications(step, records.qualification);
  await putCapacities(step, records.incapacity);
  stop();
  await putResources(step, records);
  stop();
  await putResourceInstances(step, records.instance);
  stop();
  await putMandates(step, records);
  stop();
  await putOAuth(step, records);
  await putSystems(step, records.system);
  stop();
  await putConsents(step, records.consentRequest);
  stop();
  await noteOperatorAct(act, 'import', { file: basename(file), records: countOf(records) });
}

/** The base set belongs to whoever runs the server, whose number and name stand in for these. */
function ofOperator(text: string, file: string, { operator, operatorName }: Env): string {
  const known: [word: string, setting: string, value: string | undefined][] = [
    ['"operator"', 'OPERATOR', operator],
    [`"operator's name"`, 'OPERATOR_NAME', operatorName],
  ];
  return known.reduce((all, [word, setting, value]) => {
    if (!all.includes(word)) return all;
    if (!value) throw new ImportFault(file, [{ line: 1, why: `${setting} is not set` }]);
    return all.replaceAll(word, () => JSON.stringify(value));
  }, text);
}

const seeded: Statement = {
  name: 'seeded_file',
  text: 'select from seeded_file where seeded_file.path = $1',
};
const markSeeded: Statement = {
  name: 'mark_seeded',
  text: 'insert into seeded_file (path, loaded_at) values ($1, $2) on conflict do nothing',
};

/** The demo's bank is beside its eID, on whichever port that is. */
function atPort(env: Env): (text: string) => string {
  const { protocol, hostname, port } = new URL(env.eid.issuer);
  return (text) =>
    text.replaceAll('http://127.0.0.1:3002', `${protocol}//${hostname}:${Number(port) + 1}`);
}

/** Loads the files and folders of SEED, each file once in a database's life. */
export async function seed(
  db: Database['db'],
  env: Env,
  warn?: ImportOptions['warn'],
): Promise<void> {
  const root = new URL('../..', import.meta.url).pathname;
  const edit = env.demo ? atPort(env) : undefined;
  const clientFault = createClientCheck(env.issuer);
  for (const path of env.seed.map((entry) => join(root, entry))) {
    const files = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => /\.(json|jsonl)$/.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path];
    for (const file of files) {
      const name = relative(root, file);
      if ((await query(db, seeded, [name])).length) continue;
      await importFile(db, file, env, { edit, warn, clientFault });
      await query(db, markSeeded, [name, clock.now()]);
    }
  }
}

async function main(files: string[]): Promise<void> {
  const env = readEnvOf('import');
  if (!files.length)
    throw new Error(
      'usage: npm run import -- FILE…   (JSON, or JSON Lines for bulk: server/import/import.schema.json)',
    );
  const database = await openDatabase(env);
  try {
    await fitSchema(database.db, env);
    const clientFault = createClientCheck(env.issuer);
    await withoutLimits(database.db, async (own) => {
      for (const file of files) {
        const started = performance.now();
        const count = await importFile(own, file, env, { warn: console.warn, clientFault });
        console.log(
          `${file}: ${count} records in ${((performance.now() - started) / 1000).toFixed(1)} s`,
        );
      }
    });
  } finally {
    await database.close();
  }
}

// The launcher puts the entry where Node.js itself would.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
