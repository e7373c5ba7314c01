// Edges at which clients' libraries meet the authorization server: how an assertion names us, what
// a refusal says, what a client may know of its own tokens, and the hosts that it comes from.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { Browser } from '../../support/pages/browser.ts';
import {
  clientAuth,
  JWT_BEARER,
  newClient,
  newOwnedClient,
  newWebClient,
  payloadOf,
  post,
  REDIRECT,
} from '../../support/oauth/clients.ts';
import { loggedInAt } from '../../support/oauth/relying_party.ts';
import { call, importThis, newOrganization, newPerson, world } from '../../support/world.ts';

const machine = () => newOwnedClient({ grant_types: ['client_credentials'] });

describe('a client assertion', () => {
  const drawn = async (claims: object) => {
    const client = await machine();
    return post('/token', {
      ...(await clientAuth(client, claims as never)),
      grant_type: 'client_credentials',
      scope: client.scope,
    });
  };

  it('names us as issuer, token or PAR endpoint, alone or as a list of one', async () => {
    for (const name of ['', '/token', '/par'])
      for (const aud of [world.url + name, [world.url + name]])
        assert.equal((await drawn({ aud })).status, 200, String(aud));
    for (const aud of [
      `${world.url}/introspect`,
      `${world.url}/authorize`,
      'https://other.example',
    ])
      assert.equal((await drawn({ aud })).body.error, 'invalid_client', aud);
  });

  it('that names another too is refused', async () => {
    for (const aud of [
      [world.url, 'https://other.example'],
      [world.url, `${world.url}/token`],
    ])
      assert.equal((await drawn({ aud })).status, 401, String(aud));
  });

  it('lives up to an hour, and its clock may be ten seconds off', async () => {
    const now = Math.floor(Date.now() / 1000);
    const good = [{ exp: now + 3_590 }, { iat: now + 5, nbf: now + 5 }, { exp: now - 5 }];
    for (const claims of good)
      assert.equal((await drawn(claims)).status, 200, JSON.stringify(claims));
  });
});

describe('a refusal at the token endpoint', () => {
  it('of a grant type that is not registered is unauthorized_client', async () => {
    const client = await machine();
    const answer = await post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: REDIRECT,
    });
    assert.deepEqual([answer.status, answer.body.error], [400, 'unauthorized_client'], answer.text);
  });

  it('of a scope that a machine may not have is invalid_scope, also where it has others', async () => {
    const [client, other] = [await machine(), await machine()];
    for (const word of ['openid', 'profile', 'offline_access', other.scope, 'whatever'])
      for (const scope of [word, `${client.scope} ${word}`]) {
        const answer = await post('/token', {
          ...(await clientAuth(client)),
          grant_type: 'client_credentials',
          scope,
        });
        assert.deepEqual([answer.status, answer.body.error], [400, 'invalid_scope'], scope);
      }
  });

  it('of a scope of another resource server than is named is invalid_scope', async () => {
    const owner = await newOrganization();
    const client = await newClient(owner, { grant_types: ['client_credentials'] });
    const [a, b] = [`https://a-${client.id}.example`, `https://b-${client.id}.example`];
    await importThis({
      resourceServers: [
        { identifier: a, owner: owner.number, scopes: [client.scope] },
        { identifier: b, owner: owner.number, scopes: [] },
      ],
    });
    const drawn = async (resource: string) =>
      post('/token', {
        ...(await clientAuth(client)),
        grant_type: 'client_credentials',
        scope: client.scope,
        resource,
      });
    const good = await drawn(a);
    assert.equal(good.body.scope, client.scope, good.text);
    assert.equal((await drawn(b)).body.error, 'invalid_scope');
  });

  it('of nobody is 401 invalid_client, wherever clients authenticate', async () => {
    for (const [path, form] of [
      ['/token', { grant_type: 'client_credentials' }],
      ['/par', { response_type: 'code' }],
      ['/introspect', { token: 'x' }],
      ['/revoke', { token: 'x' }],
    ] as [string, Record<string, string>][]) {
      const { status, body, text, headers } = await post(path, form);
      assert.deepEqual([status, body.error], [401, 'invalid_client'], `${path} ${text}`);
      assert.match(headers.get('www-authenticate')!, /^Basic realm=/);
    }
  });

  it('says which check of a grant failed, to a client that has proved who it is', async () => {
    const proved = await newWebClient();
    const open = await newWebClient({ token_endpoint_auth_method: 'none', jwks: undefined });
    const asked = { grant_type: 'refresh_token', refresh_token: 'x' };
    const told = await post('/token', { ...(await clientAuth(proved)), ...asked });
    assert.match(told.body.error_description, /refresh token not found/);
    // Another's is as one that is not there.
    const mine = await loggedInAt(
      open,
      new Browser(),
      await newPerson(),
      {},
      { client_id: open.id },
    );
    const theirs = { ...asked, refresh_token: mine.refresh_token as string };
    const other = await post('/token', { ...(await clientAuth(proved)), ...theirs });
    assert.equal(other.body.error_description, told.body.error_description);
    const kept = await post('/token', { client_id: open.id, ...asked });
    assert.equal(kept.body.error, 'invalid_grant');
    assert.doesNotMatch(kept.body.error_description, /not found/);
  });
});

