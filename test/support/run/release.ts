// Releases of a test's own: our migrations and some of its own; and whole ones, which are started.
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { concurrently } from '../../../server/platform/db/migration.ts';
import type { Release } from '../../../server/platform/db/migrate.ts';
import { root } from './source.ts';

/** One with some migrations of its own, each the text of its module. */
export function releaseOf(
  version: string,
  servesFrom: string,
  own: Record<string, string> = {},
): Release {
  const folder = mkdtempSync(join(tmpdir(), 'tillit-release-'));
  const directory = join(folder, 'migrations/');
  cpSync(join(root, 'migrations'), directory, { recursive: true });
  symlinkSync(join(root, 'server'), join(folder, 'server'));
  for (const [name, text] of Object.entries(own)) writeFileSync(join(directory, name), text);
  return { directory, version, servesFrom };
}

/** A folder of such a release, with its server, of which the version is all that differs. */
export function folderOf(...release: Parameters<typeof releaseOf>): string {
  const [version, servesFrom] = release;
  const { directory } = releaseOf(...release);
  const folder = dirname(directory);
  rmSync(join(folder, 'server'));
  cpSync(join(root, 'server'), join(folder, 'server'), { recursive: true });
  const edit = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(root, file), 'utf8')));
  edit('server/platform/db/migrate.ts', (text) =>
    text
      .replace(/version: '[\d.]+'/, `version: '${version}'`)
      .replace(/servesFrom: '[\d.]+'/, `servesFrom: '${servesFrom}'`),
  );
  edit('package.json', (text) => text.replace(/"version": "[\d.]+"/, `"version": "${version}"`));
  for (const name of readdirSync(root))
    if (!['.git', 'server', 'migrations', 'package.json', 'data'].includes(name))
      symlinkSync(join(root, name), join(folder, name));
  return folder;
}

/** A migration of one statement. */
export const migrationOf = (sql: string): string =>
  `export { noWayBack as down } from '../server/platform/db/migration.ts';
export const up = (knex) => knex.raw(${JSON.stringify(sql)});
`;

/** One of an index that is built beside those who write. */
export const indexOf = (...index: Parameters<typeof concurrently>): string =>
  `import { concurrently } from '../server/platform/db/migration.ts';
export { noWayBack as down } from '../server/platform/db/migration.ts';
export const { config, index, up } = concurrently(...${JSON.stringify(index)});
`;
