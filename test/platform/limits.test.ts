// Limits: nobody guesses for long, strangers leave no heap of rows, and no caller starves the
// others; and the address that some of it is counted by.
import { forgetLimits } from '../support/rows.ts';
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../server/app.ts';
import { createAddressOf } from '../../server/platform/http/address.ts';
import type { Fault } from '../../server/platform/errors.ts';
import { createBegin } from '../../server/caller/doors.ts';
import { actAlone } from '../../server/platform/act.ts';
import { createLimits } from '../../server/platform/http/limits.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { createLogger } from '../../server/platform/log.ts';
import { createTries, sweepTries } from '../../server/oidc/client/tries.ts';
import {
  assertion,
  clientAuth,
  JWT_BEARER,
  newOwnedClient,
  newWebClient,
} from '../support/oauth/clients.ts';
import { sha256 } from '../../server/platform/ids.ts';
import { personNumber } from '../support/numbers.ts';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  requestBody,
  REQUESTS,
  world,
  WRITE,
} from '../support/world.ts';

/** Counts as another node does, until it is refused. */
async function fill(kind: 'clients' | 'login' | 'stranger', key: string): Promise<number> {
  const other = createLimits(world.database.db);
  for (let n = 0; ; n += 1) {
    try {
      await other.count(kind, key);
    } catch (error) {
      assert.equal((error as Fault).code, 'TIL-00035');
      return n;
    }
  }
}

/** A second node, behind a proxy that tells who calls. */
async function behindProxy() {
  const env = { ...world.env, trustedProxies: ['127.0.0.1'] };
  const { database } = world;
  const app = await createApp({
    env,
    database,
    log: createLogger('silent'),
    metrics: createMetrics(),
  });
  const server = createServer(app.handler);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    post: (path: string, from: string, form: Record<string, string>, signal?: AbortSignal) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { 'x-forwarded-for': from },
        ...(signal ? { signal } : {}),
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await app.settle();
    },
  };
}

