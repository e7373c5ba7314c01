// Calls to addresses that others registered: https to public addresses only (and plain loopback
// outside production), no redirects, short, small. What a stranger wrote down is no way into the
// operator's own network.
import { request as plain, type IncomingHttpHeaders } from 'node:http';
import { request as secure } from 'node:https';
import { globalHttpsAgent } from 'request-filtering-agent';

export interface Outbound {
  production: boolean;
}

export interface OutboundAnswer {
  status: number;
  text: string;
  headers: IncomingHttpHeaders;
}

interface Call {
  method: 'GET' | 'POST';
  /** A form (application/x-www-form-urlencoded), or a text whose type `headers` say. */
  body?: URLSearchParams | string;
  headers?: Record<string, string>;
  timeoutMillis: number;
  /** The largest answer, in bytes. */
  most: number;
  /** Whether the rest of a larger answer is left unread, instead of refused. */
  isCut?: boolean;
}

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** Why the address may not be called, or undefined. What its name leads to is seen at the call. */
export function addressFault(address: string, { production }: Outbound): string | undefined {
  if (!URL.canParse(address)) return 'is no absolute URL';
  const { protocol, hostname, username, password, hash } = new URL(address);
  if (username || password) return 'has a user name';
  if (hash) return 'has a fragment';
  if (protocol === 'https:') return undefined;
  if (!production && protocol === 'http:' && LOOPBACK.includes(hostname)) return undefined;
  return 'must be https';
}

/** Calls the address; throws when it may not be called, is silent too long, or says too much. */
export function callOut(address: string, call: Call, outbound: Outbound): Promise<OutboundAnswer> {
  const why = addressFault(address, outbound);
  if (why) return Promise.reject(new Error(`the address ${why}`));
  const url = new URL(address);
  const body = call.body?.toString();
  const headers = {
    accept: 'application/json',
    ...(call.body instanceof URLSearchParams
      ? { 'content-type': 'application/x-www-form-urlencoded' }
      : {}),
    ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...call.headers,
  };
  const isPlain = url.protocol === 'http:';
  // Loopback over https is filtered too: only plain loopback is let by, outside production.
  const open = isPlain ? plain : secure;
  const agent = isPlain ? undefined : globalHttpsAgent;
  return new Promise((done, failed) => {
    const signal = AbortSignal.timeout(call.timeoutMillis);
    const request = open(url, { method: call.method, headers, agent, signal }, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const { statusCode: status = 0, headers: answered } = answer;
      const end = () =>
        done({ status, text: Buffer.concat(chunks).toString('utf8'), headers: answered });
      answer.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= call.most) return void chunks.push(chunk);
        if (call.isCut) end();
        else failed(new Error('the answer is too large'));
        request.destroy();
      });
      answer.on('error', failed);
      answer.on('end', end);
    });
    request.on('error', failed);
    request.end(body);
  });
}
