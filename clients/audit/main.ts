// `npm run audit -- --checkpoint FILE`, with DATABASE_URL or `--export FILE`, a dump (rows.ts):
// holds what is there to a checkpoint that came from anywhere else. A line for each finding; 0
// where there is none, 1 where there is, 2 where it could not be done. `--key KEY` (several times)
// demands a signature, `--let-go-before INSTANT` accepts that older events went without an act,
// `--columns` lists what it holds, as table.column.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isSigned, readCheckpoint, type Checkpoint } from '../log/note.ts';
import { audit, timeOf, type Audited } from './audit.ts';
import { ofDatabase, ofExport } from './rows.ts';
import { ROW_COLUMNS } from './rows_store.ts';
import { beginReading, COLUMNS } from './store.ts';

const USAGE =
  'usage: DATABASE_URL=postgres://… npm run audit -- --checkpoint FILE [--export FILE] [--key KEY]… [--let-go-before INSTANT] [--columns]';
const options = {
  checkpoint: { type: 'string' },
  export: { type: 'string' },
  key: { type: 'string', multiple: true },
  'let-go-before': { type: 'string' },
  columns: { type: 'boolean' },
} as const;

/** The checkpoint of a file; throws where it is none, or none of the keys signed it. */
function checkpointOf(file: string, keys: string[] | undefined): Checkpoint {
  const note = readFileSync(file, 'utf8');
  const checkpoint = readCheckpoint(note);
  if (!checkpoint) throw new Error(`${file} is no checkpoint`);
  if (keys && !isSigned(note, keys)) throw new Error(`${file} is signed by none of the keys`);
  if (!keys) console.log('the signature was not looked at, as no --key is given');
  return checkpoint;
}

/** Prints what was found, and answers whether all is as it was signed. */
function isGreen(
  { findings, letGo, later }: Audited,
  { origin, size }: Checkpoint,
  letGoBefore: number,
): boolean {
  const early = letGo.filter((id) => timeOf(id) >= letGoBefore);
  for (const { what, where } of findings) console.log(`${what} ${where}`);
  for (const id of early) console.log(`let go event ${id}`);
  const reds = findings.length + early.length;
  console.log(
    reds
      ? `red: ${reds} findings in ${origin}`
      : `green: ${size} leaves of ${origin} are as they were signed`,
  );
  if (letGo.length > early.length)
    console.log(`${letGo.length - early.length} events were let go without an act`);
  if (later)
    console.log(`${later} events are later than the checkpoint, which says nothing of them`);
  return reds === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.columns) {
    for (const column of [...COLUMNS, ...ROW_COLUMNS]) console.log(column);
    if (!values.checkpoint) return 0;
  }
  const { DATABASE_URL: connectionString } = process.env;
  const letGoBefore = values['let-go-before'] ? Date.parse(values['let-go-before']) : 0;
  const { export: file } = values;
  if (!values.checkpoint || !(file || connectionString) || Number.isNaN(letGoBefore))
    throw new Error(USAGE);
  const checkpoint = checkpointOf(values.checkpoint, values.key);
  const rows = file ? await ofExport(file) : await ofDatabase(connectionString!);
  try {
    await beginReading(rows);
    return isGreen(await audit(rows, checkpoint), checkpoint, letGoBefore) ? 0 : 1;
  } finally {
    await rows.close();
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
