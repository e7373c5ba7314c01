// What somebody does who means ill: to people, to clients, and to whoever shares an address.
import { forgetLimits } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { createLimits } from '../../../server/platform/http/limits.ts';
import { Browser, loggedIn } from '../../support/pages/browser.ts';
import {
  clientAuth,
  CONSENT,
  exchange,
  newClient,
  newWebClient,
  post,
  REDIRECT,
} from '../../support/oauth/clients.ts';
import { personNumber } from '../../support/numbers.ts';
import {
  atClient,
  authorization,
  authorize,
  loggedInAt,
  redeem,
} from '../../support/oauth/relying_party.ts';
import {
  approve,
  ask,
  call,
  importThis,
  incomeRight,
  inDays,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  reject,
  requestBody,
  REQUESTS,
  world,
  WRITE,
} from '../../support/world.ts';

const HTML = { accept: 'text/html' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const count = async (sql: string, values: unknown[] = []): Promise<number> =>
  Number(
    (await world.database.db.raw(`select count(*) as n from ${sql}`, values as never)).rows[0].n,
  );
/** A request with a request line that fetch does not send. */
const raw = (target: string, headers: Record<string, string>, body = '', method = 'POST') =>
  new Promise<number>((done, failed) => {
    const { hostname, port } = new URL(world.url);
    const sent = request({ hostname, port, method, path: target, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode!));
    });
    sent.on('error', failed);
    sent.end(body);
  });

describe('an answer by form_post', () => {
  it('never goes where the client is not registered', async () => {
    const client = await newWebClient();
    for (const [id, address] of [
      [client.id, 'https://evil.example/steal'],
      ['nobody', 'https://evil.example/steal'],
      [client.id, 'javascript:alert(1)'],
    ] as const) {
      const { query } = authorization(client, { response_mode: 'form_post' });
      query.set('client_id', id);
      query.set('redirect_uri', address);
      const page = await call('GET', `/authorize?${query}`, undefined, undefined, HTML);
      assert.equal(page.status, 400);
      assert.ok(!page.text.includes('<form method="post" action'), page.text);
      const policy = page.headers.get('content-security-policy')!;
      assert.ok(!/evil|javascript/.test(policy), policy);
    }
    const none = '/authorize?client_id=nobody&response_mode=form_post';
    assert.equal((await call('GET', none, undefined, undefined, HTML)).status, 400);
  });

  it('is where the client hears of an error', async () => {
    const client = await newWebClient();
    const { query } = authorization(client, { response_mode: 'form_post', prompt: 'none' });
    const page = await call('GET', `/authorize?${query}`, undefined, undefined, HTML);
    assert.match(page.text, /name="error" value="login_required"/);
    assert.ok(page.text.includes(`action="${REDIRECT}"`));
  });
});

describe('a request for consent that a browser wrote', () => {
  const details = (number: string) =>
    JSON.stringify([
      {
        type: CONSENT,
        from: `urn:altinn:${number.length === 11 ? 'person' : 'organization'}:identifier-no:${number}`,
        validTo: inDays(30),
        consentRights: [incomeRight()],
      },
    ]);

  it('tells of nobody but whom its person may answer for, and asks nobody else', async () => {
    await forgetLimits();
    const bank = await newOrganization();
    const client = await newClient(bank, {
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: [REDIRECT],
      application_type: 'native',
      authorization_details_types: [CONSENT],
    });
    const [person, victim, company] = [
      await newPerson(),
      await newPerson(),
      await newOrganization(),
    ];
    await newRole('dagl', company, person);
    const browser = await loggedIn(person, '/consents');
    const go = async (number: string) => {
      const { query } = authorization(client, { authorization_details: details(number) });
      await browser.open(`${world.url}/authorize?${query}`, atClient);
      return browser.page.url;
    };
    const [unknown, strange] = [await go(personNumber()), await go(victim.number)];
    assert.match(unknown.searchParams.get('error_description')!, /AM-00004/);
    assert.equal(
      strange.searchParams.get('error_description'),
      unknown.searchParams.get('error_description'),
    );
    assert.equal(await count('consent_request where from_party = ?', [victim.id]), 0);
    assert.equal(await count("rate_limit where key like 'unknown:%'"), 0);
    assert.match((await go(person.number)).pathname, /^\/interaction|^\/consent/);
    const own = (await go(company.number)).searchParams.get('error_description')!;
    assert.match(own, /TIL-00016/, 'known, and no one to answer of income');
    const token = await organizationToken(bank, WRITE);
    assert.equal((await call('POST', REQUESTS, token, requestBody(victim, bank))).status, 201);
  });
});

