// The source of the project, as text.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
export const files = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(
      (name) =>
        ending.test(name) &&
        statSync(join(root, name)).isFile() &&
        !/node_modules|\/dist\//.test(name),
    );
export const text = (file: string) => readFileSync(join(root, file), 'utf8');
export const server = files('server', /\.ts$/);
