// An audit as a test drives it: somebody with every right in the database changes what happened,
// and the command is run beside a checkpoint of before.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { copyOf, type SignedDatabase } from './log.ts';
import { runCommand } from './run/process.ts';

export const fileOf = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'tillit-audit-')), 'checkpoint');
  writeFileSync(path, text);
  return path;
};
export const runAudit = (settings: Record<string, string>, ...args: string[]) =>
  runCommand('clients/audit/main.ts', args, settings);

/** Runs SQL as a superuser whom no trigger hinders; answers with the ids that it returns. */
export async function asSuperuser({ DATABASE_URL }: Record<string, string>, sql: string) {
  const client = new pg.Client({ connectionString: DATABASE_URL });
  await client.connect();
  await client.query("set session_replication_role = 'replica'");
  // Nor does a constraint.
  const free = ['right', 'chain'].map(
    (name) => `alter table mandate drop constraint mandate_${name}_check`,
  );
  const results: pg.QueryResult<{ id: string }>[] = [
    await client.query([...free, sql].join(';')),
  ].flat();
  await client.end();
  return results.at(-1)!.rows.map(({ id }) => id);
}

/** The same in a copy, which is audited then. */
export async function auditAfter(
  made: SignedDatabase,
  sql: string,
  note = made.last.note,
  more: string[] = [],
) {
  const settings = await copyOf(made);
  const ids = await asSuperuser(settings, sql);
  const keys = made.keys.flatMap((key) => ['--key', key]);
  const { status, stdout, stderr } = await runAudit(
    settings,
    ...['--checkpoint', fileOf(note), ...keys, ...more],
  );
  return { status, lines: stdout.trim().split('\n'), stderr, ids };
}