describe('limits', () => {
  afterEach(forgetLimits);

  it('weigh what one caller has at work', () => {
    const limits = createLimits(world.database.db);
    const end = limits.begin('questions', 'a', 10, 6);
    assert.throws(() => limits.begin('questions', 'a', 10, 5), { code: 'TIL-00035' });
    limits.begin('questions', 'a', 10, 4)();
    end();
    limits.begin('questions', 'a', 10, 10)();
  });

  it('look a number up only for one who may ask at all', async () => {
    const [stranger, person] = [
      await newOrganization('Fremmed AS', { mayAsk: false }),
      await newPerson(),
    ];
    const answers = await Promise.all(
      [person.number, personNumber()].map(async (number) => {
        const { status, body } = await call(
          'POST',
          REQUESTS,
          await organizationToken(stranger, WRITE),
          {
            ...requestBody(person, stranger),
            from: `urn:altinn:person:identifier-no:${number}`,
          },
        );
        return [status, body.code];
      }),
    );
    assert.deepEqual(answers, [
      [403, 'TIL-00015'],
      [403, 'TIL-00015'],
    ]);
  });

  it('refuse an address after many failed authentications in a minute, for clients that it has not shown', async () => {
    const [shown, other] = [await newOwnedClient(), await newOwnedClient()];
    const word = 'a secret of thirty-two characters';
    const secret = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: word,
    });
    const { privateKey: wrong } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const node = await behindProxy();
    const address = '192.0.2.50';
    const grant = async (client: typeof shown, key?: typeof wrong, from = address) =>
      node.post('/token', from, {
        grant_type: JWT_BEARER,
        assertion: await assertion(client, {}, {}, key),
      });
    const bySecret = async (client_secret: string) =>
      node.post('/introspect', address, { token: 'x', client_id: secret.id, client_secret });
    assert.equal((await grant(shown)).status, 200);
    assert.equal((await bySecret(word)).status, 200);
    assert.equal((await grant(other, wrong)).status, 400);
    assert.equal((await bySecret('wrong')).status, 401);
    await fill('clients', address);
    await grant(shown, wrong);
    const refused = await grant(other);
    assert.equal(refused.status, 429);
    assert.equal((await refused.json()).error, 'temporarily_unavailable');
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    const unnamed = await node.post('/introspect', address, { token: 'x', client_id: shown.id });
    assert.equal(unnamed.status, 429, 'to name a client is no try to show it');
    // Whoever names a client shuts nobody out, by key or by secret.
    for (let n = 0; n < 40; n += 1) assert.equal((await grant(shown, wrong)).status, 400);
    assert.equal((await grant(shown)).status, 200);
    assert.equal((await bySecret('wrong')).status, 401);
    assert.equal((await bySecret(word)).status, 200);
    assert.equal((await grant(other, undefined, '192.0.2.51')).status, 200, 'another address');
    await node.stop();
  });

  it('take nobody for another client, whatever else a request names', async () => {
    const mine = await newOwnedClient();
    const victim = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: 'a secret of thirty-two characters',
    });
    const node = await behindProxy();
    const { client_id: _, ...auth } = await clientAuth(mine);
    const body = Buffer.from(JSON.stringify({ iss: victim.id })).toString('base64url');
    const named = [
      { ...auth, token: 'x', assertion: `x.${body}.x` },
      { ...(await clientAuth(mine)), token: 'x', assertion: `x.${body}.x` },
    ];
    for (const form of named)
      assert.equal((await node.post('/introspect', '192.0.2.60', form)).status, 200);
    await node.post('/token', '192.0.2.60', {
      ...(await clientAuth(mine)),
      grant_type: 'client_credentials',
      assertion: `x.${body}.x`,
    });
    await new Promise((done) => setTimeout(done, 200));
    const { rows } = await world.database.db.raw('select client_id from client_seen');
    const seen = rows.map((row: { client_id: string }) => row.client_id);
    assert.ok(seen.includes(mine.id) && !seen.includes(victim.id), seen.join());
    await node.stop();
  });

  it('give back the place of one that hung up while it was looked up', async () => {
    const word = 'a secret of thirty-two characters';
    const client = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: word,
    });
    const address = '192.0.2.61';
    const { db } = world.database;
    await db.raw('insert into client_seen (address, client_id, seen_at) values (?, ?, now())', [
      sha256(address),
      client.id,
    ]);
    const node = await behindProxy();
    const form = { token: 'x', client_id: client.id };
    const tries = async (client_secret: string, signal?: AbortSignal) =>
      node.post('/introspect', address, { ...form, client_secret }, signal);
    await fill('clients', address);
    await tries('wrong');
    const stalled = await db.transaction();
    await stalled.raw('lock table client_seen in access exclusive mode');
    const hanging = new AbortController();
    const all = Array.from({ length: 140 }, () => tries('wrong', hanging.signal).catch(() => 0));
    await new Promise((done) => setTimeout(done, 500));
    hanging.abort();
    await Promise.all(all);
    await new Promise((done) => setTimeout(done, 300));
    await stalled.rollback();
    await new Promise((done) => setTimeout(done, 1_500));
    assert.equal((await tries(word)).status, 200);
    await node.stop();
  });

  it('count thirty failures of one client that is not known at an address', async () => {
    const client = await newOwnedClient();
    const { privateKey: wrong } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const node = await behindProxy();
    const grant = async (from: string, key?: typeof wrong) => {
      const form = { grant_type: JWT_BEARER, assertion: await assertion(client, {}, {}, key) };
      return (await node.post('/token', from, form)).status;
    };
    const seen: number[] = [];
    for (let n = 0; n < 33; n += 1) seen.push(await grant('192.0.2.52', wrong));
    assert.deepEqual([seen[29], seen.at(-1)], [400, 429], seen.join());
    assert.equal(await grant('192.0.2.53'), 200, 'the client itself, from where it is');
    await node.stop();
  });

  it('find who was right in the database, for a day', async () => {
    const { db } = world.database;
    const address = '192.0.2.54';
    const tries = () => createTries({ db, limits: createLimits(db), addressOf: () => address });
    const one = { address, client: 'right', shown: 'right', proof: 'assertion' } as const;
    const [first, second, third] = [tries(), tries(), tries()];
    await first.succeeded(one);
    await first.succeeded({ ...one, client: 'bare', proof: undefined });
    await fill('clients', address);
    await second.failed(one);
    (await second.begin(one))?.();
    for (const client of ['other', 'bare'])
      await assert.rejects(second.begin({ ...one, client }), { code: 'TIL-00035' });
    const rows = async () =>
      (await db.raw("select client_id from client_seen where client_id = 'right'")).rows.length;
    await sweepTries(actAlone(db), () => true);
    assert.equal(await rows(), 1);
    await db.raw("update client_seen set seen_at = now() - interval '26 hours'");
    await third.failed(one);
    await assert.rejects(third.begin(one), { code: 'TIL-00035' });
    await sweepTries(actAlone(db), () => true);
    assert.equal(await rows(), 0);
  });

  it('let one caller have so much work at once, and another begin all the same', () => {
    const limits = createLimits(world.database.db);
    const begun = Array.from({ length: 512 }, () => limits.begin('decision', 'a'));
    assert.throws(() => limits.begin('decision', 'a'), { code: 'TIL-00035' });
    limits.begin('search', 'a')();
    limits.begin('decision', 'b')();
    begun.pop()!();
    limits.begin('decision', 'a')();
  });

  it('count the work of systems without an organisation by issuer and client', () => {
    const from = { address: '192.0.2.60' };
    const begun = createBegin(createLimits(world.database.db), () => from.address);
    const begin = (limit: 'search' | 'read', caller: object | undefined) =>
      begun(limit, caller, {} as IncomingMessage);
    const system = (client: string) => ({ kind: 'system', client, scopes: new Set() });
    for (let n = 0; n < 512; n += 1) begin('search', system('https://a.example x'));
    assert.throws(() => begin('search', system('https://a.example x')), { code: 'TIL-00035' });
    assert.ok(begin('search', system('https://a.example y')));
    assert.ok(begin('search', system('https://b.example x')));
    // Strangers have an address alone.
    for (let n = 0; n < 16; n += 1) begin('search', undefined);
    assert.throws(() => begin('search', undefined), { code: 'TIL-00035' });
    assert.equal(begin('read', undefined), undefined);
    from.address = '192.0.2.61';
    assert.ok(begin('search', undefined));
  });

  // The server of this run remembers whom it refused, so this one is last, for a minute that others
  // do not need.
  it('count authorizations and logins of strangers by address', async () => {
    const counted = async () =>
      Number(
        (
          await world.database.db.raw(
            "select coalesce(sum(points), 0) as n from rate_limit where key like 'stranger:%'",
          )
        ).rows[0].n,
      );
    const before = await counted();
    await call('GET', '/authorize?client_id=x', undefined, undefined, { accept: 'text/html' });
    await call('GET', '/consents', undefined, undefined, { accept: 'text/html' });
    assert.equal(await counted(), before + 2);
    assert.equal(await fill('stranger', '192.0.2.77'), 3_000);
  });
});

