// Where a token, a logout or an introspection is almost right: each is refused, or told as nothing.
import { endLogins, endParty } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { Browser, heading, loggedIn } from '../../support/pages/browser.ts';
import {
  clientAuth,
  CONSENT,
  exchange,
  newClient,
  newOwnedClient,
  newWebClient,
  post,
} from '../../support/oauth/clients.ts';
import { authorize, authorization, loggedInAt } from '../../support/oauth/relying_party.ts';
import {
  approvedConsent,
  call,
  importThis,
  inDays,
  newOrganization,
  newPerson,
  outsideToken,
  personToken,
  world,
  type TestParty,
} from '../../support/world.ts';

const NOTICES = '/access/v1/notices';

const named = ({ id, number, name }: TestParty) => ({ id, number, name });

describe('userinfo', () => {
  it('is told to the holder of a token of a login only', async () => {
    const person = await newPerson();
    const outside = await personToken(person, { scope: 'openid' });
    // No outside issuer's scope opens it.
    const answer = await call('GET', '/userinfo', outside);
    assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00006']);
    assert.equal((await call('POST', '/userinfo', 'a.b.c')).status, 401);
  });

  it('is of nobody who has died since', async () => {
    const [client, person] = [await newWebClient(), await newPerson()];
    const { access_token: token } = await loggedInAt(client, new Browser(), person, {});
    assert.equal((await call('GET', '/userinfo', token)).status, 200);
    await importThis({
      parties: [{ kind: 'person', ...named(person), endedAt: inDays(-1) }],
    });
    assert.equal((await call('GET', '/userinfo', token)).status, 401);
  });
});

describe('the addresses of the protocol', () => {
  it('say which methods they have', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/authorize', 'GET, HEAD, OPTIONS, POST'],
      ['GET', '/token', 'POST, OPTIONS'],
      ['PATCH', '/par', 'POST, OPTIONS'],
      ['POST', '/jwks', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const answer = await call(method, path);
      assert.deepEqual([answer.status, answer.body.code], [405, 'TIL-00010'], path);
      assert.equal(answer.headers.get('allow'), allow);
    }
  });
});

describe('a token that is almost one', () => {
  it('is refused: an id_token, one without the scope, one of a person who has gone', async () => {
    const person = await newPerson();
    const client = await newWebClient();
    const told = await loggedInAt(client, new Browser(), person);
    assert.equal((await call('GET', NOTICES, told.id_token)).status, 401);
    assert.equal((await call('GET', NOTICES, told.access_token)).status, 403);
    await endParty(person);
    assert.equal((await call('GET', '/userinfo', told.access_token)).status, 401);
  });

  it('is told as nothing by introspection: an id_token, one of a client or grant that has gone', async () => {
    const asker = await newOwnedClient({ grant_types: ['client_credentials'] });
    const introspect = async (token: string) =>
      (await post('/introspect', { ...(await clientAuth(asker)), token })).body;
    const client = await newWebClient();
    const told = await loggedInAt(client, new Browser(), await newPerson());
    assert.deepEqual(await introspect(told.id_token), { active: false });
    assert.deepEqual(await introspect(told.access_token), { active: false });
    const own = await newClient(asker.owner, {
      grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    });
    const { body } = await exchange(own);
    const active = await introspect(body.access_token);
    assert.deepEqual([active.active, active.token_type], [true, 'Bearer']);
    await world.database.db.raw('delete from oauth_client where client_id = ?', [own.id]);
    await new Promise((later) => setTimeout(later, 1_100));
    assert.deepEqual(await introspect(body.access_token), { active: false });
  });

  it('of an outside issuer speaks for whom its issuer may', async () => {
    const person = await newPerson();
    const claims = { 'urn:altinn:party:uuid': person.id, 'urn:altinn:authlevel': 4 };
    const ask = async (more: object) =>
      (await call('GET', NOTICES, await outsideToken({ ...claims, ...more }))).status;
    assert.equal(await ask({ scope: 'altinn:portal/enduser' }), 200);
    assert.equal(await ask({ scope: ['altinn:portal/enduser'] }), 403);
    assert.equal(
      await ask({ scope: 'altinn:portal/enduser', 'urn:altinn:party:uuid': undefined }),
      401,
    );
    assert.equal(
      await ask({
        scope: 'altinn:portal/enduser',
        'urn:altinn:party:uuid': undefined,
        pid: person.number,
      }),
      200,
    );
    assert.equal(
      await ask({
        scope: 'altinn:portal/enduser',
        'urn:altinn:party:uuid': undefined,
        'urn:altinn:userid': 'x',
      }),
      401,
    );
    assert.equal(await ask({ scope: 'altinn:portal/enduser', 'urn:altinn:authlevel': 0 }), 401);
    assert.equal(
      await ask({
        scope: 'altinn:portal/enduser',
        'urn:altinn:authlevel': undefined,
        acr: 'Level3',
      }),
      200,
    );
  });
});

