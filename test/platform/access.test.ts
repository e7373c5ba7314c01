// The traces that a request leaves, and an act of the operator: lines in the log, figures, spans
// where traces are sent; and of no person a number.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { ACCESS_LINE } from '../../server/platform/http/access.ts';
import { createMetrics, watchStatements } from '../../server/platform/metrics.ts';
import { readTraceparent, writeTraceparent } from '../../server/platform/trace_context.ts';
import { openTracing, type Tracing } from '../../server/platform/tracing.ts';
import { personNumber } from '../support/numbers.ts';
import { loggedIn } from '../support/pages/browser.ts';
import { can, evaluate, newResource, question } from '../support/rights/rights.ts';
import { clientAuth, newOwnedClient, post } from '../support/oauth/clients.ts';
import { secondNode, type Node } from '../support/run/node.ts';
import { discover } from '../../server/caller/login.ts';
import { openLive } from '../../server/register/source/sources.ts';
import { call, importThis, newPerson, personToken, world } from '../support/world.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const SAMPLED = `00-${TRACE}-${SPAN}-01`;

const linesSince = (before: number) =>
  world.logs
    .slice(before)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'request')
    .map(({ level, time, msg, ...line }) => line);
const isLine = new Ajv().compile(ACCESS_LINE);

describe('a traceparent', () => {
  it('is the caller’s as it was sent, where it has the form of one', () => {
    const hex = (length: number) =>
      fc
        .string({
          unit: fc.constantFrom(...'0123456789abcdef'),
          minLength: length,
          maxLength: length,
        })
        .filter((text) => !/^0+$/.test(text));
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, isSampled) => {
        const parent = { traceId, spanId, isSampled };
        assert.deepEqual(readTraceparent(writeTraceparent(parent)), parent);
      }),
    );
    assert.ok(readTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes-later`));
  });

  it('is none where it has not', () => {
    for (const one of [
      undefined,
      '',
      'x',
      [SAMPLED, SAMPLED],
      `ff-${TRACE}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}`,
      `${SAMPLED}-more`,
      `${SAMPLED}x`,
      `cc-${TRACE}-${SPAN}-01x`,
    ])
      assert.equal(readTraceparent(one), undefined, String(one));
  });
});

describe('an answered request', () => {
  it('leaves a line with its route, its client and the kind of its caller', async () => {
    const before = world.logs.length;
    const person = await newPerson();
    const token = await personToken(person);
    assert.equal((await call('GET', `/access/v1/mandates?from=${person.id}`, token)).status, 200);
    await loggedIn(person, '/start');
    assert.equal((await call('GET', '/no/such/place')).status, 404);
    const lines = linesSince(before);
    for (const line of lines) assert.ok(isLine(line), JSON.stringify([line, isLine.errors]));
    const of = (route: string) => lines.findLast((line) => line.route === route)!;
    assert.deepEqual([of('mandates').method, of('mandates').caller], ['GET', 'person']);
    assert.equal(of('start').caller, 'person');
    assert.equal(of('start').client, undefined);
    assert.deepEqual([of('other').status, of('other').caller], [404, undefined]);
  });

  it('has a line at the token’s door too, with the client that was shown, and a refusal none', async () => {
    const before = world.logs.length;
    await world.bank.token('altinn:consentrequests.write');
    const client = await newOwnedClient();
    const wrong = {
      ...client,
      key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    };
    for (const one of [client, wrong])
      await post('/token', {
        ...(await clientAuth(one)),
        grant_type: 'client_credentials',
        scope: client.scope,
      });
    const refused = await fetch(`${world.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: 'x.y.z',
      }),
    });
    assert.equal(refused.status, 400);
    const lines = linesSince(before).filter(({ route }) => route === 'token');
    assert.deepEqual(
      lines.map((line) => [line.status, line.client]),
      [
        [200, 'eksempelbanken'],
        [200, client.id],
        [401, undefined],
        [400, undefined],
      ],
    );
  });

  it('has the ids of its caller where they are well formed, and else ours', async () => {
    const send = async (headers: Record<string, string>) => {
      const before = world.logs.length;
      const answer = await fetch(`${world.url}/no/such/place`, { headers });
      const { traceId } = (await answer.json()) as { traceId: string };
      const [line] = linesSince(before);
      assert.equal(line!.trace, traceId);
      return [traceId, answer.headers.get('x-request-id'), line!.request];
    };
    assert.deepEqual(await send({ traceparent: SAMPLED, 'x-request-id': 'mine' }), [
      TRACE,
      'mine',
      'mine',
    ]);
    const number = personNumber();
    const before = world.logs.length;
    const hidden = `00000000-0000-0000-0000-0${number}`;
    assert.deepEqual((await send({ 'x-request-id': hidden })).slice(1), [hidden, undefined]);
    assert.ok(!world.logs.slice(before).some((line) => line.includes(number)));
    const [own, id, request] = await send({ traceparent: 'x', 'x-request-id': 'a b' });
    assert.match(own as string, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual([id, request], [own, undefined]);
  });

  it('is counted by the outcome of its decisions, and by the time of its statements', async () => {
    const figure = async (name: string) =>
      Number(
        new RegExp(`^${name} ([\\d.]+)$`, 'm').exec(await world.metrics.registry.metrics())?.[1] ??
          0,
      );
    const permits = 'tillit_decisions_total\\{outcome="permit"\\}';
    const person = await newPerson();
    const resource = await newResource([can('read', 'privatperson')]);
    const before = await figure(permits);
    await evaluate(question(person, 'read', resource, person));
    assert.equal(await figure(permits), before + 1);
    assert.ok(
      (await figure('tillit_statement_duration_seconds_count\\{statement="[a-z_]+"\\}')) > 0,
    );
  });
});

