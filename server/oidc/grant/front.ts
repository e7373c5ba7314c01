// The token endpoint's own way in, before Koa: the jwt-bearer grant is answered here, every other
// grant goes on with its body in hand. One way for that grant, not a second one: it is the busiest
// door of the house, and a third of a request's time went to middleware that it has no use for (2.7
// k → 3.9 k tokens a second on two cores, with batches).
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../../platform/http/access.ts';
import { parseForm } from '../../platform/http/body.ts';
import { fault } from '../../platform/errors.ts';
import { formParameters } from '../../platform/http/parameters.ts';
import type { Entered, Listener } from '../../platform/http/target.ts';
import type { Limits } from '../../platform/http/limits.ts';
import type { Logger } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { bearerGrant, type BearerGrantSettings } from './bearer_grant.ts';
import { answerTo, OAuthFault } from '../provider/problems.ts';
import { JWT_BEARER } from '../client/clients.ts';
import type { Tries, Try } from '../client/tries.ts';

export interface FrontSettings {
  grant: BearerGrantSettings;
  access: Access;
  metrics: Metrics;
  log: Logger;
  limits: Limits;
  tries: Tries;
  /** The headers of every answer (platform/http/http.ts). */
  headers: Record<string, string>;
}

/** The request as the provider gets it when the body has been read here. */
export type ReadRequest = Entered & {
  bytes?: Buffer;
  /** The parameters of its address, as koa's `ctx.query` has them. */
  query?: Record<string, string | string[]>;
  tried?: Try;
};

const LIMIT = 56 * 1024;
/** Where clients authenticate. */
const AUTHENTICATED = /^\/(token|par|introspect|revoke)\/?$/;

/** Answers the jwt-bearer grant; hands everything else to `next`. */
export function tokenFront(settings: FrontSettings, next: Listener): Listener {
  return (request: ReadRequest, response) => {
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(
      request.headers['content-type'] ?? '',
    );
    const path = request.url!.split('?', 1)[0]!;
    if (request.refused || request.method !== 'POST' || !AUTHENTICATED.test(path) || !isForm)
      return next(request, response);
    const started = performance.now();
    readBody(request)
      .then((bytes) => take(settings, { request, response, path, bytes, started }, next))
      .catch((error) => {
        // Only a body that nobody reads comes here; the rest is caught where it is answered.
        settings.log.info({ err: error }, 'token request broke off');
        refuse(settings, { request, response, path, started }, error, { connection: 'close' });
      });
  };
}

interface Taken {
  request: ReadRequest;
  response: ServerResponse;
  path: string;
  bytes: Buffer;
  /** When it came, as `performance.now()` says it. */
  started: number;
}

/** Lets a client try, and answers or hands on what it asks. */
async function take(
  settings: FrontSettings,
  { request, response, path, bytes, started }: Taken,
  next: Listener,
): Promise<void> {
  const { tries, limits, log } = settings;
  const parameters = formParameters(bytes);
  const one = tries.of(request, parameters);
  request.tried = one;
  try {
    const end = await tries.begin(one);
    // Nobody reads the answer on a connection that was closed meanwhile.
    if (response.closed) return end?.();
    if (end)
      response.once('close', () => {
        const isRight = response.statusCode < 300;
        const told = isRight ? tries.succeeded(one) : Promise.resolve(one.noted);
        told.catch((err) => log.error({ err }, 'a try was not kept')).finally(end);
      });
    if (path.startsWith('/par') && !one.proof) await limits.count('stranger', one.address);
  } catch (error) {
    return refuse(settings, { request, response, path, started }, error);
  }
  if (path.startsWith('/token') && parameters.get('grant_type') === JWT_BEARER)
    return answer(settings, request, response, parameters);
  request.bytes = bytes;
  next(request, response);
}

/** Answers what never came to be a request of a grant. */
function refuse(
  settings: FrontSettings,
  { request, response, path, started }: Omit<Taken, 'bytes'>,
  error: unknown,
  extra: Record<string, string> = {},
): void {
  const { headers: id, end } = settings.access.begin(request.headers, started);
  const { status, body, headers } = answerTo(error);
  send(
    settings,
    response,
    status,
    { ...body, iss: settings.grant.issuer },
    { ...headers, ...extra, ...id },
  );
  end({ method: 'POST', route: path.split('/')[1]!, status });
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LIMIT) chunks.push(chunk);
      else failed(fault('TIL-00002'));
    });
    request.on('end', () => done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    request.on('error', failed);
    request.on('aborted', () => failed(fault('TIL-00014')));
  });
}

async function answer(
  settings: FrontSettings,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: URLSearchParams,
): Promise<void> {
  const { metrics, log, grant, access } = settings;
  const { headers: id, within, end } = access.begin(request.headers);
  const { tried } = request as ReadRequest;
  let outcome = 'issued';
  let status = 200;
  try {
    const form = parseForm(parameters);
    if (request.headers.authorization)
      throw new OAuthFault('invalid_request', 'the assertion is the only client authentication');
    const token = await within(() => bearerGrant(grant, form));
    // The grant has no other client than the one that its assertion names.
    if (tried) tried.shown = tried.client;
    send(settings, response, 200, token, id);
  } catch (error) {
    const { body, headers, known, ...refusal } = answerTo(error);
    ({ status } = refusal);
    outcome = body.error;
    if (known) log.error({ err: known.cause, code: known.code }, known.message);
    if (error instanceof OAuthFault && error.isOfClient) {
      log.info({ rule: error.message.slice(0, 60) }, 'client authentication refused');
      metrics.clientRefusals.inc({ rule: 'assertion' });
      await settings.tries.failed(tried!);
    }
    send(settings, response, status, { ...body, iss: grant.issuer }, { ...headers, ...id });
  }
  metrics.tokens.inc({ grant: 'jwt-bearer', outcome });
  end({ method: 'POST', route: 'token', status, client: tried?.shown });
}

function send(
  { headers }: FrontSettings,
  response: ServerResponse,
  status: number,
  body: object,
  extra: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    ...extra,
    pragma: 'no-cache',
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
