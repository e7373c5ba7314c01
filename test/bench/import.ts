// `npm run bench import`: how long one process takes to import 100,000 records into PostgreSQL,
// after ten small files, as plans made for few are the ones that hurt; and as many once more.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFile } from '../../server/import/commands.ts';
import { openDatabase } from '../../server/platform/db/db.ts';
import { migrate } from '../../server/platform/db/migrate.ts';
import { readEnv } from '../../server/platform/env/env.ts';
import { organizationNumber, personNumber } from '../support/numbers.ts';
import { startPostgres } from '../support/run/postgres.ts';

const PEOPLE = 50_000;
const FIRMS = 25_000;
const folder = mkdtempSync(join(tmpdir(), 'tillit-import-'));
const postgres = await startPostgres(true);
if (!postgres) throw new Error('it takes PostgreSQL on this machine');
process.env.NODE_ENV = 'test';
process.env.DATABASE_URL = postgres.url;
const env = readEnv();
const database = await openDatabase(env);
await migrate(database.db);

async function load(name: string, document: object): Promise<void> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ tillit: 1, ...document }, null, 1));
  const begun = Date.now();
  const count = await importFile(database.db, file, env);
  if (count > 1_000) console.log(`${name}: ${count} records in ${Date.now() - begun} ms`);
}

const person = () => ({ id: randomUUID(), kind: 'person', number: personNumber(), name: 'P' });
const firm = () => ({
  id: randomUUID(),
  kind: 'organization',
  number: organizationNumber(),
  name: 'F',
  unitType: 'AS',
});
const roles = [
  {
    code: 'dagl',
    name: { nb: 'daglig leder', nn: 'dagleg leiar', en: 'managing director' },
    keyRole: true,
  },
];
await load('roles', { roles });
for (let index = 0; index < 10; index += 1) await load(`small-${index}`, { parties: [person()] });
for (const round of ['first', 'again']) {
  const people = Array.from({ length: PEOPLE }, person);
  const firms = Array.from({ length: FIRMS }, firm);
  const roleHolders = firms.map(({ number }, index) => ({
    role: 'dagl',
    from: number,
    to: people[index]!.number,
  }));
  await load(round, { parties: [...people, ...firms], roleHolders });
}
await database.close();
postgres.stop();
