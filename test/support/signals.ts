// Receivers of signals: an address that keeps what it is sent and answers as a test says, streams
// that lead to it, and what is in a signed event.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { keepEvent } from './run/leaks.ts';
import {
  approve,
  ask,
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  type TestParty,
  withdraw,
  world,
} from './world.ts';

const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';
export const STREAMS = '/ssf/streams';

export interface Received {
  body: string;
  headers: Record<string, string | string[] | undefined>;
}
type Answer = { status: number; body?: object; headers?: Record<string, string> };

/** An address that keeps what it is sent; `answer` is what it says to the next. */
export async function newReceiver() {
  const got: Received[] = [];
  const receiver = {
    got,
    url: '',
    answer: (_one: Received): Answer | Promise<Answer> => ({ status: 202 }),
    close: () => server.close(),
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { body: Buffer.concat(chunks).toString(), headers: request.headers };
    const { status, body, headers } = await receiver.answer(one);
    keepEvent(one.body);
    if (status < 300) got.push(one);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body ? JSON.stringify(body) : undefined);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  return receiver;
}
/** Makes receivers for a file of tests, which are closed after it. */
export function closingReceivers(): () => Promise<Receiver> {
  const made: Receiver[] = [];
  after(() => made.forEach((one) => one.close()));
  return async () => {
    const one = await newReceiver();
    made.push(one);
    return one;
  };
}
export type Receiver = Awaited<ReturnType<typeof newReceiver>>;

/** A token of the organisation's one client. */
export const clientToken = (owner: TestParty, scope = 'ssf.manage') =>
  organizationToken(owner, scope, undefined, `client-${owner.number}`);

/** Calls for an organisation that keeps streams. */
export const keep = async (owner: TestParty, method: string, path: string, body?: object) =>
  call(method, path, await clientToken(owner), body);

/** A stream of the organisation's, by push to a receiver or by poll; verified. */
export async function newStream(
  owner: TestParty,
  receiver?: Receiver,
  wanted: object = {},
): Promise<string> {
  const delivery = receiver
    ? { method: PUSH, endpoint_url: receiver.url, authorization_header: 'Bearer receiver' }
    : { method: POLL };
  const { status, body, text } = await keep(owner, 'POST', STREAMS, { delivery, ...wanted });
  assert.equal(status, 201, text);
  await sendSignals();
  return body.stream_id;
}

/** A firm whose stream refused a consent's beginning and end, with who leads it. */
export async function newRefused(got: Receiver) {
  const [firm, boss] = [await newOrganization('Spør AS'), await newPerson()];
  await newRole('dagl', firm, boss);
  const person = await newPerson('Kari Prøvesen');
  const stream = await newStream(firm, got);
  const id = await ask(person, firm);
  got.answer = () => ({ status: 400, body: { err: 'invalid_request' } });
  await approve(id, person);
  await withdraw(id, person);
  await sendSignals();
  got.answer = () => ({ status: 202 });
  return { firm, boss, person, got, stream };
}

/** The form of its page by which they are sent again or let go. */
export async function ofRefused(step: 'again' | 'let-go') {
  const got = await newReceiver();
  const { firm, boss: person } = await newRefused(got);
  got.close();
  return { person, page: `/signals?party=${firm.id}`, action: `/signals/${step}` };
}

/** Gives out and sends what there is, as a node does every quarter of a second. */
export async function sendSignals(): Promise<void> {
  await world.work.run('signal.spread');
  await world.work.run('signal.send');
}

/** The states of what a stream was to hear, in order. */
export async function statesOf(id: string): Promise<string[]> {
  const order = 'select state from signal_delivery where stream_id = ? order by pos, event_id';
  return (await world.database.db.raw(order, [id])).rows.map(({ state }: any) => state);
}

export interface Told {
  kind: string;
  subject: string;
  jti: string;
  aud: string;
  claims: Record<string, any>;
  said: Record<string, any>;
}

const schemas = new Map<string, ValidateFunction>();
/** An event of ours has the members that the schema at its address names, and no other. */
async function mustSuit(uri: string, said: object): Promise<void> {
  if (!uri.startsWith(`${world.url}/secevent/`)) return;
  let suits = schemas.get(uri);
  if (!suits) {
    const schema = (await (await fetch(uri)).json()) as object;
    suits = new Ajv2020.default().compile({ ...schema, additionalProperties: false });
    schemas.set(uri, suits);
  }
  assert.ok(suits(said), `${uri}: ${JSON.stringify([said, suits.errors])}`);
}

/** The content of a signed event, once its signature has been checked. */
export async function readEvent(token: string): Promise<Told> {
  const keys = createRemoteJWKSet(new URL(`${world.url}/jwks`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: world.url });
  assert.equal(protectedHeader.typ, 'secevent+jwt');
  const [[uri, said]] = Object.entries(payload.events as Record<string, any>) as [[string, any]];
  await mustSuit(uri, said);
  return {
    kind: uri.split('/').at(-1)!,
    subject: (payload.sub_id as any).id ?? (payload.sub_id as any).uri,
    jti: payload.jti!,
    aud: payload.aud as string,
    claims: payload,
    said,
  };
}

/** The events that a receiver got, but for verifications. */
export async function toldTo({ got }: Receiver): Promise<Told[]> {
  const all = await Promise.all(got.map(({ body }) => readEvent(body)));
  return all.filter(({ kind }) => kind !== 'verification');
}

export const kinds = (told: { kind: string }[]) => told.map(({ kind }) => kind);

/** Takes what a poll stream has, at once. */
export async function poll(owner: TestParty, id: string, body: object = {}): Promise<Told[]> {
  const asked = { returnImmediately: true, ...body };
  const { status, body: answer, text } = await keep(owner, 'POST', `/ssf/poll/${id}`, asked);
  assert.equal(status, 200, text);
  return Promise.all(Object.values(answer.sets as Record<string, string>).map(readEvent));
}