describe('traces that are sent', () => {
  interface Sent {
    name: string;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    attributes: { key: string; value: Record<string, unknown> }[];
  }
  let receiver: Server;
  let tracing: Tracing;
  let node: Node;
  let bodies: string[] = [];
  let heard: { path: string; headers: IncomingHttpHeaders }[] = [];
  const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  const open = () => openTracing({ endpoint: address(), ratio: 1, version: '1' });
  /** The spans that came, once all have been sent. */
  const sent = async (): Promise<Sent[]> => {
    await tracing.close();
    return bodies.flatMap((body) =>
      JSON.parse(body).resourceSpans.flatMap((one: { scopeSpans: { spans: Sent[] }[] }) =>
        one.scopeSpans.flatMap(({ spans }) => spans),
      ),
    );
  };
  before(async () => {
    receiver = createServer(async (request, response) => {
      heard.push({ path: request.url!, headers: request.headers });
      let body = '';
      for await (const chunk of request) body += chunk;
      if (request.url === '/v1/traces') bodies.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"permit":true}');
    });
    await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  });
  after(() => receiver.close());
  beforeEach(async () => {
    bodies = [];
    heard = [];
    tracing = open();
    const metrics = createMetrics();
    const { database } = world;
    const db = database.db.withUserParams({ watch: watchStatements(metrics, tracing) });
    node = await secondNode({ metrics, tracing, database: { ...database, db } });
  });
  afterEach(() => node.stop());

  it('have a request under its caller’s span, its statements under it, and no value', async () => {
    const person = await newPerson();
    const token = await personToken(person);
    const asked = (path: string) =>
      call('GET', node.url + path, token, undefined, { traceparent: SAMPLED });
    assert.equal((await asked('/no/such/place')).body.traceId, TRACE);
    const own = await asked(`/access/v1/mandates?from=${person.id}`);
    assert.equal(own.status, 200);
    const spans = await sent();
    const request = spans.find(({ name }) => name === 'GET mandates')!;
    assert.deepEqual([request.traceId, request.parentSpanId], [TRACE, SPAN]);
    const statements = spans.filter(({ parentSpanId }) => parentSpanId === request.spanId);
    assert.ok(statements.length > 0);
    for (const { name, traceId } of statements) {
      assert.match(name, /^[a-z_]+$/);
      assert.equal(traceId, TRACE);
    }
    assert.ok(!bodies.join().includes(person.number));
    assert.doesNotMatch(bodies.join(), /select |\/no\/such|access\/v1/);
  });

  it('are not of a caller who has none sent', async () => {
    const traceparent = `00-${TRACE}-${SPAN}-00`;
    await call('GET', `${node.url}/no/such/place`, undefined, undefined, { traceparent });
    assert.deepEqual(await sent(), []);
  });

  it('go on at a register that is asked within one', async () => {
    const [live] = openLive([{ source: 'helse', url: address(), live: true }], tracing.headers);
    const span = tracing.begin({ traceId: TRACE, spanId: SPAN, isSampled: true });
    await span.within(() => live!.decide('a', 'b', 'c'));
    await live!.decide('a', 'b', 'c');
    const [within, outside] = heard.map(({ headers }) => headers.traceparent);
    assert.match(within as string, new RegExp(`^00-${TRACE}-(?!${SPAN})[0-9a-f]{16}-01$`));
    assert.equal(outside, undefined);
  });

  it('go on at the eID that is called within one', async () => {
    const eid = { ...world.env.eid, issuer: address() };
    const span = tracing.begin({ traceId: TRACE, spanId: SPAN, isSampled: true });
    // The receiver is no eID, and is asked all the same.
    await assert.rejects(
      span.within(() => discover({ ...world.env, eid }, tracing.headers)),
      /./,
    );
    assert.match(heard.at(-1)!.headers.traceparent as string, new RegExp(`^00-${TRACE}-`));
  });

  it('keep nobody waiting whose receiver is away', async () => {
    await new Promise((done) => receiver.close(done));
    assert.equal((await call('GET', `${node.url}/health/live`)).status, 200);
    await tracing.close().catch(() => undefined);
    await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready));
  });
});

describe('an act of the operator at the command line', () => {
  it('is kept, logged once by one node, and never changed', async () => {
    const { db } = world.database;
    const lines = () => world.logs.filter((line) => line.includes('an act of the operator'));
    const log = async () => {
      const before = lines().length;
      await world.work.run('operator.log');
      return lines().slice(before);
    };
    // Those of other files.
    while ((await log()).length);
    await importThis({ parties: [] });
    const { rows } = await db.raw('select id, detail from operator_act where not is_logged');
    assert.equal(rows.length, 1);
    const [{ id, detail }] = rows;
    assert.doesNotMatch(detail.file, /\//);
    const [line, ...others] = await log();
    assert.deepEqual(others, []);
    const told = JSON.parse(line!);
    assert.deepEqual([told.command, told.detail], ['import', { ...detail, records: 0 }]);
    assert.deepEqual(await log(), []);
    for (const change of [
      "update operator_act set command = 'x' where id = ?",
      'delete from operator_act where id = ?',
    ])
      await assert.rejects(db.raw(change, [id]), /never changed or removed/);
  });
});
