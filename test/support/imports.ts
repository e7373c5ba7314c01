// Files for an import, and their refusals.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFile } from '../../server/import/commands.ts';
import { world } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tillit-import-'));
export const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
export const load = (path: string) => importFile(world.database.db, path, world.env);
export const rejects = async (document: object | string, message: RegExp, name = 'bad.json') => {
  const text =
    typeof document === 'string' ? document : JSON.stringify({ tillit: 1, ...document }, null, 1);
  await assert.rejects(load(file(name, text)), (error: Error) => {
    assert.match(error.message, message);
    return true;
  });
};
