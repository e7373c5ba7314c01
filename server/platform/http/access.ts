// The traces of each answered request: its ids, a line in the log, its time under its route's
// name, and a span where traces are sent.
import { Type, type Static } from 'typebox';
import type { IncomingHttpHeaders } from 'node:http';
import { asText } from '../as_text.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { idsOf, type RequestIds } from '../trace_context.ts';
import type { Tracing } from '../tracing.ts';

/** An access line beside `level`, `time` and `msg`, which is `request`. */
export const ACCESS_LINE = Type.Object(
  {
    trace: Type.String({ description: "The caller's trace, or an id of our own" }),
    request: Type.Optional(Type.String({ description: "The caller's x-request-id" })),
    method: Type.String(),
    route: Type.String({ description: 'The operation or page, by name' }),
    status: Type.Integer(),
    millis: Type.Number({ description: 'Until the answer was sent or its reader gone' }),
    client: Type.Optional(Type.String({ description: 'Id of the client that was authenticated' })),
    caller: Type.Optional(
      Type.Union([Type.Literal('person'), Type.Literal('organization'), Type.Literal('system')]),
    ),
  },
  { additionalProperties: false },
);

type Line = Static<typeof ACCESS_LINE>;
/** How a request was answered, as far as it came. */
export type Answered = Omit<Line, 'trace' | 'request' | 'millis'>;

interface Accessed {
  ids: RequestIds;
  /** The header with which the id goes back. */
  headers: { 'x-request-id': string };
  /** Does its work, so that its statements are found under it. */
  within<Result>(work: () => Result): Result;
  end(answered: Answered): void;
}

export interface Access {
  log: Logger;
  /** `started` is when the request came, where that is longer ago. */
  begin(headers: IncomingHttpHeaders, started?: number): Accessed;
}

/** No scrubber finds a national number within a longer run of digits. */
const loggable = (id: string | undefined) => (/\d{11}/.test(id ?? '') ? undefined : id);

const NOTHING = <Result>(work: () => Result): Result => work();

export function createAccess(log: Logger, metrics: Metrics, tracing: Tracing | undefined): Access {
  return {
    log,
    begin(headers, started = performance.now()) {
      const ids = idsOf(headers);
      const span = tracing?.begin(ids.parent);
      if (span) ids.trace = span.trace;
      const { trace, request } = ids;
      return {
        ids,
        headers: { 'x-request-id': request ?? trace },
        within: span?.within ?? NOTHING,
        end({ method, route, status, client, caller }) {
          const took = performance.now() - started;
          metrics.requests.observe({ method, route, status: asText(status) }, took / 1000);
          span?.end(method, route, status);
          const millis = Math.round(took * 10) / 10;
          const line: { [Member in keyof Line]: Line[Member] | undefined } = {
            ...{ trace, request: loggable(request), method, route, status, millis, client, caller },
          };
          log.info(line, 'request');
        },
      };
    },
  };
}
