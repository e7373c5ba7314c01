// Releases of a test's own: our migrations and some of its own.
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