describe('a token of its own', () => {
  it('shows the client its life and scope, and nobody else anything', async () => {
    const owner = await newOrganization();
    const resource = await newClient(owner);
    // Its scope is another's, who gave it.
    const other = await newOrganization();
    const scope = resource.scope;
    await importThis({ scopes: [{ name: scope, owner: owner.number, holders: [other.number] }] });
    const client = await newClient(other, {
      scope,
      grant_types: [JWT_BEARER, 'client_credentials'],
    });
    const { body } = await post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'client_credentials',
      scope,
    });
    const token = body.access_token as string;
    const asked = async (who: typeof client) =>
      (await post('/introspect', { ...(await clientAuth(who)), token })).body;
    const { exp } = payloadOf(token);
    assert.deepEqual(await asked(client), { active: true, exp, scope, client_id: client.id });
    assert.deepEqual(await asked(await newOwnedClient()), { active: false });
    assert.equal((await asked(resource)).consumer.ID, `0192:${other.number}`);
    await post('/revoke', { ...(await clientAuth(client)), token });
    assert.deepEqual(await asked(client), { active: false });
  });

  it('says when the person logged in', async () => {
    const client = await newWebClient();
    const { id, access } = await loggedInAt(client, new Browser(), await newPerson());
    assert.equal(typeof access.auth_time, 'number');
    assert.equal(access.auth_time, id.auth_time);
  });
});

describe('a client on several hosts', () => {
  for (const [what, metadata, to] of [
    [
      'loopback addresses of a native one',
      {
        redirect_uris: ['http://127.0.0.1:9/callback', 'http://[::1]:9/callback'],
        application_type: 'native',
      },
      'http://[::1]:9/callback',
    ],
    [
      'ports of a web one',
      {
        redirect_uris: ['https://app.example/back', 'https://app.example:8443/back'],
        application_type: 'web',
      },
      'https://app.example:8443/back',
    ],
  ] as const)
    it(`logs in at both ${what}`, async () => {
      const client = await newWebClient(metadata);
      const person = await newPerson();
      for (const uri of metadata.redirect_uris) {
        const browser = new Browser();
        await browser.open(
          `${world.url}/authorize?${new URLSearchParams({
            client_id: client.id,
            response_type: 'code',
            redirect_uri: uri,
            scope: 'openid',
            state: 's',
            code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
            code_challenge_method: 'S256',
          })}`,
        );
        await browser.logIn(person, ({ href }) => href.startsWith(uri));
        assert.ok(browser.page.url.searchParams.get('code'), `${uri} ${browser.page.url}`);
      }
      assert.ok(metadata.redirect_uris.includes(to as never));
    });
});

