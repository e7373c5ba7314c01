// The modules of OpenID's Basic OP certification plan (openid.net/certification), by their names,
// each with PKCE, which we ask of everybody. What we do not offer is told as not offered.
import assert from 'node:assert/strict';
import { Browser } from '../support/pages/browser.ts';
import {
  newWebClient,
  payloadOf,
  post,
  REDIRECT,
  type TestClient,
} from '../support/oauth/clients.ts';
import { atClient, authorization } from '../support/oauth/relying_party.ts';
import { at, call, newPerson, world, type Answer, type TestParty } from '../support/world.ts';

const SECRET = 'a secret of sixteen and more';
const SCOPES_LEFT_OUT = ['email', 'address', 'phone'];

interface Flow {
  changes?: Record<string, string>;
  without?: string[];
  browser?: Browser;
}

describe('OpenID’s Basic OP plan', () => {
  let client: TestClient;
  let person: TestParty;

  before(async () => {
    person = await newPerson();
    client = await newWebClient({
      scope: 'profile',
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: SECRET,
    });
  });

  const basic = (of = client) => ({
    authorization: `Basic ${Buffer.from(`${of.id}:${encodeURIComponent(SECRET)}`).toString('base64')}`,
  });

  async function go({ changes = {}, without = [], browser = new Browser() }: Flow = {}) {
    const { verifier, query } = authorization(client, { scope: 'openid', ...changes });
    for (const name of without) query.delete(name);
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    const wasAsked = browser.page.url.href.startsWith(world.env.eid.issuer);
    if (wasAsked) await browser.logIn(person, atClient);
    return { verifier, url: browser.page.url, wasAsked, browser, page: browser.page };
  }

  const redeem = async ({ verifier, url }: { verifier: string; url: URL }): Promise<Answer> =>
    post(
      '/token',
      {
        grant_type: 'authorization_code',
        code: url.searchParams.get('code') ?? '',
        code_verifier: verifier,
        redirect_uri: REDIRECT,
      },
      basic(),
    );

  /** A flow that ends with tokens that are as the specification has them. */
  async function succeeds(flow: Flow = {}) {
    const done = await go(flow);
    assert.equal(done.url.searchParams.get('state'), 'as it was', done.url.href);
    assert.equal(done.url.searchParams.get('iss'), world.url);
    const { status, body, headers, text } = await redeem(done);
    assert.equal(status, 200, text);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(body.token_type, 'Bearer');
    const id = payloadOf(body.id_token);
    assert.equal(id.iss, world.url);
    assert.equal(id.aud, client.id);
    assert.ok(id.sub && id.sub.length <= 255);
    assert.ok(id.exp > id.iat);
    return { ...done, tokens: body, id };
  }
  const userinfo = async (token: string, init: RequestInit = {}) =>
    (
      await fetch(`${world.url}/userinfo`, {
        ...init,
        headers: { authorization: `Bearer ${token}` },
      })
    ).json() as Promise<{ sub: string }>;

  it('oidcc-server', async () => {
    const { id } = await succeeds();
    assert.equal(id.nonce, 'n-1');
  });

  it('oidcc-response-type-missing', async () => {
    const { url, page } = await go({ without: ['response_type'] });
    const error = url.searchParams.get('error') ?? page.html;
    assert.match(error, /invalid_request|unsupported_response_type/);
  });

  it('oidcc-userinfo-get', async () => {
    const { tokens, id } = await succeeds();
    assert.equal((await userinfo(tokens.access_token)).sub, id.sub);
  });

  it('oidcc-userinfo-post-header', async () => {
    const { tokens, id } = await succeeds();
    assert.equal((await userinfo(tokens.access_token, { method: 'POST' })).sub, id.sub);
  });

  // RFC 6750 §2: only the header must be taken, and one way is one to guard.
  it('oidcc-userinfo-post-body: not offered, and refused as such', async () => {
    const { tokens } = await succeeds();
    const { status, headers } = await post('/userinfo', { access_token: tokens.access_token });
    assert.equal(status, 401);
    assert.match(headers.get('www-authenticate')!, /^Bearer/);
  });

  it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
    const { id } = await succeeds({ without: ['nonce'] });
    assert.equal(id.nonce, undefined);
  });

  it('oidcc-scope-profile', async () => {
    const { tokens } = await succeeds({ changes: { scope: 'openid profile' } });
    const told = (await userinfo(tokens.access_token)) as unknown as { name: string };
    assert.equal(told.name, person.name);
  });

  for (const scope of [...SCOPES_LEFT_OUT, 'all']) {
    it(`oidcc-scope-${scope}: not offered, and left out without harm`, async () => {
      const asked = scope === 'all' ? ['profile', ...SCOPES_LEFT_OUT] : [scope];
      const { tokens } = await succeeds({ changes: { scope: `openid ${asked.join(' ')}` } });
      const { body } = await call('GET', '/.well-known/openid-configuration');
      for (const one of SCOPES_LEFT_OUT) assert.ok(!body.scopes_supported.includes(one));
      const told = Object.keys(await userinfo(tokens.access_token));
      assert.ok(!told.some((name) => /email|address|phone/.test(name)));
    });
  }

  it('oidcc-ensure-other-scope-order-succeeds', async () => {
    await succeeds({ changes: { scope: 'profile openid' } });
  });

  for (const display of ['page', 'popup']) {
    it(`oidcc-display-${display}`, async () => {
      await succeeds({ changes: { display } });
    });
  }

  it('oidcc-prompt-login', async () => {
    const { browser } = await succeeds();
    const again = await succeeds({ browser, changes: { prompt: 'login' } });
    assert.equal(again.wasAsked, true);
  });

  it('oidcc-prompt-none-not-logged-in', async () => {
    const { url } = await go({ changes: { prompt: 'none' } });
    assert.equal(url.searchParams.get('error'), 'login_required');
    assert.equal(url.searchParams.get('state'), 'as it was');
  });

  it('oidcc-prompt-none-logged-in', async () => {
    const first = await succeeds();
    const again = await succeeds({ browser: first.browser, changes: { prompt: 'none' } });
    assert.deepEqual([again.wasAsked, again.id.sub], [false, first.id.sub]);
    assert.equal(again.id.auth_time, first.id.auth_time);
  });

  it('oidcc-max-age-1', async () => {
    const first = await succeeds();
    // The provider's own clock looks at this one.
    await new Promise((later) => setTimeout(later, 2_100));
    const again = await succeeds({ browser: first.browser, changes: { max_age: '1' } });
    assert.equal(again.wasAsked, true);
    assert.ok(again.id.auth_time >= first.id.auth_time);
  });

  it('oidcc-max-age-10000', async () => {
    const first = await succeeds();
    const again = await succeeds({ browser: first.browser, changes: { max_age: '10000' } });
    assert.equal(again.wasAsked, false);
    assert.equal(again.id.auth_time, first.id.auth_time);
  });

  it('oidcc-ensure-request-with-unknown-parameter-succeeds', async () => {
    await succeeds({ changes: { extra: 'foobar' } });
  });

  it('oidcc-id-token-hint', async () => {
    const first = await succeeds();
    const changes = { prompt: 'none', id_token_hint: first.tokens.id_token };
    const again = await succeeds({ browser: first.browser, changes });
    assert.equal(again.id.sub, first.id.sub);
  });

  for (const [module, changes] of [
    ['login-hint', { login_hint: 'kari@example.no' }],
    ['ui-locales', { ui_locales: 'se nb' }],
    ['claims-locales', { claims_locales: 'nb en' }],
    ['ensure-request-with-acr-values-succeeds', { acr_values: '1 2' }],
  ] as const) {
    it(`oidcc-${module}`, async () => {
      await succeeds({ changes });
    });
  }

  for (const [module, later] of [
    ['codereuse', 0],
    ['codereuse-30seconds', 30_000],
  ] as const) {
    it(`oidcc-${module}`, async () => {
      const done = await succeeds();
      await at(later, async () => {
        const { status, body } = await redeem(done);
        assert.deepEqual([status, body.error], [400, 'invalid_grant']);
      });
      const { status } = await call('GET', '/userinfo', done.tokens.access_token);
      assert.equal(status, 401, 'what the code gave is taken back');
    });
  }

  it('oidcc-ensure-registered-redirect-uri', async () => {
    const { url, page } = await go({ changes: { redirect_uri: `${REDIRECT}?more` } });
    assert.ok(url.href.startsWith(world.url));
    assert.equal(page.status, 400);
  });

  it('oidcc-ensure-post-request-succeeds', async () => {
    const { verifier, query } = authorization(client, { scope: 'openid' });
    const posted = await fetch(`${world.url}/authorize`, {
      method: 'POST',
      body: query,
      redirect: 'manual',
    });
    const browser = new Browser();
    await browser.open(posted.headers.get('location')!);
    await browser.logIn(person, atClient);
    assert.equal((await redeem({ verifier, url: browser.page.url })).status, 200);
  });

  it('oidcc-server-client-secret-post', async () => {
    const other = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: SECRET,
    });
    const { verifier, query } = authorization(other, { scope: 'openid' });
    const browser = new Browser();
    await browser.open(`${world.url}/authorize?${query}`);
    await browser.logIn(person, atClient);
    const answer = await post('/token', {
      grant_type: 'authorization_code',
      client_id: other.id,
      client_secret: SECRET,
      code: browser.page.url.searchParams.get('code')!,
      code_verifier: verifier,
      redirect_uri: REDIRECT,
    });
    assert.equal(answer.status, 200, answer.text);
  });

  for (const [module, changes, error] of [
    [
      'request-uri-unsigned-supported-correctly-or-rejected-as-unsupported',
      { request_uri: 'https://rp.example/request' },
      /request_uri_not_supported|invalid_request/,
    ],
    [
      'unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
      { request: 'eyJhbGciOiJub25lIn0.e30.' },
      /request_not_supported/,
    ],
    [
      'ensure-request-object-with-redirect-uri',
      { request: 'eyJhbGciOiJub25lIn0.e30.', redirect_uri: REDIRECT },
      /request_not_supported/,
    ],
  ] as const) {
    it(`oidcc-${module}: not offered, and refused as such`, async () => {
      const { url, page } = await go({ changes });
      assert.match(url.searchParams.get('error') ?? page.html, error);
      assert.equal(url.searchParams.get('code'), null);
    });
  }

  it('oidcc-claims-essential', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    const { tokens } = await succeeds({ changes: { claims, scope: 'openid profile' } });
    const told = (await userinfo(tokens.access_token)) as unknown as { name: string };
    assert.equal(told.name, person.name);
  });

  it('oidcc-refresh-token', async () => {
    const { tokens, id } = await succeeds();
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const { status, body, text } = await post('/token', refresh, basic());
    assert.equal(status, 200, text);
    const next = payloadOf(body.id_token);
    assert.deepEqual([next.iss, next.sub, next.aud], [id.iss, id.sub, id.aud]);
    assert.equal(next.auth_time, id.auth_time);
    const other = await newWebClient({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: SECRET,
    });
    const stolen = { ...refresh, refresh_token: body.refresh_token };
    assert.equal((await post('/token', stolen, basic(other))).body.error, 'invalid_grant');
  });

  it('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
    await succeeds();
    const done = await go();
    const { body } = await redeem({ ...done, verifier: 'x'.repeat(43) });
    assert.equal(body.error, 'invalid_grant');
    const { url } = await go({ without: ['code_challenge', 'code_challenge_method'] });
    assert.equal(url.searchParams.get('error'), 'invalid_request');
  });

  it('oidcc-discovery-endpoint-verification', async () => {
    const { body } = await call('GET', '/.well-known/openid-configuration');
    assert.equal(body.issuer, world.url);
    for (const name of ['authorization', 'token', 'userinfo'])
      assert.ok(URL.canParse(body[`${name}_endpoint`]), name);
    assert.ok(body.id_token_signing_alg_values_supported.includes('RS256'));
    assert.deepEqual(body.response_types_supported, ['code']);
    assert.equal((await call('GET', new URL(body.jwks_uri).pathname)).status, 200);
  });

  it('oidcc-server-rotate-keys: an id_token names a key that is published', async () => {
    const { tokens } = await succeeds();
    const header = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url').toString());
    const { body } = await call('GET', '/jwks');
    assert.ok(body.keys.some((key: { kid: string }) => key.kid === header.kid));
  });
});
