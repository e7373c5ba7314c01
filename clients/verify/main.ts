// `npm run verify -- FILE --keys FILE`: checks a receipt without asking anybody. The first words
// are the verdict: right (exit code 0), altered (1), wrong key (2), not in the log (3); 4 where it
// could not be checked. `--keys` (several times) names files as `/receipt/keys` and `/log/keys`
// answer, `--checkpoint` one of the log that came from elsewhere.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCheckpoint } from '../log/note.ts';
import { checkReceipt, type Checked, type Trusted, type Verdict } from './receipt.ts';

const USAGE = 'usage: npm run verify -- FILE --keys FILE [--keys FILE]… [--checkpoint FILE]';
const options = {
  keys: { type: 'string', multiple: true },
  checkpoint: { type: 'string' },
} as const;
const CODE: Record<Verdict, number> = { right: 0, altered: 1, 'wrong key': 2, 'not in the log': 3 };

function trustedBy(files: string[], checkpoint: string | undefined): Trusted {
  const listed = files.flatMap((file) => {
    const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys?: unknown };
    if (!Array.isArray(keys)) throw new Error(`${file} lists no keys`);
    return keys as (Trusted['receipts'][number] & { key?: string })[];
  });
  const known = checkpoint && readCheckpoint(readFileSync(checkpoint, 'utf8'));
  if (checkpoint && !known) throw new Error(`${checkpoint} is no checkpoint`);
  return {
    receipts: listed.filter(({ kty }) => kty !== undefined),
    log: listed.flatMap(({ key }) => (key === undefined ? [] : [key])),
    checkpoint: known || undefined,
  };
}

/** Text of a receipt without what would move a terminal's cursor, or turn the line around. */
const printable = (text: string) =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => JSON.stringify(one).slice(1, -1));
const print = (line: string) => console.log(printable(line));

/** A receipt in one line: that something was, and never that it holds. */
function told({ said }: Checked): string {
  const { kind, at, fromParty, toParty } = said as Record<string, string> & {
    fromParty?: { name: string };
    toParty?: { name: string };
  };
  const between = fromParty && toParty ? `, from ${fromParty.name} to ${toParty.name}` : '';
  return `it was ${kind} at ${at}${between}; whether it still holds, a receipt does not say`;
}

function main(): number {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [file, ...more] = positionals;
  if (!file || more.length || !values.keys) throw new Error(USAGE);
  const checked = checkReceipt(
    readFileSync(file, 'utf8'),
    trustedBy(values.keys, values.checkpoint),
  );
  const { verdict, notes, said } = checked;
  print([verdict, ...notes].join(': '));
  if (verdict === 'right') {
    print(told(checked));
    for (const [name, value] of Object.entries(said))
      print(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  }
  return CODE[verdict];
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(printable((error as Error).message));
  process.exitCode = 4;
}