describe('secrets of clients', () => {
  afterEach(forgetLimits);

  const guessing = async (
    target: string,
    names: (id: string) => string = (id) => id,
    more: Record<string, string> = {},
  ) => {
    const { id } = await newWebClient({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'a secret of sixteen and more',
    });
    const seen: number[] = [];
    // Counted after the answer, on a slow machine a while after it.
    for (let n = 0; n < 33 || (n < 99 && seen.at(-1) !== 429); n += 1) {
      const authorization = `Basic ${Buffer.from(`${names(id)}:wrong`).toString('base64')}`;
      const body = 'token=x&grant_type=refresh_token&refresh_token=x';
      seen.push(await raw(target, { ...FORM, ...more, authorization }, body));
      if (n > 28) await new Promise((soon) => setTimeout(soon, 50));
    }
    return seen;
  };

  for (const [how, target, names, more] of [
    ['at introspection', '/introspect'],
    ['at revocation', '/revoke'],
    ['at pushed requests', '/par'],
    ['by an absolute address', 'http://127.0.0.1/token'],
    [
      'with the name written otherwise',
      '/token',
      (id: string) => `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`,
    ],
    [
      'behind a proxy that nobody vouches for',
      '/token',
      undefined,
      { 'x-forwarded-for': '1.2.3.4' },
    ],
  ] as const) {
    it(`are not guessed ${how}`, async () => {
      const seen = await guessing(target, names, more);
      assert.deepEqual([seen[0], seen.at(-1)], [401, 429], seen.join());
    });
  }

  it('are not guessed many at once', async () => {
    const { id } = await newWebClient({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret: 'a secret of sixteen and more',
    });
    const authorization = `Basic ${Buffer.from(`${id}:wrong`).toString('base64')}`;
    const body = 'grant_type=refresh_token&refresh_token=x';
    const seen = await Promise.all(
      Array.from({ length: 300 }, () => raw('/token', { ...FORM, authorization }, body)),
    );
    const tried = seen.filter((status) => status === 401).length;
    assert.ok(tried > 0 && tried < 200, String(tried));
    assert.equal(seen.filter((status) => status === 429).length, 300 - tried);
  });

  it('are asked of one who has a type of another grant, as of all', async () => {
    const { id } = await newWebClient({
      token_endpoint_auth_method: 'client_secret_post',
      client_secret: 'a secret of sixteen and more',
      authorization_details_types: ['urn:altinn:systemuser'],
    });
    const asked = { grant_type: 'refresh_token', refresh_token: 'x', client_id: id };
    const { status, body } = await post('/token', { ...asked, client_secret: 'wrong' });
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
  });

  it('that are guessed shut out nobody who signs', async () => {
    const client = await newClient(await newOrganization());
    for (let n = 0; n < 33; n += 1)
      await post('/token', {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: 'x',
      });
    const { status, body } = await exchange(client);
    assert.notEqual(status, 429, JSON.stringify(body));
  });
});

describe('a request for consent that nobody has said yes to', () => {
  it('tells of no number but the one that was asked about', async () => {
    const [person, other, bank] = [await newPerson(), await newPerson(), await newOrganization()];
    const client = await newClient(bank);
    const codeOf = async (id: string, from: string) => {
      const details = { authorization_details: [{ type: CONSENT, id, from }] };
      return (await exchange(client, details)).body.error_description.slice(0, 8);
    };
    const byNumber = (who: typeof person) => `urn:altinn:person:identifier-no:${who.number}`;
    const byUuid = (who: typeof person) => `urn:altinn:party:uuid:${who.id}`;
    const asked = await ask(person, bank, { from: byUuid(person) });
    const unnamed = await ask(person, bank);
    await world.database.db.raw("update consent_request set from_named = 'nobody' where id = ?", [
      unnamed,
    ]);
    for (const id of [asked, unnamed])
      for (const state of ['requested', 'rejected']) {
        if (state === 'rejected') await reject(id, person);
        for (const who of [person, other])
          assert.equal(await codeOf(id, byNumber(who)), 'AM-00014', `${state} ${who === other}`);
      }
    // Whoever named a number hears whether it is that one, and no more of a UUID.
    const named = await ask(person, bank, { from: byNumber(person) });
    assert.equal(await codeOf(named, byNumber(other)), 'AM-00012');
    for (const from of [byNumber(person), byUuid(person), byUuid(other)])
      assert.equal(await codeOf(named, from), 'AM-00014');
    // What was given is the client's to know.
    assert.equal((await approve(named, person)).status, 200);
    assert.equal(await codeOf(named, byNumber(other)), 'AM-00012');
  });
});

