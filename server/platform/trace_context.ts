// The ids by which a request is found again, here and at whoever called: the caller's own where
// they are well formed, ours where there are none.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** W3C Trace Context §3.2: the trace that a caller is within, and its own part of it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  isSampled: boolean;
}

const PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;
/** Version 00 has no more than these parts; a later one may go on after a hyphen (§4.3). */
const isWhole = (header: string, length: number) =>
  header.length === length || (!header.startsWith('00') && header[length] === '-');

/** The trace of a `traceparent` header; undefined for none, and for one that is not well formed. */
export function readTraceparent(header: unknown): TraceParent | undefined {
  const [text, traceId, spanId, flags] =
    PARENT.exec(typeof header === 'string' ? header : '') ?? [];
  if (!text || !isWhole(header as string, text.length)) return undefined;
  return { traceId: traceId!, spanId: spanId!, isSampled: (parseInt(flags!, 16) & 1) === 1 };
}

export const writeTraceparent = ({ traceId, spanId, isSampled }: TraceParent): string =>
  `00-${traceId}-${spanId}-0${Number(isSampled)}`;

export interface RequestIds {
  /** The id in logs and problem documents: the caller's trace, or one of our own. */
  trace: string;
  /** The caller's `x-request-id`, which comes back and is logged. */
  request?: string;
  parent?: TraceParent;
}

/** AuthZEN 1.0 §10.1.3: it comes back, also with an error. */
const isRequestId = (text: unknown): text is string =>
  typeof text === 'string' && /^[\x21-\x7e]{1,200}$/.test(text);

export function idsOf(headers: IncomingHttpHeaders): RequestIds {
  const parent = readTraceparent(headers.traceparent);
  const request = headers['x-request-id'];
  return {
    trace: parent?.traceId ?? randomUUID(),
    ...(isRequestId(request) ? { request } : {}),
    ...(parent ? { parent } : {}),
  };
}