describe('the address of a request', () => {
  const from = (remoteAddress: string | undefined, said?: string) =>
    ({
      socket: { remoteAddress },
      headers: said === undefined ? {} : { 'x-forwarded-for': said },
    }) as never;

  it('is the socket’s, and no stranger’s word is believed', () => {
    const addressOf = createAddressOf([]);
    assert.equal(addressOf(from('::ffff:192.0.2.1')), '192.0.2.1');
    assert.equal(addressOf(from(undefined)), undefined);
    assert.equal(addressOf(from('192.0.2.1', '198.51.100.7')), '192.0.2.1');
  });

  it('is whom the last trusted proxy saw, whatever stands before', () => {
    const addressOf = createAddressOf(['10.0.0.0/8', '192.0.2.9', '2001:db8::/32']);
    assert.equal(addressOf(from('10.1.2.3', 'evil, 203.0.113.5, 10.9.9.9')), '203.0.113.5');
    assert.equal(addressOf(from('192.0.2.9', '203.0.113.5')), '203.0.113.5');
    assert.equal(addressOf(from('10.1.2.3', 'nobody')), '10.1.2.3');
    // Whoever comes past the proxies is who it is, whatever it says.
    assert.equal(addressOf(from('203.0.113.9', '198.51.100.7')), '203.0.113.9');
    for (const seen of ['203.0.113.5:4711', '203.0.113.5'])
      assert.equal(addressOf(from('10.1.2.3', `9.9.9.9, ${seen}`)), '203.0.113.5');
    assert.equal(addressOf(from('10.1.2.3', '9.9.9.9, unknown')), '10.1.2.3');
  });

  it('is of IPv6 the network, of which a caller has every address', () => {
    const addressOf = createAddressOf(['2001:db8::/32']);
    for (const one of ['2001:db9::7', '[2001:db9::8]:443', '2001:0db9:0:0:ffff::1'])
      assert.equal(addressOf(from('2001:db8::1', `9.9.9.9, ${one}`)), '2001:db9::', one);
    assert.equal(addressOf(from('2001:db9:1:2:3:4:5:6')), '2001:db9:1:2::');
    assert.equal(addressOf(from('fe80::1%eth0')), 'fe80::');
  });
});
