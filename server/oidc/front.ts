// The token endpoint's own way in, before Koa: the jwt-bearer grant is answered here, every other
// grant goes on with its body in hand. One way for that grant, not a second one: it is the busiest
// door of the house, and a third of a request's time went to middleware that it has no use for (2.7
// k → 3.9 k tokens a second on two cores, with batches).
import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseForm } from '../platform/body.ts';
import { fault } from '../platform/errors.ts';
import type { AddressOf } from '../platform/address.ts';
import type { Limits } from '../platform/limits.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { bearerGrant, type BearerGrantSettings } from './bearer_grant.ts';
import { answerTo, OAuthFault } from './problems.ts';
import { JWT_BEARER } from './clients.ts';

export interface FrontSettings {
  grant: BearerGrantSettings;
  metrics: Metrics;
  log: Logger;
  limits: Limits;
  addressOf: AddressOf;
  /** The headers of every answer (http.ts). */
  headers: Record<string, string>;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** What the provider is given when the body has been read here. */
export type ReadRequest = IncomingMessage & {
  bytes?: Buffer;
  who?: () => string;
  /** When a failed authentication has been counted. */
  noted?: Promise<void>;
};

const LIMIT = 56 * 1024;
/** Where clients authenticate. */
const AUTHENTICATED = /^\/(token|par|introspect|revoke)\/?$/;

/** Answers the jwt-bearer grant; hands everything else to `next`. */
export function tokenFront(settings: FrontSettings, next: Listener): Listener {
  const { host, protocol } = new URL(settings.grant.issuer);
  return (request, response) => {
    // We have one name. Whatever a caller or a proxy says, addresses we compare with or give out
    // are our own.
    Object.assign(request.headers, {
      host,
      'x-forwarded-host': host,
      'x-forwarded-proto': protocol.slice(0, -1),
    });
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(
      request.headers['content-type'] ?? '',
    );
    const path = /^[^?#]*/.exec(request.url!.replace(/^https?:\/\/[^/?#]*/i, ''))![0];
    if (request.method !== 'POST' || !AUTHENTICATED.test(path) || !isForm)
      return next(request, response);
    readBody(request)
      .then(async (bytes) => {
        const parameters = new URLSearchParams(bytes.toString('utf8'));
        let known: string | undefined;
        const who = () => (known ??= claimedBy(request, parameters, settings.addressOf));
        Object.assign(request, { who });
        const refused = await refusal(settings, request, who, isBare(request, parameters, path));
        if (refused) return send(settings, response, refused.status, refused.body, refused.headers);
        if (hasSecret(request, parameters)) {
          const held = hold(settings, request, response, who);
          if (held) return send(settings, response, held.status, held.body, held.headers);
        }
        if (/^\/token/.test(path) && parameters.get('grant_type') === JWT_BEARER)
          return answer(settings, request, response, parameters);
        Object.assign(request, { bytes });
        return next(request, response);
      })
      .catch((error) => {
        // Only a body that is too large or breaks off comes here; the rest is caught where it is
        // answered.
        settings.log.info({ err: error }, 'token request broke off');
        send(
          settings,
          response,
          413,
          { error: 'invalid_request', error_description: fault('TIL-00002').message },
          { connection: 'close' },
        );
      });
  };
}

/**
 * Who says to be which client, from where and how: what failed authentications are counted by. An
 * address that nobody vouches for is one of many.
 */
function claimedBy(
  request: IncomingMessage,
  parameters: URLSearchParams,
  addressOf: AddressOf,
): string {
  const [, basic] = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const assertion = parameters.get('assertion') ?? parameters.get('client_assertion') ?? '';
  // Keys are not guessed with secrets: who tries these shuts nobody out who signs.
  const how = assertion ? 'assertion' : 'secret';
  const client = basic
    ? formDecoded(Buffer.from(basic, 'base64').toString('utf8').split(':')[0]!)
    : (parameters.get('client_id') ?? issuerOf(assertion));
  return `${addressOf(request) ?? '-'} ${how} ${client.slice(0, 200)}`;
}

/** RFC 6749 §2.3.1: a name in Basic is form-encoded. */
const formDecoded = (text: string) =>
  new URLSearchParams(`name=${text.replaceAll('&', '%26')}`).get('name') ?? '';

/** The issuer that an assertion claims; nothing of it is believed. */
function issuerOf(assertion: string): string {
  try {
    const { iss } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    return String(iss);
  } catch {
    return '';
  }
}

/** A request pushed by anybody: it leaves a row (RFC 9126 §2.1). */
const isBare = ({ headers }: IncomingMessage, parameters: URLSearchParams, path: string): boolean =>
  path.startsWith('/par') &&
  !headers.authorization &&
  !parameters.has('client_secret') &&
  !parameters.has('client_assertion');

const hasSecret = ({ headers }: IncomingMessage, parameters: URLSearchParams): boolean =>
  /^basic /i.test(headers.authorization ?? '') || parameters.has('client_secret');

/**
 * As many secrets of one client's as may be tried from one place before any has been counted; where
 * one was right lately, as much as of any work (limits.ts).
 */
const MOST_SECRETS_AT_ONCE = 128;
const right = new LRUCache<string, true>({ max: 10_000, ttl: 10 * 60_000 });

/**
 * Holds a place until it is answered, and counted where it failed; a refusal where none is left.
 */
function hold(
  { limits, grant }: FrontSettings,
  request: ReadRequest,
  response: ServerResponse,
  who: () => string,
) {
  try {
    const end = limits.begin('secret', who(), right.has(who()) ? undefined : MOST_SECRETS_AT_ONCE);
    response.once('close', () => {
      if (response.statusCode < 300) right.set(who(), true);
      void Promise.resolve(request.noted).finally(end);
    });
    return undefined;
  } catch (error) {
    return refusedBy(error, grant.issuer);
  }
}

function refusedBy(error: unknown, issuer: string) {
  const { status, body, headers } = answerTo(error);
  return { status, body: { ...body, iss: issuer }, headers };
}

/** Refused for a while, since too many authentications failed, or too many strangers came. */
async function refusal(
  { limits, grant, addressOf }: FrontSettings,
  request: IncomingMessage,
  who: () => string,
  isStranger: boolean,
) {
  try {
    limits.mustBeOpen('client', who);
    if (isStranger) await limits.count('stranger', addressOf(request));
    return undefined;
  } catch (error) {
    return refusedBy(error, grant.issuer);
  }
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
  const started = performance.now();
  const { metrics, log, grant } = settings;
  let outcome = 'issued';
  let status = 200;
  try {
    const form = parseForm(parameters);
    if (request.headers.authorization)
      throw new OAuthFault('invalid_request', 'the assertion is the only client authentication');
    send(settings, response, 200, await bearerGrant(grant, form));
  } catch (error) {
    const { body, headers, known, ...refusal } = answerTo(error);
    ({ status } = refusal);
    outcome = body.error;
    if (known) log.error({ err: known.cause, code: known.code }, known.message);
    if (error instanceof OAuthFault && error.isOfClient) {
      log.info({ rule: error.message.slice(0, 60) }, 'client authentication refused');
      metrics.clientRefusals.inc({ rule: 'assertion' });
      await settings.limits.note('client', (request as ReadRequest).who?.());
    }
    send(settings, response, status, { ...body, iss: grant.issuer }, headers);
  }
  metrics.tokens.inc({ grant: 'jwt-bearer', outcome });
  metrics.requests.observe(
    { method: 'POST', route: 'token', status: String(status) },
    (performance.now() - started) / 1000,
  );
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
    'x-request-id': randomUUID(),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
