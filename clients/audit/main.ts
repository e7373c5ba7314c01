// `npm run audit -- --checkpoint FILE`, with DATABASE_URL: holds the database to a checkpoint that
// came from anywhere else. A line for each finding; 0 where there is none, 1 where there is, 2 where
// it could not be done. `--columns` lists what it holds, as table.column.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readCheckpoint } from '../log/note.ts';
import { audit } from './audit.ts';
import { COLUMNS } from './store.ts';

const USAGE = 'usage: DATABASE_URL=postgres://… npm run audit -- --checkpoint FILE [--columns]';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { checkpoint: { type: 'string' }, columns: { type: 'boolean' } },
  });
  if (values.columns) {
    for (const column of COLUMNS) console.log(column);
    if (!values.checkpoint) return 0;
  }
  const { DATABASE_URL: connectionString } = process.env;
  if (!values.checkpoint || !connectionString) throw new Error(USAGE);
  const checkpoint = readCheckpoint(readFileSync(values.checkpoint, 'utf8'));
  if (!checkpoint) throw new Error(`${values.checkpoint} is no checkpoint`);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // One instant for all of it, and nothing written.
    await client.query('begin isolation level repeatable read read only');
    const findings = await audit(client, checkpoint);
    for (const { what, where } of findings) console.log(`${what} ${where}`);
    const { origin, size } = checkpoint;
    console.log(
      findings.length
        ? `red: ${findings.length} findings in ${origin}`
        : `green: ${size} leaves of ${origin} are as they were signed`,
    );
    return findings.length ? 1 : 0;
  } finally {
    await client.end();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
