// What a hostile reader found, each kept shut: other names for us, numbers that were not ours to
// tell, bad neighbours, characters that databases choke on, protections that were asked for.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Browser, loggedIn } from '../support/pages/browser.ts';
import {
  assertion,
  clientAuth,
  CONSENT,
  exchange,
  JWT_BEARER,
  newClient,
  newOwnedClient,
  payloadOf,
  post,
} from '../support/oauth/clients.ts';
import {
  API,
  approve,
  approvedConsent,
  ask,
  call,
  importThis,
  incomeRight,
  inDays,
  lookUp,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  outsideToken,
  personToken,
  READ,
  requestBody,
  REQUESTS,
  world,
  WRITE,
} from '../support/world.ts';

/** A request whose Host is not ours, which fetch would not send. */
const asHost = (
  host: string,
  path: string,
  form?: string,
): Promise<{ status: number; text: string }> =>
  new Promise((done, failed) => {
    const { port } = new URL(world.url);
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        path,
        method: form === undefined ? 'GET' : 'POST',
        headers: {
          host,
          'x-forwarded-host': host,
          accept: 'text/html, application/json',
          ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => done({ status: answer.statusCode!, text }));
      },
    );
    sent.on('error', failed);
    sent.end(form);
  });

describe('a hostile caller', () => {
  it('gets nothing as a client without authentication: no token, no consent, no look into tokens', async () => {
    const { id, to, from } = await approvedConsent();
    const client = await newClient(to, { grant_types: [JWT_BEARER] });
    // As a registration of before this was refused stands in the database.
    await world.database.db.raw(
      `update oauth_client set metadata = metadata || '{"token_endpoint_auth_method":"none","grant_types":["client_credentials","${JWT_BEARER}"]}' where client_id = ?`,
      [client.id],
    );
    await new Promise((done) => {
      setTimeout(done, 1_100);
    });
    const details = JSON.stringify([{ type: CONSENT, id, from: from.urn }]);
    const asked: Record<string, string>[] = [
      { scope: client.scope },
      { scope: client.scope, authorization_details: details },
    ];
    for (const form of asked) {
      const answer = await post('/token', {
        client_id: client.id,
        grant_type: 'client_credentials',
        ...form,
      });
      assert.deepEqual(
        [answer.status, answer.body.access_token],
        [answer.body.error === 'invalid_client' ? 401 : 400, undefined],
        answer.text,
      );
    }
    const { body } = await exchange(client, {
      authorization_details: [{ type: CONSENT, id, from: from.urn }],
    });
    assert.ok(body.access_token, 'the assertion is its authentication');
    const looked = await post('/introspect', { client_id: client.id, token: body.access_token });
    assert.notEqual(looked.body.active, true);
  });

  it('finds no half of a number in the log when a body is broken', async () => {
    const before = world.logs.length;
    const token = await organizationToken(await newOrganization(), WRITE);
    for (const body of [
      '{"a":[x, "01810112345"]}',
      '{"from":"01810112345"x}',
      '["01810112345", y]',
    ]) {
      assert.equal((await call('POST', REQUESTS, token, body)).body.code, 'TIL-00001');
    }
    assert.deepEqual(
      world.logs.slice(before).filter((line) => /0181|12345/.test(line)),
      [],
    );
  });

  it('cannot give us another name, for discovery or for the audience of an assertion', async () => {
    assert.ok(
      !(await asHost('evil.example', '/.well-known/openid-configuration')).text.includes(
        'evil.example',
      ),
    );
    const client = await newOwnedClient();
    const form = {
      ...(await clientAuth(client, { aud: 'http://evil.example/token' })),
      grant_type: 'client_credentials',
      scope: client.scope,
    };
    assert.equal(
      (await asHost('evil.example', '/token', new URLSearchParams(form).toString())).status,
      401,
    );
    for (const host of ['[', 'a b', 'x:99999999'])
      assert.ok((await asHost(host, '/logged-out')).status < 500, host);
  });

  it('does not learn a number by asking, neither with a UUID nor through a login', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const token = await organizationToken(to, `${WRITE} ${READ}`);
    const asked = await call(
      'POST',
      REQUESTS,
      token,
      requestBody(person, to, {
        from: `urn:altinn:party:uuid:${person.id}`,
        requiredDelegator: `urn:altinn:party:uuid:${person.id}`,
      }),
    );
    assert.equal(asked.status, 201);
    assert.ok(!asked.text.includes(person.number));
    await approve(asked.body.id, person);
    assert.equal((await call('GET', `${REQUESTS}/${asked.body.id}`, token)).body.from, person.urn);

    const redirect = 'http://127.0.0.1:9/callback';
    const client = await newClient(to, {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [redirect],
      application_type: 'native',
    });
    const id = randomUUID();
    const pushed = await post('/par', {
      ...(await clientAuth(client)),
      response_type: 'code',
      redirect_uri: redirect,
      scope: 'openid',
      code_challenge_method: 'S256',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      authorization_details: JSON.stringify([
        { type: CONSENT, id, validTo: inDays(3), consentRights: [incomeRight()] },
      ]),
    });
    const browser = new Browser();
    await browser.open(
      `/authorize?${new URLSearchParams({ client_id: client.id, request_uri: pushed.body.request_uri })}`,
    );
    await browser.logIn(person);
    const before = await call('GET', `${REQUESTS}/${id}`, token);
    assert.deepEqual([before.status, before.body.status, before.body.from], [200, 'Created', null]);
    assert.ok(!before.text.includes(person.number) && !before.text.includes(person.id));
  });

  it("cannot make a neighbour's token request fail", async () => {
    const client = await newOwnedClient();
    const send = async (claims: object) =>
      post('/token', {
        grant_type: JWT_BEARER,
        assertion: await assertion(client, claims as never),
      });
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => send(index % 4 ? {} : { jti: `x\u0000${index}` })),
    );
    answers.forEach((answer, index) => {
      if (index % 4) assert.equal(answer.status, 200, answer.text);
    });
    assert.ok(answers.every((answer) => answer.status < 500));
  });

  it('gets no consent by looking up with a person as receiver', async () => {
    const { id, from } = await approvedConsent();
    assert.equal((await lookUp(id, from, await newPerson())).status, 404);
  });

  it('sees in lists only what may be read one by one', async () => {
    const [ward, guardian, to] = [await newPerson(), await newPerson(), await newOrganization()];
    await newRole('verge:skatteetaten-skatt', ward, guardian);
    const own = {
      consentRights: [
        { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'skattekrav' }] },
      ],
    };
    const hidden = await ask(ward, to, own);
    await approve(hidden, ward);
    const shared = await ask(ward, to);
    await approve(shared, ward);
    const forWard = await ask(ward, to, { requiredDelegator: ward.urn, portalViewMode: 'Show' });
    const linkOnly = await ask(ward, to);
    const log = async (who: { id: string }) =>
      (await call('GET', `${API}/consent/log/${ward.id}`, await personToken(who))).body.map(
        (consent: { id: string }) => consent.id,
      );
    assert.deepEqual(await log(guardian), [shared]);
    assert.deepEqual(new Set(await log(ward)), new Set([hidden, shared, forWard]));
    assert.ok(!(await log(ward)).includes(linkOnly));
    assert.equal(
      (await call('GET', `${API}/consent/count/${ward.id}`, await personToken(guardian))).body,
      0,
    );
    const browser = await loggedIn(guardian, `/consents?party=${ward.id}`);
    assert.ok(browser.page.html.includes(shared) && !browser.page.html.includes(hidden));
    assert.ok(
      !(await browser.open(`/consents?party=${ward.id}&show=events`)).html.includes(hidden),
    );
  });

  it('gets 4xx, never 5xx, for NUL and lone surrogates anywhere', async () => {
    const [person, to] = [await newPerson(), await newOrganization()];
    const client = await newOwnedClient();
    const answers = [
      await post('/token', {
        grant_type: JWT_BEARER,
        assertion: await assertion({ ...client, id: 'a\u0000b' }),
      }),
      await exchange(client, { resource: 'https://a/\u0000' }),
      await exchange(client, { scope: 'a\u0000' }),
      await post('/token', { grant_type: 'client_credentials', client_id: 'a\u0000' }),
      await post('/introspect', { client_id: 'a\u0000', token: 'x' }),
      await post('/par', {
        ...(await clientAuth(client)),
        resource: 'https://x\u0000',
        response_type: 'code',
      }),
      await call('GET', '/authorize?client_id=a%00&response_type=code'),
      await call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE),
        requestBody(person, to, { requestMessage: { nb: '\ud800' } }),
      ),
      await call(
        'POST',
        REQUESTS,
        await organizationToken(to, WRITE),
        requestBody(person, to, { redirectUrl: 'https://bank.example/\u2603' }),
      ),
      await call(
        'GET',
        `${API}/maskinporten/delegations?scope=%00`,
        await outsideToken({ scope: 'altinn:maskinporten/delegations.admin' }),
      ),
    ];
    answers.forEach((answer, index) =>
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `${index}: ${answer.status} ${answer.text.slice(0, 200)}`,
      ),
    );
  });

  it('is not served without a protection that its client demands', async () => {
    for (const demand of [
      { id_token_encrypted_response_alg: 'RSA-OAEP' },
      { dpop_bound_access_tokens: 'yes' },
      { require_signed_request_object: true },
    ]) {
      assert.equal(
        (await exchange(await newOwnedClient(demand))).body.error,
        'unauthorized_client',
        JSON.stringify(demand),
      );
      const client = await newOwnedClient(demand);
      const answer = await post('/token', {
        ...(await clientAuth(client)),
        grant_type: 'client_credentials',
        scope: client.scope,
      });
      assert.equal(answer.body.error, 'unauthorized_client', answer.text);
    }
  });

  it('finds the jwt-bearer grant however it is encoded or addressed', async () => {
    const client = await newOwnedClient();
    const body = async () =>
      `grant_type=${JWT_BEARER.replaceAll(':', '%3a')}&assertion=${await assertion(client)}`;
    for (const path of ['/token', '/token/', '/token?x=1']) {
      const answer = await fetch(world.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: await body(),
      });
      assert.equal(answer.status, 200, path);
    }
    const large = await fetch(`${world.url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'x'.repeat(60_000),
    }).catch(() => undefined);
    assert.ok(!large || large.status === 413);
  });

  it('cannot import what the API would refuse', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const consent = (changes: object) =>
      importThis({
        consentRequests: [
          {
            id: randomUUID(),
            from: from.number,
            to: to.number,
            state: 'requested',
            validTo: inDays(3),
            rights: [{ resource: 'inntekt', metadata: { inntektsaar: '2025' } }],
            ...changes,
          },
        ],
      });
    await assert.rejects(consent({ redirectUrl: 'javascript:alert(1)' }), /redirectUrl/);
    await assert.rejects(consent({ requestMessage: { nb: 'a\u202eb' } }), /invisible/);
    await assert.rejects(
      consent({ rights: [{ resource: 'inntekt', metadata: { foo: 'x' } }] }),
      /no metadata/,
    );
  });

  it('is told how to authenticate with every 401 and 403', async () => {
    const id = await ask(await newPerson(), await newOrganization());
    const answer = await call(
      'GET',
      `${REQUESTS}/${id}`,
      await organizationToken(await newOrganization(), READ),
    );
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate')!, /^Bearer/);
  });

  it('cannot use a token that is for another audience, an id_token, or a signed answer', async () => {
    const { from } = await approvedConsent();
    const path = `${API}/consent/log/${from.id}`;
    assert.equal(
      (await call('GET', path, await personToken(from, { aud: 'https://someone-else.example' })))
        .status,
      401,
    );
    assert.equal(
      (await call('GET', path, await personToken(from, { aud: world.url }))).status,
      200,
    );
    const client = await newOwnedClient();
    const { body } = await exchange(client, { resource: 'https://api.example.no' });
    assert.equal(payloadOf(body.access_token).aud, 'https://api.example.no');
    assert.equal((await call('GET', `${REQUESTS}/events`, body.access_token)).status, 401);
  });

  it('gets no link to another host out of an address, and no 500 out of a language', async () => {
    const page = await asHost('x', '//evil.example/x');
    assert.ok(!/href="\/\/evil/.test(page.text));
    const person = await newPerson();
    const browser = await loggedIn(
      person,
      `/consent/request?id=${await ask(person, await newOrganization())}`,
    );
    const answered = await browser.submit({ answer: 'yes', lang: 'xx' });
    assert.equal(answered.status, 400);
    assert.match(answered.html, /TIL-00014/);
  });

  it('gets a page, not a failure, for a code that the eID does not take', async () => {
    const browser = new Browser();
    await browser.open('/consents');
    const state = new URL(
      (await browser.open(`${world.url}/consents`, (url) => url.searchParams.has('state'))).url,
    ).searchParams.get('state');
    const page = await browser.open(
      `${world.url}/login/callback?state=${state}&code=nonsense&iss=${encodeURIComponent(world.env.eid.issuer)}`,
    );
    assert.equal(page.status, 403);
    assert.match(page.html, /Prøv igjen/);
  });

  it('cannot have the answer of the code flow in another mode than query and form_post', async () => {
    const client = await newOwnedClient({
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1:9/'],
      application_type: 'native',
    });
    const parameters = {
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:9/',
      scope: 'openid',
      response_mode: 'fragment',
      code_challenge_method: 'S256',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    };
    assert.equal(
      (await post('/par', { ...(await clientAuth(client)), ...parameters })).body.error,
      'invalid_request',
    );
    const query = new URLSearchParams({ ...parameters, client_id: client.id });
    const back = (await call('GET', `/authorize?${query}`)).headers.get('location')!;
    assert.match(back, /^http:\/\/127\.0\.0\.1:9\/#error=invalid_request/);
    assert.deepEqual(
      (await call('GET', '/.well-known/openid-configuration')).body.response_modes_supported,
      ['query', 'form_post'],
    );
  });
});
