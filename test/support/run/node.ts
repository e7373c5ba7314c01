// A second node on the world's database, with memories of its own: what one has done, the other
// must hold.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, type AppSettings } from '../../../server/app.ts';
import { createLogger } from '../../../server/platform/log.ts';
import { createMetrics } from '../../../server/platform/metrics.ts';
import { world } from '../world.ts';
import { workOf, type Work } from './jobs.ts';

export interface Node {
  url: string;
  work: Work;
  stop: () => void;
}

export async function secondNode(
  parts: Partial<Pick<AppSettings, 'env' | 'database' | 'metrics' | 'tracing'>> = {},
): Promise<Node> {
  const app = await createApp({
    env: world.env,
    database: world.database,
    log: createLogger('error', () => undefined),
    metrics: createMetrics(),
    ...parts,
  });
  const server = createServer(app.handler);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, work: workOf(app), stop: () => void server.close() };
}
