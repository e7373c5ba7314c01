// A receiver of signals (OpenID Shared Signals): signed events are checked, each is taken once, and
// of a consent the newest state is what holds. By push (RFC 8935) and by poll (RFC 8936); written
// against public interfaces only.
import { timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';

export interface ReceiverSettings {
  issuer: string;
  /** The client, for which alone its events are. */
  audience: string;
  /** A token of the client with the scope. */
  token: (scope: string) => Promise<string>;
}

const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';

/** Kinds that happen beside what holds, and are true whatever comes before or after them. */
const OF_NO_STATE = /\/consent-(used|answered|deletion-asked)$/;

/** States that are for good, whatever place the event has that says them. */
const FINAL = ['Revoked', 'Rejected', 'Deleted', 'Expired'];

/** Why an event is not taken (RFC 8935 §2.4). */
export type Refused = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience';

interface State {
  pos: number;
  status: string;
}
interface Configuration {
  configuration_endpoint: string;
}
interface Stream {
  stream_id: string;
  delivery: { method: string; endpoint_url?: string };
}
interface Polled {
  sets: Record<string, string>;
  moreAvailable?: boolean;
}

export type Receiver = ReturnType<typeof createReceiver>;

export function createReceiver({ issuer, audience, token }: ReceiverSettings) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const states = new Map<string, State>();
  let acknowledged: string[] = [];

  async function call<Answer>(
    url: string,
    body?: object,
    method = body ? 'POST' : 'GET',
  ): Promise<Answer> {
    const answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${await token('ssf.manage')}`,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  /** Takes a signed event; answers why not, where it is none for us. */
  async function take(signed: string): Promise<Refused | undefined> {
    try {
      const { payload } = await jwtVerify(signed, keys, {
        ...{ issuer, audience, typ: 'secevent+jwt' },
        algorithms: ['RS256'],
        requiredClaims: ['jti', 'events'],
      });
      note(payload);
      return undefined;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'invalid_key';
      if (error instanceof errors.JWTClaimValidationFailed)
        return ({ iss: 'invalid_issuer', aud: 'invalid_audience' } as const)[error.claim] ?? REST;
      if (error instanceof errors.JOSEError) return REST;
      throw error;
    }
  }

  /** Keeps the state of a consent that it says, unless what is kept is as new. */
  function note({ sub_id: subject, events }: JWTPayload): void {
    const { id } = subject as { id?: string };
    for (const [uri, said] of Object.entries(events as Record<string, Partial<State>>)) {
      const { pos, status } = said;
      if (OF_NO_STATE.test(uri)) continue;
      if (!id || pos === undefined || status === undefined) continue;
      const kept = states.get(id);
      if (kept && FINAL.includes(kept.status)) continue;
      if (FINAL.includes(status) || pos > (kept?.pos ?? 0)) states.set(id, { pos, status });
    }
  }

  /** The stream of ours that is delivered so, made where there is none. */
  async function streamOf(method: string, endpoint?: string, secret?: string): Promise<string> {
    const { configuration_endpoint: url } = await call<Configuration>(
      `${issuer}/.well-known/ssf-configuration`,
    );
    const found = (await call<Stream[]>(url)).find(
      ({ delivery }) =>
        delivery.method === method && (!endpoint || delivery.endpoint_url === endpoint),
    );
    const delivery = {
      ...{ method, endpoint_url: endpoint },
      ...(secret ? { authorization_header: secret } : {}),
    };
    if (!found) return (await call<Stream>(url, { delivery })).stream_id;
    // With the secret of today; a stream that was stopped goes on.
    const { stream_id: id } = found;
    if (secret) await call(url, { stream_id: id, delivery }, 'PATCH');
    return id;
  }

  return {
    take,
    /** The newest state of a consent that was heard; undefined where none was. */
    statusOf: (consent: string): string | undefined => states.get(consent)?.status,
    /** Has events sent to an address, with this as their Authorization. */
    push: (endpoint: string, secret: string): Promise<string> => streamOf(PUSH, endpoint, secret),
    /** Takes what waits of a poll stream, once there is some; answers how much it was. */
    async poll(isAtOnce = false): Promise<number> {
      const id = await streamOf(POLL);
      const body = { returnImmediately: isAtOnce, ack: acknowledged };
      const { sets } = await call<Polled>(`${issuer}/ssf/poll/${id}`, body);
      acknowledged = [];
      for (const [jti, signed] of Object.entries(sets))
        if (!(await take(signed))) acknowledged.push(jti);
      return Object.keys(sets).length;
    },
  };
}

interface PushContext {
  get(name: string): string;
  status: number;
  body: unknown;
}

/** Answers a push (RFC 8935 §2), which comes with our own Authorization or is nobody's. */
export async function takePushed(
  receiver: Receiver,
  secret: string,
  ctx: PushContext,
  body: string,
): Promise<void> {
  const [given, own] = [Buffer.from(ctx.get('authorization')), Buffer.from(secret)];
  const isOurs = given.length === own.length && timingSafeEqual(given, own);
  const err = isOurs ? await receiver.take(body) : 'authentication_failed';
  ctx.status = err === undefined ? 202 : isOurs ? 400 : 401;
  ctx.body = err === undefined ? '' : { err, description: 'the event was not taken' };
}

const REST = 'invalid_request' as const;
const AGAIN_MILLIS = 2_000;

/** Does it again and again, with a pause after each time that it failed, until it is stopped. */
export async function goOn(work: () => Promise<unknown>, isStopped: () => boolean): Promise<void> {
  while (!isStopped())
    await work().catch(() => new Promise((done) => setTimeout(done, AGAIN_MILLIS)));
}