describe('userinfo', () => {
  it('lets a script of any origin read why it was refused', async () => {
    const { status, headers } = await call('GET', '/userinfo', 'nonsense', undefined, {
      origin: 'https://app.example',
    });
    assert.deepEqual(
      [
        status,
        headers.get('access-control-allow-origin'),
        headers.get('access-control-expose-headers'),
      ],
      [401, 'https://app.example', 'www-authenticate'],
    );
    assert.match(headers.get('www-authenticate')!, /invalid_token/);
  });
});

describe('discovery', () => {
  it('is answered from what a client has kept, until it changes', async () => {
    const address = '/.well-known/openid-configuration';
    const { body, headers } = await call('GET', address);
    // A browser's fetch asks past caches once it sets the header itself.
    const again = await new Promise<number>((done, failed) => {
      const kept = { headers: { 'if-none-match': headers.get('etag')! } };
      get(world.url + address, kept, ({ statusCode }) => done(statusCode!)).on('error', failed);
    });
    assert.equal(again, 304);
    assert.deepEqual(body.prompt_values_supported, ['none', 'login', 'consent']);
    for (const name of ['introspection', 'revocation']) {
      assert.deepEqual(
        body[`${name}_endpoint_auth_methods_supported`],
        body.token_endpoint_auth_methods_supported,
      );
      assert.ok(body[`${name}_endpoint_auth_signing_alg_values_supported`].includes('ES256'));
    }
  });

  it('names the types that PAR takes, each and no other', async () => {
    const { body } = await call('GET', '/.well-known/oauth-authorization-server');
    const types = body.authorization_details_types_supported as string[];
    const client = await newWebClient({
      authorization_details_types: [...types, 'urn:altinn:systemuser'],
    });
    for (const type of [...types, 'urn:altinn:systemuser']) {
      const answer = await post('/par', {
        ...(await clientAuth(client)),
        response_type: 'code',
        redirect_uri: REDIRECT,
        scope: 'openid',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        authorization_details: JSON.stringify([{ type }]),
      });
      const isUnknown = /unsupported|not allowed|unknown type/i.test(
        answer.body.error_description ?? '',
      );
      assert.equal(isUnknown, !types.includes(type), `${type} ${answer.text}`);
    }
  });
});

describe('a hint of logging out', () => {
  it('whose key is gone asks the person, and trusts only what is registered', async () => {
    const back = 'https://app.example/bye';
    const client = await newWebClient({ post_logout_redirect_uris: [back] });
    const browser = new Browser();
    const { id_token: hint } = await loggedInAt(client, browser, await newPerson());
    const [head, payload, signature] = (hint as string).split('.');
    const header = JSON.parse(Buffer.from(head!, 'base64url').toString());
    const gone = Buffer.from(JSON.stringify({ ...header, kid: 'gone' })).toString('base64url');
    const old = `${gone}.${payload}.${signature}`;
    const open = (query: Record<string, string>) =>
      browser.open(`${world.url}/logout?${new URLSearchParams(query)}`);
    const asked = await open({
      id_token_hint: old,
      client_id: client.id,
      post_logout_redirect_uri: back,
    });
    assert.equal(asked.status, 200);
    assert.ok(asked.html.includes('Skjemaportalen') && asked.html.includes('app.example/bye'));
    const alone = await open({ id_token_hint: old, post_logout_redirect_uri: back });
    assert.equal(alone.status, 200);
    assert.ok(!alone.html.includes('app.example/bye'));
    const forged = `${head}.${payload}.${signature!.replace(/^./, (one) => (one === 'A' ? 'B' : 'A'))}`;
    assert.equal((await open({ id_token_hint: forged })).status, 400);
  });
});
