// Kill, stop, cut and crowd: what happened is whole or did not happen, and the server comes back by
// itself.
import assert from 'node:assert/strict';
import { chmodSync, statSync } from 'node:fs';
import { startPostgres } from '../support/run/postgres.ts';
import {
  filledDatabase,
  ownDatabase,
  startServer,
  type ServerProcess,
} from '../support/run/process.ts';
import {
  askKari,
  bank,
  bankToken,
  danielToken,
  EVALUATION,
  giftToKari,
  kari,
  MANDATES,
  mayKariRead,
  ownerToken,
  REGISTRY,
  serviceNamed,
  kariToken,
  requestOfKari,
} from '../support/run/demo_acts.ts';
import { API, freePort, outsideToken, REQUESTS, world } from '../support/world.ts';

const embedded = !process.env.TEST_DATABASE_URL;

describe('a process that is killed', () => {
  it('between approve and answer has approved wholly or not at all, and nothing acknowledged is lost', async () => {
    const settings = { ...(await filledDatabase()), DECISION_LOG: 'durable' };
    const port = await freePort();
    const waiting: string[] = [];
    const acknowledged: string[] = [];
    const decided: string[] = [];
    const owner = await ownerToken();
    for (let round = 0; round < 2; round += 1) {
      const server = await startServer(settings, port);
      const ids = [await askKari(server), await askKari(server), await askKari(server)];
      const first = await server.call(
        'POST',
        `${API}/consent/request/${ids[0]}/approve`,
        await kariToken(),
        { language: 'nb' },
      );
      assert.equal(first.status, 200, first.text);
      acknowledged.push(ids[0]!);
      const token = await kariToken();
      const racing = ids.slice(1).map((id) =>
        server.call('POST', `${API}/consent/request/${id}/approve`, token, { language: 'nb' }).then(
          (answer) => {
            if (answer.status === 200) acknowledged.push(id);
          },
          () => undefined,
        ),
      );
      await new Promise((done) => setTimeout(done, round * 10));
      const question = mayKariRead('mva-melding');
      const { body: decision } = await server.call('POST', EVALUATION, owner, question);
      await server.stop('SIGKILL');
      decided.push(decision.context.id);
      await Promise.all(racing);
      waiting.push(...ids);
    }
    const server = await startServer(settings, port);
    for (const id of waiting) {
      const { body: consent } = await server.call('GET', `${REQUESTS}/${id}`, await bankToken());
      const events = consent.consentRequestEvents.map(
        (event: { eventType: string }) => event.eventType,
      );
      const lookup = await server.call(
        'POST',
        `${API}/maskinporten/consent/lookup`,
        await outsideToken({ scope: 'altinn:maskinporten/consent.read' }),
        { id, from: kari.urn, to: bank.urn },
      );
      if (consent.status === 'Accepted')
        assert.deepEqual([events, lookup.status], [['Created', 'Accepted'], 200]);
      else
        assert.deepEqual(
          [consent.status, events, lookup.body.code],
          ['Created', ['Created'], 'AM-00014'],
        );
      if (acknowledged.includes(id))
        assert.equal(consent.status, 'Accepted', 'an acknowledged approval was lost');
    }
    const { body: log } = await server.call('GET', '/access/v1/log/decisions', await kariToken());
    const logged = log.data.map(({ id }: { id: string }) => id);
    for (const id of decided) assert.ok(logged.includes(id), 'an acknowledged decision was lost');
    await server.stop('SIGTERM');
  });
});

