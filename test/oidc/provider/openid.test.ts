// OpenID Connect as relying parties know it: who logged in, when and how, as the eID said it now;
// what an id_token and userinfo tell; and how an answer goes back (OpenID Connect Core 1.0).
import assert from 'node:assert/strict';
import { Browser, heading } from '../../support/pages/browser.ts';
import {
  clientAuth,
  newWebClient,
  payloadOf,
  post,
  REDIRECT,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  atClient,
  authorization,
  authorize,
  loggedInAt,
  redeem,
} from '../../support/oauth/relying_party.ts';
import {
  call,
  importThis,
  newPerson,
  personToken,
  world,
  type TestParty,
} from '../../support/world.ts';

const HIGH = 'idporten-loa-high';
const atEid = (url: URL) => url.href.startsWith(world.env.eid.issuer);

describe('a login', () => {
  let client: TestClient;
  let person: TestParty;
  let other: TestParty;
  before(async () => {
    client = await newWebClient();
    [person, other] = [await newPerson('Fersk Person'), await newPerson('Annen Person')];
  });
  const inBrowser = async (parameters: Record<string, string> = {}, who = person) => {
    const browser = new Browser();
    return { browser, first: await loggedInAt(client, browser, who, parameters) };
  };

  for (const [what, parameters] of [
    ['prompt=login', { prompt: 'login' }],
    ['max_age=0', { max_age: '0' }],
  ] as const) {
    it(`is asked for anew with ${what}, within the same second too`, async () => {
      const { browser } = await inBrowser();
      const again = await loggedInAt(client, browser, person, parameters);
      assert.equal(again.wasAsked, true);
      assert.equal((await loggedInAt(client, browser, person)).wasAsked, false);
    });
  }

  it('is asked for anew when it is older than max_age, and not when it is younger', async () => {
    const { browser, first } = await inBrowser();
    assert.equal((await loggedInAt(client, browser, person, { max_age: '600' })).wasAsked, false);
    await world.database.db.raw(
      "update login_session set authenticated_at = authenticated_at - interval '1 hour' where party = ?",
      [person.id],
    );
    await world.database.db.raw(
      "update oidc_state set payload = payload || jsonb_build_object('loginTs', (payload ->> 'loginTs')::int - 3600) where model = 'Session' and payload ->> 'accountId' = ?",
      [person.id],
    );
    await browser.forget('eid');
    const again = await loggedInAt(client, browser, person, { max_age: '600' });
    assert.deepEqual([again.wasAsked, again.id.auth_time >= first.id.auth_time], [true, true]);
  });

  it('passes prompt, max_age, level, languages and hint on to the eID', async () => {
    const browser = new Browser();
    const { query } = authorization(client, {
      prompt: 'login',
      max_age: '60',
      acr_values: HIGH,
      ui_locales: 'nn en',
      login_hint: 'no-one',
    });
    await browser.open(`${world.url}/authorize?${query}`, (url) => atEid(url));
    const asked = browser.page.url.searchParams;
    assert.deepEqual(
      ['prompt', 'max_age', 'acr_values', 'ui_locales', 'login_hint'].map((name) =>
        asked.get(name),
      ),
      ['login', '60', HIGH, 'nn en', 'no-one'],
    );
  });

  it('says when the eID saw the person, not when they came to us', async () => {
    const { browser, first } = await inBrowser();
    await browser.forget('session');
    await browser.forget('oidc');
    await new Promise((later) => setTimeout(later, 1_100));
    const again = await loggedInAt(client, browser, person);
    assert.deepEqual([again.wasAsked, again.id.auth_time], [false, first.id.auth_time]);
  });

  it('is login_required with prompt=none without one, and after a logout', async () => {
    const { browser } = await inBrowser();
    const silent = () => authorize(browser, client, person, { prompt: 'none' });
    assert.ok((await silent()).url.searchParams.get('code'));
    await browser.open(`${world.url}/logout`);
    await browser.submit({});
    const { url, wasAsked } = await silent();
    assert.deepEqual([url.searchParams.get('error'), wasAsked], ['login_required', false]);
  });

  it('never answers for somebody else than id_token_hint names', async () => {
    const { first } = await inBrowser();
    const hint = { id_token_hint: first.id_token };
    const stranger = (await inBrowser({}, other)).browser;
    const refused = await authorize(stranger, client, other, hint);
    assert.deepEqual(
      [
        refused.wasAsked,
        refused.url.searchParams.get('error'),
        refused.url.searchParams.get('code'),
      ],
      [true, 'login_required', null],
    );
    const silent = await authorize(stranger, client, other, { ...hint, prompt: 'none' });
    assert.equal(silent.url.searchParams.get('error'), 'login_required');
    const right = await loggedInAt(client, stranger, person, hint);
    assert.equal(right.id.sub, first.id.sub);
    const claims = JSON.stringify({ id_token: { sub: { value: first.id.sub } } });
    const byClaim = await authorize(new Browser(), client, other, { claims });
    assert.equal(byClaim.url.searchParams.get('error'), 'login_required');
  });

  it('is at an essential level, or refused (claims parameter)', async () => {
    const essential = (...values: string[]) => ({
      claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }),
    });
    const { browser, first } = await inBrowser();
    assert.notEqual(first.id.acr, HIGH);
    assert.equal((await loggedInAt(client, browser, person, essential(HIGH))).id.acr, HIGH);
    const { url } = await authorize(browser, client, person, essential('urn:example:gold'));
    assert.equal(url.searchParams.get('error'), 'unmet_authentication_requirements');
  });

  for (const [what, act, title, error] of [
    [
      'who cancels',
      (browser: Browser) => browser.submit({ cancel: '1' }),
      /ikke logget inn/,
      'access_denied',
    ],
    [
      'whom no register has',
      (browser: Browser) => browser.logIn({ number: '14838412027' }),
      /finner deg ikke/,
      'access_denied',
    ],
  ] as const) {
    it(`leads a person ${what} back to the client by one button`, async () => {
      const browser = new Browser();
      const { query } = authorization(client);
      await browser.open(`${world.url}/authorize?${query}`);
      await act(browser);
      assert.match(heading(browser.page), title);
      const links = browser.page.html.match(/<a class="ds-button"[^>]*href="([^"]*)"/g)!;
      assert.equal(links.length, 1);
      const [, leave] = /href="([^"]*)"/.exec(links[0]!)!;
      await browser.open(leave!.replaceAll('&#x3D;', '='), atClient);
      const told = browser.page.url.searchParams;
      assert.deepEqual([told.get('error'), told.get('state')], [error, 'as it was']);
      assert.match(told.get('error_description')!, /^[\x20-\x7e]+$/);
    });
  }

  describe('in an id_token', () => {
    it('says how, when and in which session, once, for two minutes', async () => {
      const { first } = await inBrowser({ acr_values: HIGH });
      const { acr, amr, auth_time: at, sid, jti, nonce, exp, iat } = first.id;
      assert.deepEqual([acr, amr, nonce, exp - iat], [HIGH, ['stand-in'], 'n-1', 120]);
      assert.ok(Math.abs(at - Date.now() / 1000) < 10 && sid && jti);
      const { first: second } = await inBrowser();
      assert.notEqual(second.id.sid, sid);
      assert.notEqual(second.id.jti, jti);
    });

    it('has name only by profile, which the client registered, and never a number unbidden', async () => {
      const named = await newWebClient({ scope: 'openid profile' });
      const browser = new Browser();
      const told = await loggedInAt(named, browser, person, { scope: 'openid profile' });
      assert.deepEqual([told.id.name, told.scope], [person.name, 'openid profile']);
      assert.equal(
        (await loggedInAt(named, browser, person, { scope: 'openid' })).id.name,
        undefined,
      );
      const claims = JSON.stringify({ id_token: { name: null, pid: null } });
      const byClaim = await loggedInAt(named, browser, person, { scope: 'openid', claims });
      assert.equal(byClaim.id.name, person.name);
      const unregistered = await loggedInAt(client, browser, person, {
        scope: `openid profile ${client.scope}`,
        claims,
      });
      assert.equal(unregistered.id.name, undefined);
      assert.equal(unregistered.scope, `openid ${client.scope}`);
      for (const one of [told, byClaim, unregistered])
        assert.ok(!JSON.stringify([one.id, one.access]).includes(person.number));
    });

    it('has the number where a law says so, and the person sees each time', async () => {
      const lawful = await newWebClient({ 'x-pid-legal-basis': 'Skatteforvaltningsloven § 7-2' });
      const somebody = await newPerson('Opplyst Person');
      const { id, access, access_token: token } = await loggedInAt(lawful, new Browser(), somebody);
      assert.equal(id.pid, somebody.number);
      assert.ok(!JSON.stringify(access).includes(somebody.number));
      const told = await call('GET', '/userinfo', token);
      assert.equal(told.body.pid, somebody.number);
      const log = await call(
        'GET',
        '/access/v1/log/events?type=disclosed',
        await personToken(somebody),
      );
      assert.equal(log.status, 200, log.text);
      assert.deepEqual(
        log.body.data.map((event: { type: string }) => event.type),
        ['disclosed', 'disclosed'],
      );
      assert.ok(!log.text.includes(somebody.number));
    });
  });

  describe('at userinfo', () => {
    it('tells GET and POST the same subject as the id_token', async () => {
      const { first } = await inBrowser();
      for (const method of ['GET', 'POST']) {
        const told = await call(method, '/userinfo', first.access_token);
        assert.deepEqual([told.status, told.body], [200, { sub: first.id.sub }], method);
      }
    });

    it('may be asked by any script, and read by one at an address of a public client alone', async () => {
      const own = 'http://127.0.0.1:9';
      const open = { token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] };
      const spa = await newWebClient(open);
      const authorized = await authorize(new Browser(), spa, person);
      const token = (await redeem(spa, authorized, { client_id: spa.id })).body.access_token;
      const theirs = (await inBrowser()).first.access_token;
      const asked = (method: string, origin: string, headers: object = {}) =>
        fetch(`${world.url}/userinfo`, { method, headers: { origin, ...headers } });
      const readable = ({ headers }: Response) => headers.get('access-control-allow-origin');
      const before = await asked('OPTIONS', 'https://anywhere.example');
      assert.equal(before.status, 204);
      assert.equal(readable(before), 'https://anywhere.example');
      assert.equal(before.headers.get('access-control-allow-headers'), 'authorization, dpop');
      const cases: [token: string, origin: string, readable: string | null][] = [
        [token, own, own],
        [token, `${own}9`, null],
        [token, 'null', null],
        [theirs, own, null],
      ];
      for (const [bearer, origin, expected] of cases) {
        const answer = await asked('GET', origin, { authorization: `Bearer ${bearer}` });
        assert.deepEqual([answer.status, readable(answer)], [200, expected], origin);
      }
    });

    it('is closed without a token, to an outside one, one without openid, and one revoked', async () => {
      const { first } = await inBrowser();
      assert.equal((await call('GET', '/userinfo')).status, 401);
      const outside = await personToken(person, { scope: 'altinn:portal/enduser openid' });
      assert.equal((await call('GET', '/userinfo', outside)).status, 403);
      const bare = await loggedInAt(client, new Browser(), person, { scope: client.scope }).catch(
        (error: Error) => error,
      );
      assert.ok(bare instanceof Error);
      const without = await authorize(new Browser(), client, person, {
        scope: client.scope,
        nonce: '',
      });
      const { body } = await redeem(client, without);
      if (body.access_token) {
        assert.equal((await call('GET', '/userinfo', body.access_token)).status, 403);
      }
      await post('/revoke', { ...(await clientAuth(client)), token: first.access_token });
      assert.equal((await call('GET', '/userinfo', first.access_token)).status, 401);
    });
  });

  describe('goes back', () => {
    it('by form_post as a page with a button and no script', async () => {
      const browser = new Browser();
      const { query } = authorization(client, { response_mode: 'form_post' });
      await browser.open(`${world.url}/authorize?${query}`);
      await browser.logIn(person);
      const { html, headers } = browser.page;
      assert.match(html, new RegExp(`<form method="post" action="${REDIRECT}"`));
      assert.match(html, /name="code"/);
      assert.ok(!/<script/i.test(html));
      assert.match(
        headers.get('content-security-policy')!,
        /form-action 'self' http:\/\/127\.0\.0\.1:9$/,
      );
    });

    it('by no other mode, which is told to the client', async () => {
      for (const mode of ['fragment', 'web_message', 'nonsense']) {
        const { url } = await authorize(new Browser(), client, person, { response_mode: mode });
        const told = `${url.search}${url.hash}`;
        assert.match(told, /error=(invalid_request|unsupported_response_mode)/, mode);
        assert.ok(!told.includes('code='));
      }
    });

    it('from a POST to /authorize as from a GET', async () => {
      const { query } = authorization(client, { prompt: 'none' });
      const posted = async (body: URLSearchParams) =>
        (
          await fetch(`${world.url}/authorize`, { method: 'POST', body, redirect: 'manual' })
        ).headers.get('location')!;
      const browser = new Browser();
      await browser.open(await posted(query), atClient);
      assert.equal(browser.page.url.searchParams.get('error'), 'login_required');
      query.set('id_token_hint', (await inBrowser()).first.id_token);
      query.set('login_hint', person.number);
      const led = await posted(query);
      assert.ok(![person.number, 'eyJhbGci'].some((word) => led.includes(word)));
      await browser.open(`${world.url}${led}`, atClient);
      assert.equal(browser.page.url.searchParams.get('error'), 'login_required');
      const other = await call('GET', '/authorize?posted=x', undefined, undefined, {
        accept: 'text/html',
      });
      assert.equal(other.status, 400);
    });
  });

  describe('with scopes', () => {
    it("is refused one that is somebody's but not the client's, before anybody logs in", async () => {
      const scope = 'openid testskatt:inntekt';
      const { url, wasAsked } = await authorize(new Browser(), client, person, { scope });
      assert.deepEqual([url.searchParams.get('error'), wasAsked], ['invalid_scope', false]);
      const { query } = authorization(client, { scope });
      const pushed = await post('/par', {
        ...(await clientAuth(client)),
        ...Object.fromEntries(query),
      });
      assert.equal(pushed.body.error, 'invalid_scope');
    });

    it('leaves out email, phone, address and what nobody has', async () => {
      const told = await loggedInAt(client, new Browser(), person, {
        scope: `openid email phone address whatever ${client.scope}`,
      });
      assert.equal(told.scope, `openid ${client.scope}`);
      const line = world.logs.findLast((one) => one.includes('a scope is left out'))!;
      assert.ok(line.includes(client.id) && /email|phone|address|whatever/.test(line), line);
    });
  });

  it('has a grant of its own each time: revoking one refresh token leaves the other', async () => {
    const browser = new Browser();
    const one = await loggedInAt(client, browser, person);
    const two = await loggedInAt(client, browser, person);
    await post('/revoke', { ...(await clientAuth(client)), token: one.refresh_token });
    const refresh = async (token: string) =>
      post('/token', {
        ...(await clientAuth(client)),
        grant_type: 'refresh_token',
        refresh_token: token,
      });
    assert.equal((await refresh(one.refresh_token)).status, 400);
    const again = await refresh(two.refresh_token);
    assert.equal(again.status, 200, again.text);
    const id = payloadOf(again.body.id_token);
    assert.deepEqual([id.auth_time, id.acr, id.sid], [two.id.auth_time, two.id.acr, two.id.sid]);
  });
});

