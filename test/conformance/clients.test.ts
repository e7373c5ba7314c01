// Clients that others wrote, set up as their documentation says: whoever uses one moves here by
// changing the issuer.
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Auth } from '@auth/core';
import express from 'express';
import { auth as bearerAuth } from 'express-oauth2-jwt-bearer';
import openidConnect from 'express-openid-connect';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { AuthorizationCode } from 'simple-oauth2';
import { Browser } from '../support/pages/browser.ts';
import { newWebClient, payloadOf } from '../support/oauth/clients.ts';
import { newPerson, world } from '../support/world.ts';

const SECRET = 'a secret of sixteen and more';
const servers: Server[] = [];

/** A relying party's server; answers with its address, which `listener` may need. */
async function serve(listener: (address: string) => RequestListener): Promise<string> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', listener(address));
  return address;
}

const register = (redirect: string, metadata: object = {}) =>
  newWebClient({
    application_type: 'web',
    redirect_uris: [redirect],
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: SECRET,
    ...metadata,
  });

/** Opens the address, and logs in at the eID. */
async function loggedIn(browser: Browser, address: string, person: { number: string }) {
  await browser.open(address);
  await browser.logIn(person);
  assert.equal(browser.page.status, 200, browser.page.html);
  return browser.page;
}

describe('a client that others wrote', () => {
  after(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  it('express-openid-connect logs in, reads userinfo and logs out', async () => {
    const person = await newPerson();
    let app: RequestListener | undefined;
    const address = await serve(
      () =>
        (...both) =>
          app!(...both),
    );
    const client = await register(`${address}/callback`, {
      post_logout_redirect_uris: [`${address}`],
    });
    const site = express();
    site.use(
      openidConnect.auth({
        issuerBaseURL: world.url,
        baseURL: address,
        clientID: client.id,
        clientSecret: SECRET,
        secret: SECRET,
        idpLogout: true,
        authRequired: false,
        authorizationParams: { response_type: 'code', scope: 'openid' },
      }),
    );
    site.get('/me', openidConnect.requiresAuth(), async (req, res) => {
      res.json({ id: req.oidc.user, info: await req.oidc.fetchUserInfo() });
    });
    site.get('/', (req, res) => void res.send(req.oidc.isAuthenticated() ? 'in' : 'out'));
    app = site as unknown as RequestListener;
    const browser = new Browser();
    const { id, info } = JSON.parse((await loggedIn(browser, `${address}/me`, person)).html);
    assert.equal(id.sub, info.sub);
    assert.equal(id.acr, 'idporten-loa-substantial');
    await browser.open(`${address}/logout`);
    assert.ok(browser.page.url.href.startsWith(world.url), browser.page.url.href);
    await browser.submit({});
    // The eID asks for itself.
    await browser.submit({ logout: 'yes' });
    assert.equal(browser.page.html, 'out');
  });

  it('Auth.js core logs in with PKCE, state and nonce', async () => {
    const person = await newPerson();
    let clientId = '';
    const address = await serve((base) => async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const headers = new Headers(
        Object.entries(req.headers).map(([name, value]): [string, string] => [name, `${value}`]),
      );
      const body = req.method === 'POST' ? Buffer.concat(chunks) : undefined;
      const answer = await Auth(
        new Request(base + req.url, { method: req.method, headers, body }),
        {
          basePath: '/auth',
          secret: SECRET,
          trustHost: true,
          providers: [
            {
              id: 'tillit',
              name: 'Tillit',
              type: 'oidc',
              issuer: world.url,
              clientId,
              clientSecret: SECRET,
              authorization: { params: { scope: 'openid' } },
              checks: ['pkce', 'state', 'nonce'],
              profile: ({ sub }: { sub: string }) => ({ id: sub, name: sub }),
            },
          ],
        },
      );
      res.statusCode = answer.status;
      for (const [name, value] of answer.headers)
        if (name !== 'set-cookie') res.setHeader(name, value);
      res.setHeader('set-cookie', answer.headers.getSetCookie());
      res.end(await answer.text());
    });
    clientId = (await register(`${address}/auth/callback/tillit`)).id;
    const browser = new Browser();
    await browser.open(`${address}/auth/signin`);
    await browser.submit({});
    await browser.logIn(person, (url) => url.href === `${address}/` || url.href === address);
    await browser.open(`${address}/auth/session`);
    const { user } = JSON.parse(browser.page.html);
    assert.ok(user.name, browser.page.html);
  });

  it('simple-oauth2 gets a token, renews it and revokes it', async () => {
    const person = await newPerson();
    const redirect = 'http://127.0.0.1:9/simple';
    const registered = await register(redirect, { application_type: 'native' });
    const client = new AuthorizationCode({
      client: { id: registered.id, secret: SECRET },
      auth: {
        tokenHost: world.url,
        tokenPath: '/token',
        authorizePath: '/authorize',
        revokePath: '/revoke',
      },
    });
    const verifier = openid.randomPKCECodeVerifier();
    const challenge = await openid.calculatePKCECodeChallenge(verifier);
    const asked = { redirect_uri: redirect, scope: `openid ${registered.scope}`, state: 's' };
    const address = client.authorizeURL({
      ...asked,
      ...{ code_challenge: challenge, code_challenge_method: 'S256' },
    } as never);
    const browser = new Browser();
    await browser.open(address);
    await browser.logIn(person, (url) => url.href.startsWith(redirect));
    const code = browser.page.url.searchParams.get('code')!;
    const told = { code, redirect_uri: redirect, code_verifier: verifier };
    const token = await client.getToken(told as never);
    assert.equal(token.expired(), false);
    const next = await token.refresh();
    assert.notEqual(next.token.access_token, token.token.access_token);
    await next.revoke('refresh_token');
    await assert.rejects(() => next.refresh());
  });

  it('oauth4webapi validates our answers of a pushed code flow with private_key_jwt', async () => {
    const person = await newPerson();
    const redirect = 'http://127.0.0.1:9/web';
    const registered = await newWebClient({
      redirect_uris: [redirect],
      require_pushed_authorization_requests: true,
    });
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(world.url);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, insecure),
    );
    const client = { client_id: registered.id };
    const key = registered.key.export({ format: 'jwk' });
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const imported = await crypto.subtle.importKey('jwk', key, algorithm, false, ['sign']);
    const auth = oauth.PrivateKeyJwt({ key: imported, kid: 'k1' });
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ];
    const parameters = new URLSearchParams({
      ...{ client_id: registered.id, redirect_uri: redirect, response_type: 'code', state, nonce },
      scope: `openid ${registered.scope}`,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const pushed = await oauth.processPushedAuthorizationResponse(
      as,
      client,
      await oauth.pushedAuthorizationRequest(as, client, auth, parameters, insecure),
    );
    const address = new URL(as.authorization_endpoint!);
    address.searchParams.set('client_id', registered.id);
    address.searchParams.set('request_uri', pushed.request_uri);
    const browser = new Browser();
    await browser.open(address.href);
    await browser.logIn(person, (url) => url.href.startsWith(redirect));
    const answered = oauth.validateAuthResponse(as, client, browser.page.url, state);
    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(
        ...([as, client, auth, answered, redirect, verifier, insecure] as const),
      ),
      { expectedNonce: nonce, requireIdToken: true },
    );
    const { sub } = oauth.getValidatedIdTokenClaims(tokens)!;
    const info = await oauth.processUserInfoResponse(
      as,
      client,
      sub,
      await oauth.userInfoRequest(as, client, tokens.access_token, insecure),
    );
    assert.equal(info.sub, sub);
    const about = await oauth.processIntrospectionResponse(
      as,
      client,
      await oauth.introspectionRequest(as, client, auth, tokens.access_token, insecure),
    );
    assert.equal(about.active, true);
  });

  it('openid-client logs in, renews, and builds our logout', async () => {
    const person = await newPerson();
    const redirect = 'http://127.0.0.1:9/openid';
    const registered = await register(redirect, {
      application_type: 'native',
      token_endpoint_auth_method: 'client_secret_post',
      post_logout_redirect_uris: ['http://127.0.0.1:9/out'],
    });
    const config = await openid.discovery(
      new URL(world.url),
      registered.id,
      undefined,
      openid.ClientSecretPost(SECRET),
      { execute: [openid.allowInsecureRequests] },
    );
    const [verifier, state, nonce] = [
      openid.randomPKCECodeVerifier(),
      openid.randomState(),
      openid.randomNonce(),
    ];
    const address = openid.buildAuthorizationUrl(config, {
      ...{ redirect_uri: redirect, scope: 'openid', state, nonce, max_age: '3600' },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const browser = new Browser();
    await browser.open(address.href);
    await browser.logIn(person, (url) => url.href.startsWith(redirect));
    const tokens = await openid.authorizationCodeGrant(config, browser.page.url, {
      ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 3600 },
      idTokenExpected: true,
    });
    const renewed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    assert.equal(renewed.claims()!.sub, tokens.claims()!.sub);
    const out = openid.buildEndSessionUrl(config, {
      post_logout_redirect_uri: 'http://127.0.0.1:9/out',
      id_token_hint: renewed.id_token!,
      state: 'bye',
    });
    await browser.open(out.href);
    await browser.submit({});
    // The eID asks for itself.
    const isOut = (url: URL) => url.href.startsWith('http://127.0.0.1:9/out');
    await browser.submit({ logout: 'yes' }, isOut);
    assert.equal(browser.page.url.searchParams.get('state'), 'bye');
  });

  it('express-oauth2-jwt-bearer lets our access tokens in, and no id_token', async () => {
    const person = await newPerson();
    const redirect = 'http://127.0.0.1:9/api';
    const registered = await register(redirect, { application_type: 'native' });
    const site = express();
    site.use(
      bearerAuth({
        issuer: world.url,
        jwksUri: `${world.url}/jwks`,
        audience: world.url,
        strict: true,
        tokenSigningAlg: 'RS256',
      }),
    );
    site.get('/', (req, res) => void res.json(req.auth!.payload));
    site.use(
      ((error: { status?: number }, _req: unknown, res: express.Response, _next: unknown) =>
        void res.status(error.status ?? 500).end()) as express.ErrorRequestHandler,
    );
    const address = await serve(() => site as unknown as RequestListener);
    const config = await openid.discovery(
      new URL(world.url),
      registered.id,
      undefined,
      openid.ClientSecretBasic(SECRET),
      { execute: [openid.allowInsecureRequests] },
    );
    const verifier = openid.randomPKCECodeVerifier();
    const asked = openid.buildAuthorizationUrl(config, {
      ...{ redirect_uri: redirect, scope: `openid ${registered.scope}`, state: 's' },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const browser = new Browser();
    await browser.open(asked.href);
    await browser.logIn(person, (url) => url.href.startsWith(redirect));
    const tokens = await openid.authorizationCodeGrant(config, browser.page.url, {
      pkceCodeVerifier: verifier,
      expectedState: 's',
    });
    const call = async (token: string) =>
      fetch(address, { headers: { authorization: `Bearer ${token}` } });
    const answer = await call(tokens.access_token);
    assert.equal(answer.status, 200, JSON.stringify(payloadOf(tokens.access_token)));
    assert.equal(((await answer.json()) as { client_id: string }).client_id, registered.id);
    assert.equal((await call(tokens.id_token!)).status, 401);
  });
});
