// Receipts as their holders have them: the keys that check them, and the log that is signed.
import type { Trusted } from '../../clients/verify/receipt.ts';
import { call, world } from './world.ts';

/** The keys of receipts and of the log, as they are published. */
export async function trustedKeys(): Promise<Trusted> {
  const { body: receipts } = await call('GET', '/receipt/keys');
  const { body: log } = await call('GET', '/log/keys');
  return { receipts: receipts.keys, log: log.keys.map(({ key }: { key: string }) => key) };
}

/** Signs the log with all that has happened; the first time it gets its key. */
export async function signLog(): Promise<void> {
  await world.work.run('feed.place');
  for (let turn = 0; turn < 2; turn += 1) await world.work.run('log.sign');
}
