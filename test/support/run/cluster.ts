// Nodes as an operator runs them: HAProxy before them, PgBouncer behind them, and a PostgreSQL that
// keeps what it has written; each may be killed, stood still and restarted by itself.
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../until.ts';
import { startPooler, startProxy } from './beside.ts';
import { freePort } from './ports.ts';
import { startPostgres, type Postgres } from './postgres.ts';
import { isReady, startServer, type ServerProcess } from './process.ts';

export interface ClusterNode {
  port: number;
  metricsPort: number;
  process: ServerProcess;
  /** What it is started with beside what all are. */
  settings: Record<string, string>;
  /** The folder of its release; none for this one. */
  folder?: string | undefined;
}

export interface Cluster {
  url: string;
  nodes: ClusterNode[];
  postgres: Postgres;
  /** The database itself, without the pooler. */
  databaseUrl: string;
  /** Starts a node anew and waits until it is ready. */
  start(node: ClusterNode): Promise<void>;
  /** Stops a node as an operator does, and starts it anew; with other settings where there are. */
  restart(node: ClusterNode, settings?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
}

export const SECRET = 'a-secret-of-all-nodes-0123456789-0123456789';
/** HAProxy notices a node that is ready within a second. */
const NOTICED_MILLIS = 2_000;

export async function startCluster(count: number, folder?: string): Promise<Cluster> {
  const postgres = (await startPostgres(true))!;
  const pooler = await startPooler(postgres.url);
  const listen = await freePort();
  const url = `http://127.0.0.1:${listen}`;
  const all = {
    DATABASE_URL: pooler.url,
    ISSUER: url,
    SECRET,
    DRAIN_SECONDS: '4',
    TRUSTED_PROXIES: '127.0.0.1',
  };
  const startOn = ({ port, metricsPort, settings, folder: own }: Omit<ClusterNode, 'process'>) =>
    startServer({ ...all, METRICS_PORT: `${metricsPort}`, ...settings }, port, undefined, own);
  const nodes: ClusterNode[] = [];
  for (let at = 0; at < count; at += 1) {
    const port = await freePort();
    const node = { port, metricsPort: await freePort(), settings: {}, folder };
    nodes.push({ ...node, process: await startOn(node) });
  }
  const proxy = startProxy(
    listen,
    nodes.map(({ port }) => port),
  );
  await until('the proxy has a node', () => isReady(url), 20);
  await pause(NOTICED_MILLIS);
  const start = async (node: ClusterNode) => {
    node.process = await startOn(node);
    const { url: own, output } = node.process;
    await until(`a node is back: ${output()}`, () => isReady(own), 60);
    await pause(NOTICED_MILLIS);
  };
  return {
    url,
    nodes,
    postgres,
    databaseUrl: postgres.url,
    start,
    async restart(node, settings = node.settings) {
      node.settings = settings;
      await node.process.stop('SIGTERM');
      await start(node);
    },
    async stop() {
      proxy.stop();
      for (const { process } of nodes) {
        process.child.kill('SIGCONT');
        await process.stop('SIGKILL');
      }
      pooler.stop();
      postgres.stop();
    },
  };
}
