// `npm run keys`: the signing keys that are published. `npm run keys -- replace [KID…]`: takes keys
// that somebody else may have away at once, and makes others.
import { pathToFileURL } from 'node:url';
import { openDatabase, type Db } from '../../platform/db/db.ts';
import { fitSchema } from '../../platform/db/migrate.ts';
import { readEnvOf } from '../../platform/env/env.ts';
import { readNodes } from '../../platform/node_store.ts';
import { openSeal, useOf } from '../../platform/secret/seal_store.ts';
import { opens } from '../../platform/secret/steps_model.ts';
import { listKeys, listRetired } from './key_store.ts';
import { replaceKeys, type PublishedKey } from './keys.ts';

const USAGE = 'usage: npm run keys, or npm run keys -- replace [KID…]';

const lineOf = ({ kid, alg, activeFrom }: PublishedKey): string =>
  `${alg} ${kid} signs from ${activeFrom.toISOString()}`;

async function main([asked, ...kids]: string[]): Promise<void> {
  if (asked && asked !== 'replace') throw new Error(USAGE);
  const env = readEnvOf('keys');
  const database = await openDatabase(env);
  try {
    const { db } = database;
    await fitSchema(db, env);
    if (asked) {
      await mustBeOpened(db, env.secret);
      const gone = await replaceKeys(db, await openSeal(db, env), kids);
      for (const key of gone) console.log(`replaced ${lineOf(key)}`);
    }
    for (const key of await listKeys(db)) console.log(lineOf(key));
    if (!asked) for (const key of await listRetired(db)) console.log(`${lineOf(key)}, and no more`);
    if (asked) console.log('Each node signs with the new keys within five seconds.');
  } finally {
    await database.close();
  }
}

/** Throws where a node that serves would not open what this secret seals. */
async function mustBeOpened(db: Db, secret: string): Promise<void> {
  const own = useOf(secret);
  const closed = (await readNodes(db)).filter((node) => node.serves && !opens(node, own));
  if (closed.length)
    throw new Error(
      `${closed.length} nodes do not open what this SECRET seals: give them it in SECRET_ACCEPTED first, or use theirs.`,
    );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