describe('a process that is told to stop', () => {
  it('drains: what is under way is answered, and it ends with 0', async () => {
    const server = await startServer(await filledDatabase());
    const { headers } = await fetch(`${server.url}/health/live`);
    assert.equal(headers.get('keep-alive'), 'timeout=65', 'longer than a proxy keeps a connection');
    const token = await bankToken();
    const answers = Array.from({ length: 10 }, () =>
      server.call('POST', REQUESTS, token, requestOfKari()).then(
        (answer) => answer.status,
        () => 'not accepted',
      ),
    );
    await new Promise((done) => setTimeout(done, 15));
    assert.equal(await server.stop('SIGTERM'), 0);
    const outcomes = await Promise.all(answers);
    assert.ok(
      outcomes.includes(201) &&
        outcomes.every((outcome) => outcome === 201 || outcome === 'not accepted'),
      outcomes.join(),
    );
  });

  if (embedded)
    it('keeps the embedded directory from everybody else, and from a second process, which it names', async () => {
      const settings = await filledDatabase();
      chmodSync(settings.DATA_DIR!, 0o755);
      const first = await startServer(settings);
      assert.equal(statSync(settings.DATA_DIR!).mode & 0o777, 0o700);
      const second = await startServer(settings);
      assert.equal(await second.exit, 1);
      assert.match(second.output(), new RegExp(`in use by process ${first.child.pid}`));
      await first.stop('SIGTERM');
    });

  it("sets secure cookies behind a proxy that ends TLS, its own and the provider's", async () => {
    const server = await startServer({
      ...(await filledDatabase()),
      ISSUER: 'https://tillit.example',
      EID_ISSUER: world.env.eid.issuer,
    });
    const login = await server.call('GET', '/consents');
    assert.equal(login.status, 303, login.text);
    assert.match(login.headers.get('set-cookie')!, /^__Host-login=[^;]+; path=\/;.*secure/i);
    const query = new URLSearchParams({
      client_id: 'eksempelbanken-nett',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://127.0.0.1:3002/callback',
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    assert.notEqual((await server.call('GET', `/authorize?${query}`)).status, 500);
    const { body } = await server.call('GET', '/.well-known/oauth-authorization-server');
    for (const name of [
      'authorization_endpoint',
      'token_endpoint',
      'jwks_uri',
      'introspection_endpoint',
    ]) {
      assert.ok(body[name].startsWith('https://tillit.example/'), body[name]);
    }
    await server.stop('SIGTERM');
  });

  it('keeps subjects, client secrets and keys when SECRET is replaced, and opens with no other', async () => {
    const settings = { ...(await ownDatabase()), SEED: '' };
    const [first, second] = [
      'first-secret-of-this-database-0123456789',
      'second-secret-of-it-9876543210-abcdef',
    ];
    const kids = async (server: ServerProcess) =>
      (await server.call('GET', '/jwks')).body.keys.map(({ kid }: { kid: string }) => kid).sort();
    const before = await startServer({ ...settings, SECRET: first });
    const keys = await kids(before);
    await before.stop('SIGTERM');
    const between = await startServer({ ...settings, SECRET: second, SECRET_ACCEPTED: first });
    assert.deepEqual(await kids(between), keys);
    await between.stop('SIGTERM');
    const after = await startServer({ ...settings, SECRET: second });
    assert.deepEqual(await kids(after), keys);
    await after.stop('SIGTERM');
    const wrong = await startServer({ ...settings, SECRET: first });
    assert.equal(await wrong.exit, 1);
    assert.match(wrong.output(), /sealed with another SECRET/);
  });

  it('says every fault of its settings and starts nothing in production with demo settings', async () => {
    const server = await startServer({ NODE_ENV: 'production' });
    assert.equal(await server.exit, 1);
    for (const name of ['ISSUER', 'SECRET', 'EID_ISSUER'])
      assert.ok(server.output().includes(name), name);
  });
});

// Outages are PostgreSQL's alone: the embedded database lives and dies with its process.
if (!embedded)
  describe('a database that goes away', () => {
    it('is answered 503 with Retry-After, not ready, nothing half-done; and all is well when it is back', async () => {
      const postgres = (await startPostgres(true))!;
      try {
        const server = await startServer({ DATABASE_URL: postgres.url });
        const id = await askKari(server);
        postgres.kill();
        const down = await server.call(
          'POST',
          `${API}/consent/request/${id}/approve`,
          await kariToken(),
          { language: 'nb' },
        );
        assert.deepEqual(
          [down.status, down.body.code, down.headers.get('retry-after')],
          [503, 'TIL-00011', '5'],
          down.text,
        );
        assert.equal((await server.call('GET', '/health/ready')).status, 503);
        assert.equal((await server.call('GET', '/health/live')).status, 200);
        const form = {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'x' }),
        };
        const provider = await fetch(`${server.url}/token`, form);
        assert.equal(provider.status, 503, await provider.text());
        const page = await fetch(`${server.url}/consents`, {
          headers: { accept: 'text/html', cookie: 'session=x' },
        });
        assert.equal(page.status, 503);
        assert.match(await page.text(), /Tjenesten er ikke tilgjengelig/);
        postgres.start();
        const { body: consent } = await server.call('GET', `${REQUESTS}/${id}`, await bankToken());
        assert.equal(consent.status, 'Created');
        assert.equal((await server.call('GET', '/health/ready')).status, 200);
        assert.equal(
          (
            await server.call('POST', `${API}/consent/request/${id}/approve`, await kariToken(), {
              language: 'nb',
            })
          ).status,
          200,
        );
        assert.equal(await server.stop('SIGTERM'), 0);
      } finally {
        postgres.stop();
      }
    });
  });

// One process alone opens the embedded database.
if (!embedded)
  describe('two nodes on one database', () => {
    it('refuse what ended on the other, and follow its rules, in the very next decision, a hundred of a hundred', async () => {
      const settings = await filledDatabase();
      const nodes = [await startServer(settings), await startServer(settings)];
      const [boss, owner] = [await danielToken(), await ownerToken()];
      const made = await nodes[0]!.call('POST', REGISTRY, owner, serviceNamed('to-noder'));
      assert.equal(made.status, 201, made.text);
      const permits = async (node: ServerProcess) => {
        const {
          body: { decision },
        } = await node.call('POST', EVALUATION, owner, mayKariRead('to-noder'));
        return decision as boolean;
      };
      for (let round = 0; round < 100; round += 1) {
        const [here, there] = [nodes[round % 2]!, nodes[(round + 1) % 2]!];
        const given = await here.call('POST', MANDATES, boss, giftToKari('to-noder'));
        assert.equal(given.status, 201, given.text);
        assert.equal(await permits(there), true);
        const path = `${MANDATES}/${given.body.id}`;
        const gone =
          round % 4 < 2
            ? await here.call('DELETE', path, boss)
            : await here.call('POST', `${path}/suspend`, boss);
        assert.ok(gone.status < 300, gone.text);
        assert.equal(await permits(there), false, `round ${round}`);
        if (round % 4 >= 2) await there.call('DELETE', path, boss);
      }
      for (const [round, subjects] of [
        ['privatperson', 'dagl'],
        ['dagl'],
        ['anyone'],
        ['dagl'],
      ].entries()) {
        const published = await nodes[round % 2]!.call(
          'PUT',
          `${REGISTRY}/to-noder/policy`,
          owner,
          { rules: [{ actions: ['read'], subjects }] },
        );
        assert.ok(published.status < 300, published.text);
        assert.equal(await permits(nodes[(round + 1) % 2]!), subjects.includes('anyone'));
      }
      for (const node of nodes) assert.equal(await node.stop('SIGTERM'), 0);
    });
  });