describe('a client assertion', () => {
  it('has no typ, or that of one', async () => {
    const client = await newWebClient();
    const ask = async (typ: string | undefined) => {
      const { client_assertion: made, ...rest } = await clientAuth(client);
      const [, payload] = made!.split('.');
      const { SignJWT } = await import('jose');
      const header = { alg: 'RS256', kid: 'k1', ...(typ === undefined ? {} : { typ }) };
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
      const assertion = await new SignJWT(claims).setProtectedHeader(header).sign(client.key);
      const { query } = authorization(client);
      return post('/par', { ...rest, client_assertion: assertion, ...Object.fromEntries(query) });
    };
    for (const typ of [undefined, 'JWT', 'jwt', 'client-authentication+jwt'])
      assert.equal((await ask(typ)).status, 201, String(typ));
    const refused = await ask('at+jwt');
    assert.deepEqual(
      [refused.status, refused.body.error_description],
      [401, 'the typ of the client assertion must be JWT, or absent'],
    );
  });
});

describe('client_credentials with authorization_details', () => {
  it('are refused without id and giver, of a client without an owner, and for those who log in', async () => {
    const { id, from, to } = await approvedConsent();
    const client = await newClient(to, {
      authorization_details_types: [CONSENT, 'idporten:fullmakt'],
    });
    const ask = async (detail: object) =>
      post('/token', {
        ...(await clientAuth(client)),
        grant_type: 'client_credentials',
        authorization_details: JSON.stringify([detail]),
      });
    assert.equal((await ask({ type: CONSENT, id })).body.error, 'invalid_authorization_details');
    assert.equal(
      (await ask({ type: 'idporten:fullmakt' })).body.error,
      'invalid_authorization_details',
    );
    assert.equal((await ask({ type: CONSENT, id, from: from.urn })).status, 200);
    await world.database.db.raw('update oauth_client set owner = null where client_id = ?', [
      client.id,
    ]);
    await new Promise((later) => setTimeout(later, 1_100));
    const { body } = await ask({ type: CONSENT, id, from: from.urn });
    assert.match(body.error, /unauthorized_client|invalid_authorization_details/);
  });

  it('are refused for a resource that nobody has registered', async () => {
    const client = await newWebClient();
    const { url } = await authorize(new Browser(), client, await newPerson(), {
      resource: 'https://nowhere.example',
    });
    assert.equal(url.searchParams.get('error'), 'invalid_target');
  });
});

describe('the pages of logins and logouts', () => {
  it('speak the language that a client asks for, and refuse what was not sealed here', async () => {
    const client = await newWebClient({ client_name: undefined });
    const browser = new Browser();
    const { id_token: hint } = await loggedInAt(client, browser, await newPerson());
    await browser.open(
      `${world.url}/logout?${new URLSearchParams({ id_token_hint: hint, ui_locales: 'en nb' })}`,
    );
    assert.match(heading(browser.page), /Log out/);
    assert.ok(browser.page.html.includes(client.id));
    await browser.open(`${world.url}/logout?request=abc`);
    assert.equal(browser.page.status, 400);
    await browser.open(`${world.url}/logged-out?state=nothing`);
    assert.equal(browser.page.status, 200);
    await browser.open(`${world.url}/interaction/none/leave`);
    assert.equal(browser.page.status, 400);
  });

  it('refuse a login that cannot be one, and go on when a session has run out meanwhile', async () => {
    const person = await newPerson();
    const browser = await loggedIn(person, '/sessions');
    await browser.submit({ session: 'x' });
    assert.equal(browser.page.status, 400);
    await browser.open('/logout');
    await endLogins(person);
    await browser.submit({}, (url) => url.href.startsWith(world.env.eid.issuer));
    assert.ok(browser.page.url.href.startsWith(world.env.eid.issuer));
  });

  it('of a client without a way back say so with a link to one’s own', async () => {
    const client = await newWebClient({ post_logout_redirect_uris: undefined });
    const browser = new Browser();
    await loggedInAt(client, browser, await newPerson());
    await browser.open(
      `${world.url}/logout?client_id=${client.id}&post_logout_redirect_uri=https://a.example/`,
    );
    assert.equal(browser.page.status, 400);
    await browser.open(`${world.url}/logout?client_id=${client.id}`);
    await browser.submit({});
    await browser.submit({ logout: 'yes' });
    assert.match(browser.page.html, /href="\/consents"/);
  });
});

describe('a registration without much', () => {
  it('is a client of the code flow with a secret', async () => {
    const owner = await newOrganization();
    const id = `bare-${owner.number}`;
    await importThis({
      clients: [
        {
          client_id: id,
          'x-org': owner.number,
          client_secret: 'sixteen or more characters',
          redirect_uris: ['https://a.example/'],
          scope: 7,
        },
      ],
    }).catch(() => undefined);
    await importThis({
      clients: [
        {
          client_id: id,
          'x-org': owner.number,
          client_secret: 'sixteen or more characters',
          redirect_uris: ['https://a.example/'],
        },
      ],
    });
    const basic = Buffer.from(`${id}:sixteen or more characters`).toString('base64');
    const answer = await post('/introspect', { token: 'x' }, { authorization: `Basic ${basic}` });
    assert.equal(answer.status, 200, answer.text);
    const wrong = Buffer.from(`${id}:sixteen or more characterz`).toString('base64');
    assert.equal(
      (await post('/introspect', { token: 'x' }, { authorization: `Basic ${wrong}` })).status,
      401,
    );
  });
});
