// Traces of requests and of the statements that they send, for a receiver of OTLP over HTTP
// (OpenTelemetry). A span holds names, a status and times: no address, value or number. Loaded only
// where a setting names a receiver.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace as api,
  TraceFlags,
  type Span,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { writeTraceparent, type TraceParent } from './trace_context.ts';

interface TracingSettings {
  /** The receiver's address, before `/v1/traces`. */
  endpoint: string;
  /** The share of the traces that are sent, from 0 to 1; none whose caller does not send it. */
  ratio: number;
  version: string;
}

/** A request's span while it lasts. */
interface RequestSpan {
  /** The trace that it belongs to: 32 hexadecimal digits. */
  trace: string;
  /** Does the work, whose statements and calls are the span's. */
  within<Result>(work: () => Result): Result;
  end(method: string, route: string, status: number): void;
}

export interface Tracing {
  begin(parent: TraceParent | undefined): RequestSpan;
  /** Begins the span of a request's statement by its name; the function ends it. */
  statement(name: string): (error?: unknown) => void;
  /** The headers of a call that goes out: the trace that it belongs to. */
  headers(): Record<string, string>;
  /** Sends what waits. */
  close(): Promise<void>;
}

export function openTracing({ endpoint, ratio, version }: TracingSettings): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  // A caller's own says that a trace is not sent, and never that more are.
  const share = new TraceIdRatioBasedSampler(ratio);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'tillit', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: share, remoteParentSampled: share }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('tillit', version);
  const current = new AsyncLocalStorage<Span>();
  return {
    begin(parent) {
      const outer = parent
        ? api.setSpanContext(ROOT_CONTEXT, {
            traceId: parent.traceId,
            spanId: parent.spanId,
            traceFlags: parent.isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
            isRemote: true,
          })
        : ROOT_CONTEXT;
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, outer);
      return {
        trace: span.spanContext().traceId,
        within: (work) => current.run(span, work),
        end(method, route, status) {
          span.updateName(`${method} ${route}`);
          span.setAttributes({
            'http.request.method': method,
            'http.route': route,
            'http.response.status_code': status,
          });
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    statement(name) {
      const outer = current.getStore();
      if (!outer) return () => undefined;
      const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': name };
      const span = tracer.startSpan(
        name,
        { kind: SpanKind.CLIENT, attributes },
        api.setSpan(ROOT_CONTEXT, outer),
      );
      return (error) => {
        if (error) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
    headers(): Record<string, string> {
      const own = current.getStore()?.spanContext();
      if (!own) return {};
      const { traceId, spanId, traceFlags } = own;
      const isSampled = (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
      return { traceparent: writeTraceparent({ traceId, spanId, isSampled }) };
    },
    close: () => provider.shutdown(),
  };
}
