// Introspection (RFC 7662), revocation (RFC 7009), discovery and keys: what others may learn of our
// tokens.
import assert from 'node:assert/strict';
import {
  clientAuth,
  consentDetail,
  exchange,
  newClient,
  newOwnedClient,
  post,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  approvedConsent,
  at,
  call,
  newOrganization,
  organizationToken,
  withdraw,
  world,
} from '../../support/world.ts';

const introspect = async (client: TestClient, token: string) =>
  post('/introspect', { ...(await clientAuth(client)), token });

describe('introspection', () => {
  it('says active, with the claims, to the owner of a scope of the token', async () => {
    const client = await newOwnedClient();
    const {
      body: { access_token: token },
    } = await exchange(client);
    const answer = await introspect(client, token);
    assert.deepEqual(
      [answer.status, answer.body.active, answer.body.scope, answer.body.client_id],
      [200, true, client.scope, client.id],
    );
  });

  it('says inactive to everyone else, with nothing more', async () => {
    const {
      body: { access_token: token },
    } = await exchange(await newOwnedClient());
    assert.deepEqual((await introspect(await newOwnedClient(), token)).body, { active: false });
  });

  it('says inactive once the consent is withdrawn', async () => {
    const { id, from, to } = await approvedConsent();
    const client = await newClient(to);
    const {
      body: { access_token: token },
    } = await exchange(client, consentDetail(id, from));
    assert.equal((await introspect(client, token)).body.active, true);
    await withdraw(id, from);
    assert.deepEqual((await introspect(client, token)).body, { active: false });
  });

  it('says inactive to an expired, a changed and a foreign token', async () => {
    const client = await newOwnedClient();
    const {
      body: { access_token: token },
    } = await exchange(client);
    const [head, , signature] = token.split('.');
    const forged = `${head}.${Buffer.from(JSON.stringify({ iss: world.url, scope: client.scope, exp: 9e9 })).toString('base64url')}.${signature}`;
    assert.deepEqual((await introspect(client, forged)).body, { active: false });
    assert.deepEqual(
      (await introspect(client, await organizationToken(client.owner, client.scope))).body,
      { active: false },
    );
    assert.deepEqual((await introspect(client, 'nonsense')).body, { active: false });
    await at(130_000, async () => {
      const now = Math.floor(Date.now() / 1000);
      const answer = await post('/introspect', {
        ...(await clientAuth(client, { iat: now, exp: now + 60 })),
        token,
      });
      assert.equal(answer.body.active ?? false, false);
    });
  });

  it('refuses callers that do not authenticate', async () => {
    const {
      body: { access_token: token },
    } = await exchange(await newOwnedClient());
    const answer = await post('/introspect', { token });
    assert.ok([400, 401].includes(answer.status) && answer.body.active === undefined);
    const client = await newOwnedClient();
    const forged = await introspect({ ...client, id: 'nobody' }, token);
    assert.equal(forged.body.error, 'invalid_client');
  });

  it('takes client_secret_basic where a client insists, and stores no secret that could be read', async () => {
    const owner = await newOrganization();
    const client = await newClient(owner, {
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'a-long-enough-client-secret',
      grant_types: ['client_credentials'],
      jwks: undefined,
    });
    const issuer = await newClient(owner, { scope: client.scope });
    const {
      body: { access_token: token },
    } = await exchange(issuer);
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}`,
    });
    assert.equal(
      (await post('/introspect', { token }, basic('a-long-enough-client-secret'))).body.active,
      true,
    );
    assert.equal(
      (await post('/introspect', { token }, basic('a-long-enough-client-secreT'))).body.error,
      'invalid_client',
    );
    const {
      rows: [row],
    } = await world.database.db.raw('select metadata from oauth_client where client_id = ?', [
      client.id,
    ]);
    assert.ok(!JSON.stringify(row).includes('a-long-enough-client-secret'));
    assert.equal(
      (await post('/introspect', { token }, basic(row.metadata.client_secret))).body.error,
      'invalid_client',
    );
  });
});

describe('revocation', () => {
  it('ends a token of the client at once, also for our own API', async () => {
    const client = await newOwnedClient();
    const {
      body: { access_token: token },
    } = await exchange(client);
    const revoke = async (by: TestClient) => post('/revoke', { ...(await clientAuth(by)), token });
    assert.equal((await revoke(await newOwnedClient())).status, 200);
    assert.equal((await introspect(client, token)).body.active, true);
    assert.equal((await revoke(client)).status, 200);
    assert.equal((await introspect(client, token)).body.active, false);
    const path = '/accessmanagement/api/v1/enterprise/consentrequests/events';
    assert.equal((await call('GET', path, token)).status, 401);
  });
});

describe('discovery', () => {
  it('says the same under both well-known names, and only what is offered', async () => {
    const [oidc, oauth] = await Promise.all(
      ['openid-configuration', 'oauth-authorization-server'].map((name) =>
        call('GET', `/.well-known/${name}`),
      ),
    );
    assert.deepEqual(oidc!.body, oauth!.body);
    const { body } = oidc!;
    assert.equal(body.issuer, world.url);
    assert.deepEqual(body.code_challenge_methods_supported, ['S256']);
    assert.deepEqual(body.response_types_supported, ['code']);
    assert.deepEqual(body.authorization_details_types_supported, [
      'urn:altinn:consent',
      'ansattporten:altinn:resource',
      'idporten:fullmakt',
      'urn:tillit:parties',
    ]);
    assert.ok(body.grant_types_supported.includes('urn:ietf:params:oauth:grant-type:jwt-bearer'));
    assert.equal(body.authorization_response_iss_parameter_supported, true);
    for (const name of [
      'registration_endpoint',
      'device_authorization_endpoint',
      'dpop_signing_alg_values_supported',
      'backchannel_authentication_endpoint',
    ]) {
      assert.equal(body[name], undefined, name);
    }
    for (const [name, value] of Object.entries(body)) {
      if (name.endsWith('_endpoint') || name === 'jwks_uri') {
        const method = name === 'jwks_uri' || name === 'authorization_endpoint' ? 'GET' : 'POST';
        assert.notEqual(
          (await fetch(value as string, { method, redirect: 'manual' })).status,
          404,
          name,
        );
      }
    }
  });

  it('publishes public keys only', async () => {
    const { body, headers } = await call('GET', '/jwks');
    assert.ok(body.keys.length >= 2);
    for (const key of body.keys) assert.ok(key.kid && key.alg && !('d' in key) && !('p' in key));
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });
});

describe('signing keys', () => {
  it('rotate on plan: published ahead, used from their time, kept after, without a restart', async () => {
    const kids = async () =>
      (await call('GET', '/jwks')).body.keys
        .filter((key: { alg: string }) => key.alg === 'RS256')
        .map((key: { kid: string }) => key.kid);
    const used = async (offset: number) => {
      const iat = Math.floor((Date.now() + offset) / 1000);
      const { body } = await exchange(await newOwnedClient(), { iat, exp: iat + 60 });
      return JSON.parse(Buffer.from(body.access_token.split('.')[0], 'base64url').toString()).kid;
    };
    const [first] = await kids();
    const day = 86_400_000;
    await at(89.5 * day, async () => {
      await world.work.tend();
      assert.equal((await kids()).length, 2);
      assert.equal(await used(89.5 * day), first);
    });
    await at(91 * day, async () => {
      await world.work.tend();
      const [, second] = await kids();
      assert.equal(await used(91 * day), second);
      assert.ok((await kids()).includes(first));
    });
    await at(94 * day, async () => {
      await world.work.tend();
      assert.ok(!(await kids()).includes(first));
    });
    const { rows } = await world.database.db.raw(
      "select coalesce(private_jwk_sealed, '') as private_jwk_sealed from signing_key",
    );
    assert.ok(
      rows.every((row: { private_jwk_sealed: string }) => !row.private_jwk_sealed.includes('"d"')),
    );
  });
});
