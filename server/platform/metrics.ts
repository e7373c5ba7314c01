// Prometheus metrics on a port of their own. It counts requests and outcomes by name and never by
// person.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { WatchStatement } from './db/db.ts';
import type { Logger } from './log.ts';
import type { Tracing } from './tracing.ts';

export interface Metrics {
  registry: Registry;
  requests: Histogram<'method' | 'route' | 'status'>;
  tokens: Counter<'grant' | 'outcome'>;
  consents: Counter<'act'>;
  ignored: Counter<'route'>;
  clientRefusals: Counter<'rule'>;
  statements: Histogram<'statement'>;
  decisions: Counter<'outcome'>;
  /**
   * Numbers that a caller named and nobody has: where the answer says so, and where it does not.
   */
  unknownNumbers: Counter<'kind'>;
}

/** A gauge, read when it is asked for: one that a tick sets says nothing once that stands. */
export interface Measure {
  name: string;
  help: string;
  /** The label of its values, where it has several; bounded. */
  label?: string;
  read: () => Promise<Measured[]> | Measured[];
}
export interface Measured {
  of?: string;
  value: number;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time to answer a request, in seconds',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers: [registry],
    }),
    tokens: new Counter({
      name: 'tillit_token_requests_total',
      help: 'Answers of the token endpoint by grant type and outcome',
      labelNames: ['grant', 'outcome'],
      registers: [registry],
    }),
    statements: new Histogram({
      name: 'tillit_statement_duration_seconds',
      help: 'Time until the database has answered a statement, in seconds, by its name',
      labelNames: ['statement'],
      buckets: [0.001, 0.005, 0.025, 0.1, 1],
      registers: [registry],
    }),
    decisions: new Counter({
      name: 'tillit_decisions_total',
      help: 'Decisions by outcome, at every door',
      labelNames: ['outcome'],
      registers: [registry],
    }),
    unknownNumbers: new Counter({
      name: 'tillit_unknown_numbers_total',
      help: 'Numbers that callers named and nobody has, by whether unknown is told from known',
      labelNames: ['kind'],
      registers: [registry],
    }),
    clientRefusals: new Counter({
      name: 'tillit_client_refusals_total',
      help: 'Refused client authentications by the rule that was broken',
      labelNames: ['rule'],
      registers: [registry],
    }),
    ignored: new Counter({
      name: 'tillit_ignored_names_total',
      help: 'Members and parameters that were not known and left unread, by operation',
      labelNames: ['route'],
      registers: [registry],
    }),
    consents: new Counter({
      name: 'tillit_consent_acts_total',
      help: 'Acts on consents: requested, answered, approved, rejected, withdrawn, redeemed',
      labelNames: ['act'],
      registers: [registry],
    }),
  };
}

/** Times each named statement, and makes it a span where traces are sent. */
export const watchStatements =
  ({ statements }: Metrics, tracing?: Tracing): WatchStatement =>
  (name) => {
    const timed = statements.startTimer({ statement: name });
    const traced = tracing?.statement(name);
    return (error) => {
      timed();
      traced?.(error);
    };
  };

/** A reading that several gauges share: those of one scrape ask once. */
export function sharedReading<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () =>
    (asked ??= read().finally(() => {
      asked = undefined;
    }));
}

/** Adds gauges that are read at each scrape; one that cannot be read is left out, and logged. */
export function addMeasures({ registry }: Metrics, measures: Measure[], log: Logger): void {
  for (const [name, same] of Map.groupBy(measures, (one) => one.name)) {
    const [{ help, label }] = same as [Measure];
    new Gauge({
      name,
      help,
      labelNames: label ? [label] : [],
      registers: [registry],
      async collect() {
        this.reset();
        try {
          const read = (await Promise.all(same.map((one) => one.read()))).flat();
          for (const { of, value } of read) this.set(label ? { [label]: of! } : {}, value);
        } catch (error) {
          // Reset has left one without a label at 0, which would be a value.
          if (!label) this.remove();
          log.warn({ err: error as Error, metric: name }, 'a metric could not be read');
        }
      },
    });
  }
}

export interface Readiness {
  /** Why no requests should be sent here; empty where they may. */
  whyNot(): Promise<string[]>;
}

/** Serves `GET /metrics` on the given port, and says at `/health/ready` why it is not. */
export function serveMetrics(
  metrics: Metrics,
  readiness: Readiness,
  host: string,
  port: number,
): Promise<Server> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/health/ready') {
      const why = await readiness.whyNot();
      const body = JSON.stringify({ status: why.length ? 'not ready' : 'ready', why });
      response.writeHead(why.length ? 503 : 200, { 'content-type': 'application/json' }).end(body);
      return;
    }
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const body = await metrics.registry.metrics();
    response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(body);
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  return new Promise((ready, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => ready(server));
  });
}