describe('client authentication', () => {
  it('takes client_secret_post from a client that registered it, and from no other', async () => {
    const secret = 'a secret of sixteen and more';
    const posting = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: secret,
    });
    const authorized = await authorize(new Browser(), posting, await newPerson());
    const answer = await redeem(posting, authorized, {
      client_id: posting.id,
      client_secret: secret,
    });
    assert.equal(answer.status, 200, answer.text);
    const byKey = await newWebClient();
    const refused = await post('/token', {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: REDIRECT,
      client_id: byKey.id,
      client_secret: secret,
    });
    assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
  });

  it('says which rule a refused assertion broke, where that helps nobody else', async () => {
    const client = await newWebClient();
    const now = Math.floor(Date.now() / 1000);
    const refusal = async (claims: object) => {
      const answer = await post('/token', {
        ...(await clientAuth(client, claims as never)),
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: REDIRECT,
      });
      assert.deepEqual([answer.status, answer.body.error], [401, 'invalid_client']);
      return answer.body.error_description as string;
    };
    assert.match(await refusal({ exp: now - 60 }), /expired/);
    assert.match(await refusal({ exp: now + 3_700 }), /at most an hour/);
    assert.match(
      await refusal({ aud: 'https://other.example' }),
      /aud .* must be the issuer alone/,
    );
    const metrics = await world.metrics.registry.metrics();
    for (const rule of ['expired', 'too_long', 'audience'])
      assert.match(metrics, new RegExp(`tillit_client_refusals_total\\{rule="${rule}"\\} \\d`));
  });

  it('takes an assertion once, whether as grant or to authenticate', async () => {
    const client = await newWebClient({
      grant_types: ['urn:ietf:params:oauth:grant-type:jwt-bearer', 'client_credentials'],
      redirect_uris: undefined,
      response_types: undefined,
    });
    const { client_assertion: assertion } = await clientAuth(client, {
      scope: client.scope,
    } as never);
    const asGrant = () =>
      post('/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion!,
      });
    const asClient = () =>
      post('/token', {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion!,
      });
    const [first, second] = [await asClient(), await asGrant()];
    assert.equal(first.status, 200, first.text);
    assert.match(second.body.error_description, /MP-012/);
  });
});

describe('keys at an address', () => {
  it('are fetched from loopback outside production, kept when they are gone, and refused elsewhere', async () => {
    const { createServer } = await import('node:http');
    const source = await newWebClient();
    const { rows } = await world.database.db.raw(
      "select metadata -> 'jwks' as jwks from oauth_client where client_id = ?",
      [source.id],
    );
    let answers = 0;
    const server = createServer((_request, response) => {
      answers += 1;
      response.end(JSON.stringify(rows[0].jwks));
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as { port: number };
    const client = await newWebClient({
      jwks: undefined,
      jwks_uri: `http://127.0.0.1:${port}/jwks`,
    });
    const person = await newPerson();
    const first = await loggedInAt(client, new Browser(), person);
    assert.ok(first.id_token);
    server.close();
    server.closeAllConnections();
    assert.ok((await loggedInAt(client, new Browser(), person)).id_token);
    assert.equal(answers, 1);
    await assert.rejects(
      importThis({
        clients: [
          { client_id: 'private', 'x-org': client.owner.number, jwks_uri: 'http://10.0.0.1/jwks' },
        ],
      }),
      /jwks_uri must be https/,
    );
  });
});
