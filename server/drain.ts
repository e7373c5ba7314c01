// How a node stops without a request lost: it is not ready at once, takes requests on while its
// proxies notice, answers what is under way, writes what was to be written later, and ends.
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { App } from './app.ts';
import type { Jobs } from './jobs.ts';
import type { Database } from './platform/db/db.ts';
import type { Tracing } from './platform/tracing.ts';

/** How long the last spans have to be sent. */
const TRACES_MILLIS = 2_000;
/** How long requests and jobs under way have, once no new one is taken. */
const PATIENCE_MILLIS = 10_000;

export interface Node {
  app: App;
  database: Database;
  server: Server;
  metricsServer: Server;
  jobs: Promise<Jobs>;
  drainSeconds: number;
  tracing?: Tracing | undefined;
}

/** Resolves when all that was acknowledged is stored. */
export async function drain(node: Node): Promise<void> {
  const { app, database, server, metricsServer, jobs, tracing } = node;
  app.drain();
  const jobsEnded = jobs.then(
    (begun) => begun.stop(),
    () => undefined,
  );
  // An answer closes its connection, and says so to the proxy before us.
  server.prependListener('request', (_request, response) =>
    response.setHeader('connection', 'close'),
  );
  await pause(node.drainSeconds * 1000);
  const closed = new Promise((done) => server.close(done));
  server.keepAliveTimeout = 1;
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), PATIENCE_MILLIS);
  await Promise.all([closed, Promise.race([jobsEnded, pause(PATIENCE_MILLIS)])]);
  clearTimeout(late);
  metricsServer.close();
  metricsServer.closeAllConnections();
  await app.settle();
  await database.close();
  // A receiver that is away keeps nobody.
  await Promise.race([tracing?.close().catch(() => undefined), pause(TRACES_MILLIS)]);
}