describe('a stranger', () => {
  afterEach(forgetLimits);

  it('shuts nobody out of logging in by images on a page', async () => {
    for (let n = 0; n < 3; n += 1)
      await call('GET', '/login/callback?state=x', undefined, undefined, HTML);
    assert.equal(await count("rate_limit where key like 'login:%'"), 0);
    const inside = { ...HTML, 'sec-fetch-dest': 'image' };
    const page = await call('GET', '/authorize?client_id=x', undefined, undefined, inside);
    assert.equal(page.status, 400);
    assert.equal(await count("rate_limit where key like 'stranger:%'"), 0);
  });

  it('leaves no uncounted row with a made-up session, a pushed request or a logout', async () => {
    const client = await newWebClient({ token_endpoint_auth_method: 'none' });
    const { query } = authorization(client);
    const points = async () =>
      Number(
        (
          await world.database.db.raw(
            "select coalesce(sum(points), 0) as n from rate_limit where key like 'stranger:%'",
          )
        ).rows[0].n,
      );
    await raw(`/authorize?${query}`, { cookie: 'session=x' }, '', 'GET');
    assert.equal(await points(), 1);
    assert.equal(await raw('/par', FORM, String(query)), 201);
    assert.equal(await points(), 2);
    const before = await count("oidc_state where model = 'LoggedOut'");
    assert.equal(await raw('/logout', FORM, 'csrf=x'), 303);
    assert.equal(await count("oidc_state where model = 'LoggedOut'"), before);
  });

  it('has no address of a client fetched for the sake of its sector', async () => {
    let asked = 0;
    const sector = createServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((ready) => sector.listen(0, '127.0.0.1', ready));
    const { port } = sector.address() as { port: number };
    const client = await newWebClient({
      sector_identifier_uri: `https://127.0.0.1:${port}/sector`,
      redirect_uris: ['http://127.0.0.1:9/callback', 'http://localhost:9/callback'],
    });
    const { id } = await loggedInAt(client, new Browser(), await newPerson());
    assert.ok(id.sub);
    sector.close();
    assert.equal(asked, 0);
  });

  it('asks for no scopes without end', async () => {
    const client = await newWebClient();
    const scope = ['openid', ...Array.from({ length: 100 }, (_, n) => `word:${n}`)].join(' ');
    const pushed = await post('/par', {
      ...(await clientAuth(client)),
      response_type: 'code',
      redirect_uri: REDIRECT,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      scope,
    });
    assert.deepEqual([pushed.status, pushed.body.error], [400, 'invalid_scope']);
  });

  it('asks for no level without end', async () => {
    const client = await newWebClient();
    const browser = await loggedIn(await newPerson(), '/consents');
    const acr = { essential: true, value: 'idporten-loa-substantial' };
    const { query } = authorization(client, {
      acr_values: 'idporten-loa-high',
      claims: JSON.stringify({ id_token: { acr } }),
    });
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    assert.ok(browser.page.url.searchParams.get('code'), browser.page.url.href);
  });
});

describe('the end of a session', () => {
  it('ends what was granted in it, but for what was asked for beyond it', async () => {
    const client = await newWebClient({ scope: 'profile' });
    const refresh = async (token: string) =>
      post('/token', {
        ...(await clientAuth(client)),
        grant_type: 'refresh_token',
        refresh_token: token,
      });
    for (const scope of ['openid', 'openid offline_access']) {
      const isOver = scope === 'openid';
      const [person, browser] = [await newPerson(), new Browser()];
      const first = await authorize(browser, client, person, { scope });
      if (!isOver) await browser.submit({ answer: 'yes' }, atClient);
      const { body: held } = await redeem(client, { ...first, url: browser.page.url });
      const got = await authorize(browser, client, person, { scope });
      await browser.open(`${world.url}/sessions`);
      await browser.submit({});
      const { status, body } = await refresh(held.refresh_token);
      assert.equal(status, isOver ? 400 : 200, JSON.stringify(body));
      const userinfo = await call('GET', '/userinfo', held.access_token);
      assert.equal(userinfo.status, isOver ? 401 : 200);
      if (isOver) assert.equal((await redeem(client, got)).body.error, 'invalid_grant');
    }
  });
});

describe('a caller that hangs up', () => {
  it('takes no work from those that come after', async () => {
    const org = await newOrganization();
    const scope = 'altinn:authorization/authorize';
    const holders = ['211100028', org.number];
    await importThis({
      scopes: [{ name: scope, owner: '211104015', holders, tokenLifetimeSeconds: 3600 }],
    });
    const token = (await exchange(await newClient(org, { scope }))).body.access_token;
    const { hostname, port } = new URL(world.url);
    const body = JSON.stringify({
      subject: { type: 'person', id: '14838412026' },
      action: { name: 'read' },
      resource: { type: 'resource', id: 'nothing' },
    });
    for (let n = 0; n < 560; n += 1)
      await new Promise<void>((done) => {
        const socket = connect(Number(port), hostname, () => {
          const head = `POST /access/v1/evaluation HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
          const type = `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
          socket.write(head + type + body, () =>
            setImmediate(() => {
              socket.resetAndDestroy();
              done();
            }),
          );
        });
      });
    await new Promise((soon) => setTimeout(soon, 500));
    assert.equal((await call('POST', '/access/v1/evaluation', token, body)).status, 200);
  });
});

describe('numbers that nobody has', () => {
  afterEach(forgetLimits);

  it('are not tried many at once', async () => {
    const [asker, person] = [await newOrganization(), await newPerson()];
    const token = await organizationToken(asker, WRITE);
    const other = createLimits(world.database.db);
    await other.tally('unknown', asker.number, 190);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        call('POST', REQUESTS, token, {
          ...requestBody(person, asker),
          from: `urn:altinn:person:identifier-no:${personNumber()}`,
        }),
      ),
    );
    assert.equal(answers.filter(({ status }) => status === 429).length, 30);
  });
});
