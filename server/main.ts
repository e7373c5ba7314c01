// Starts the server and drains it on SIGTERM. In development it also loads the demo world once and
// starts the clients beside it, as a process of their own; in production it starts alone and
// demands real settings.
import about from '../package.json' with { type: 'json' };
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createApp, type App } from './app.ts';
import { drain } from './drain.ts';
import { startJobs, type Jobs } from './jobs.ts';
import { seed } from './import/commands.ts';
import { openDatabase, untilThere, type Database } from './platform/db/db.ts';
import { fitSchema } from './platform/db/migrate.ts';
import { warningsOf } from './platform/env/warnings.ts';
import { readEnv, type Env } from './platform/env/env.ts';
import { createLogger, type Logger } from './platform/log.ts';
import { createMetrics, serveMetrics, watchStatements } from './platform/metrics.ts';
import type { Tracing } from './platform/tracing.ts';
import { reach } from './reach.ts';
import { pollJob } from './register/model.ts';

/**
 * A connection that nobody uses is closed by the proxy before us, after a minute or less: closed by
 * us, it may take the proxy's next request along.
 */
const IDLE_MILLIS = 65_000;

/**
 * V8 allocates what survived at start among the old for good, and each such object of a request
 * that is long answered keeps the young ones of that request: 8 MB of 50 outlived each collection,
 * and now less than one.
 */
const TAKES_NOTHING_FOR_OLD = '--no-allocation-site-pretenuring';

async function main(env: Env): Promise<void> {
  setFlagsFromString(TAKES_NOTHING_FOR_OLD);
  const log = createLogger(env.logLevel);
  if (env.test)
    log.warn(
      'NODE_ENV=test: everybody knows the secrets of this server; nothing real belongs here',
    );
  for (const warning of warningsOf(env)) log.warn(warning);
  const metrics = createMetrics();
  await untilThere(env, (error) =>
    log.warn({ err: error as Error }, 'the database does not answer; waiting for it'),
  );
  const tracing = env.traces && (await beginTraces(env.traces));
  const database = await openDatabase(env, watchStatements(metrics, tracing));
  await fitSchema(database.db, env);
  if (env.seed.length) await seed(database.db, env, (what) => log.warn(what));
  const app = await createApp({ env, database, log, metrics, tracing });
  const server = createServer(app.handler);
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = IDLE_MILLIS;
  await new Promise<void>((ready, failed) => {
    server.once('error', failed);
    server.listen(env.port, env.host, ready);
  });
  const metricsServer = await serveMetrics(metrics, app, env.metricsHost, env.metricsPort);
  const halt = new AbortController();
  const clients = env.demo ? startClients(env) : undefined;
  // From when it is read a feed is followed: the demo's as soon as they are there.
  const begun = clients ? once(clients, 'message', halt) : Promise.resolve();
  const jobs = begun.then(() => beginJobs(app, database, log));
  jobs.catch((error) => {
    if (halt.signal.aborted) return;
    log.fatal({ err: error as Error }, 'jobs cannot be begun');
    process.exit(1);
  });
  // Half a demo is none: whoever started it has been shown why.
  clients?.once('exit', (code) => {
    if (code && !halt.signal.aborted) process.exit(1);
  });
  const stop = () => {
    if (halt.signal.aborted) return;
    halt.abort();
    log.info('draining');
    clients?.kill('SIGTERM');
    const { drainSeconds } = env;
    drain({ app, database, server, metricsServer, jobs, drainSeconds, tracing }).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // The launcher's channel ends with it, however it went.
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, stop);
  log.info(
    { issuer: env.issuer, database: database.embedded ? 'embedded' : 'postgresql' },
    'ready',
  );
}

/** OpenTelemetry takes half a second to load: only where traces are sent. */
async function beginTraces(settings: NonNullable<Env['traces']>): Promise<Tracing> {
  const { openTracing } = await import('./platform/tracing.ts');
  return openTracing({ ...settings, version: about.version });
}

async function beginJobs(app: App, { background }: Database, log: Logger): Promise<Jobs> {
  const jobs = await startJobs({ jobs: app.jobs, db: background, log });
  app.onChanged(jobs.wake);
  await jobs.hasten(app.registers.sources.map(({ code }) => pollJob(code)));
  return jobs;
}

/** A line for each thing that a node needs; the exit code says whether all are there. */
async function sayReach(env: Env): Promise<void> {
  for (const { what, isWell, says } of await reach(env)) {
    console.log(`${isWell ? 'ok  ' : 'FAIL'} ${what}: ${says}`);
    if (!isWell) process.exitCode = 1;
  }
}

/**
 * The outside world of the demo: a bank, a tax authority, a national eID. It finds us by the
 * environment.
 */
function startClients(env: Env): ChildProcess {
  const entry = fileURLToPath(new URL('../clients/start.ts', import.meta.url));
  return spawn(process.execPath, [entry], {
    // The channel shows the clients when we are gone, however we went.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      TILLIT_URL: env.issuer,
      EID_URL: env.eid.issuer,
      REGISTER_JOURNAL: join(env.dataDir, 'registers.jsonl'),
    },
  });
}

try {
  const env = readEnv();
  if (!process.argv.includes('--check-config')) await main(env);
  else {
    for (const warning of warningsOf(env)) console.log(`Warning: ${warning}.`);
    console.log('Configuration OK.');
    if (process.argv.includes('--reach')) await sayReach(env);
  }
} catch (error) {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  console.error(
    code === 'EADDRINUSE'
      ? `Port ${port} is in use. Stop what uses it, or set PORT and METRICS_PORT.`
      : message,
  );
  process.exit(1);
}
