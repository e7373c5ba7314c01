// Prometheus metrics on a port of their own. It counts requests and outcomes by name and never by
// person.
import { createServer, type Server } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  requests: Histogram<'method' | 'route' | 'status'>;
  tokens: Counter<'grant' | 'outcome'>;
  consents: Counter<'act'>;
  ignored: Counter<'route'>;
  clientRefusals: Counter<'rule'>;
  /**
   * Numbers that a caller named and nobody has: where the answer says so, and where it does not.
   */
  unknownNumbers: Counter<'kind'>;
  feedBehind: Gauge;
  registerBehind: Gauge<'source'>;
  registerAside: Gauge<'source'>;
  registerUnnamed: Gauge<'source'>;
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
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers: [registry],
    }),
    tokens: new Counter({
      name: 'tillit_token_requests_total',
      help: 'Answers of the token endpoint by grant type and outcome',
      labelNames: ['grant', 'outcome'],
      registers: [registry],
    }),
    feedBehind: new Gauge({
      name: 'tillit_feed_behind_seconds',
      help: 'Seconds from the oldest event of the last round to its place in the feed',
      registers: [registry],
    }),
    registerBehind: new Gauge({
      name: 'tillit_register_behind_seconds',
      help: 'Seconds since the feed of a register was last read to its end',
      labelNames: ['source'],
      registers: [registry],
    }),
    registerAside: new Gauge({
      name: 'tillit_register_aside',
      help: 'Lines of a register that cannot be read or used yet',
      labelNames: ['source'],
      registers: [registry],
    }),
    registerUnnamed: new Gauge({
      name: 'tillit_register_unnamed',
      help: 'Lines of a register from which no party could be read, since ever',
      labelNames: ['source'],
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
      help: 'Acts on consents: requested, approved, rejected, withdrawn, redeemed',
      labelNames: ['act'],
      registers: [registry],
    }),
  };
}

/** Serves `GET /metrics` on the given port. */
export function serveMetrics(metrics: Metrics, host: string, port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const body = await metrics.registry.metrics();
    response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(body);
  });
  return new Promise((ready, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => ready(server));
  });
}
