// What a client may send wrong: inside authorization_details, inside an assertion, and in what an
// eID, an address of keys or a registration answers. Each is told, and nothing else happens.
import { endParty } from '../../support/rows.ts';
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createLogin } from '../../../server/caller/login.ts';
import { createLimits } from '../../../server/platform/http/limits.ts';
import { createSeal } from '../../../server/platform/secret/seal.ts';
import { callOut } from '../../../server/platform/http/outbound.ts';
import { createKeySets } from '../../../server/oidc/keys/key_sets.ts';
import {
  assertion,
  clientAuth,
  CONSENT,
  exchange,
  JWT_BEARER,
  newClient,
  newOwnedClient,
  newWebClient,
  post,
  push,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  at,
  call,
  importThis,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  world,
} from '../../support/world.ts';

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
};

describe('authorization_details at PAR', () => {
  let client: TestClient;
  before(async () => {
    client = await newWebClient({ authorization_details_types: [CONSENT, 'idporten:fullmakt'] });
  });
  const right = (changes: object = {}) => ({ ...incomeRight(), ...changes });
  const resource = [{ type: 'urn:altinn:resource', value: 'inntekt' }];
  const detail = (changes: object) => ({
    type: CONSENT,
    validTo: inDays(30),
    consentRights: [right()],
    ...changes,
  });
  const rights = (...list: unknown[]) => [detail({ consentRights: list })];

  const wrong: [string, unknown, RegExp][] = [
    ['an object instead of a list', detail({}), /./],
    ['two types at once', [detail({}), { type: 'idporten:fullmakt' }], /one type|./],
    ['two consents', [detail({}), detail({})], /one consent/],
    ['a member that there is not', [detail({ colour: 'red' })], /unknown member colour/],
    ['an id that is none', [detail({ id: '7' })], /id must be a UUID/],
    ['a giver that is none', [detail({ from: 'Kari' })], /from must be a party URN/],
    ['nothing at all', [{ type: CONSENT }], /consentRights is required/],
    ['a consent that is unknown', [{ type: CONSENT, id: randomUUID() }], /AM-00001/],
    ['rights that are no list', [detail({ consentRights: {} })], /consentRights/],
    ['an empty list of rights', [detail({ consentRights: [] })], /AM.VLD-00023/],
    [
      '51 rights',
      [detail({ consentRights: Array.from({ length: 51 }, () => right()) })],
      /VLD-00003/,
    ],
    ['a right that is a text', rights('inntekt'), /consentRight\/0/],
    ['no action', rights(right({ action: undefined })), /consentRight\/0\/action/],
    ['an empty list of actions', rights(right({ action: [] })), /consentRight\/0\/action/],
    ['an action that is a number', rights(right({ action: [1] })), /consentRight\/0\/action/],
    ['no resource', rights(right({ resource: undefined })), /AM-00005/],
    [
      'two resources in a right',
      rights(right({ resource: [...resource, ...resource] })),
      /AM-00005/,
    ],
    ['a resource that is a text', rights(right({ resource: ['inntekt'] })), /resource\/0/],
    [
      'another type of resource',
      rights(right({ resource: [{ type: 'x', value: 'inntekt' }] })),
      /AM-00005/,
    ],
    ['metadata that is a list', rights(right({ metadata: [] })), /metadata/],
    ['a value that is a number', rights(right({ metadata: { inntektsaar: 2025 } })), /inntektsaar/],
    ['a key twice', rights(right({ metadata: { a: '1', A: '1' } })), /VLD-00005/],
    ['no validTo', [detail({ validTo: undefined })], /validTo/],
    ['a validTo that is a number', [detail({ validTo: 7 })], /validTo/],
    ['a validTo that has passed', [detail({ validTo: '2020-01-01T00:00:00Z' })], /AM.VLD-00022/],
    ['a message that is a text', [detail({ requestMessage: 'hei' })], /requestMessage/],
    ['a message in no language', [detail({ requestMessage: { fr: 'x' } })], /requestMessage\/fr/],
    ['too long a message', [detail({ requestMessage: { nb: 'x'.repeat(1001) } })], /VLD-00003/],
    ['a redirect that is a number', [detail({ redirectUrl: 7 })], /AM.VLD-00027|unknown member/],
    ['a mode that there is not', [detail({ portalViewMode: 'maybe' })], /portalViewMode/],
  ];
  for (const [what, details, why] of wrong) {
    it(`is refused with ${what}`, async () => {
      const { pushed } = await push(client, details as object[]);
      assert.deepEqual(
        [pushed.status, pushed.body.error],
        [400, 'invalid_authorization_details'],
        pushed.text,
      );
      assert.match(pushed.body.error_description ?? '', why);
      assert.match(pushed.body.error_description, /^[\x20-\x7e]*$/);
    });
  }

  it('takes a message that leaves a language empty', async () => {
    const { pushed } = await push(client, [
      detail({ requestMessage: { nb: 'hei', nn: '', en: null } }),
    ]);
    assert.equal(pushed.status, 201, pushed.text);
  });
});

describe('an assertion', () => {
  let client: TestClient;
  before(async () => {
    client = await newOwnedClient();
  });
  const grant = async (form: Record<string, string>) =>
    post('/token', { grant_type: JWT_BEARER, ...form });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('is required, and a JWT of objects', async () => {
    assert.match((await grant({})).body.error_description, /assertion is required/);
    for (const text of ['x', 'a.b.c', `${part([])}.${part({})}.x`, `${part({})}.${part(null)}.x`]) {
      assert.match((await grant({ assertion: text })).body.error_description, /not a JWT/, text);
    }
    const odd = await grant({ assertion: await assertion(client), colour: 'red' });
    assert.match(odd.body.error_description, /colour does not belong/);
  });

  const LATER = Math.floor(Date.now() / 1000) + 86_400;
  for (const [what, claims, header, why] of [
    ['of another typ', {}, { typ: 'at+jwt' }, /typ must be JWT/],
    ['with a critical header', {}, { crit: ['b64'], b64: true }, /client authentication failed/],
    ['without kid', {}, { kid: undefined }, /client authentication failed/],
    ['by another algorithm', {}, { alg: 'PS256' }, /alg must be RS256/],
    ['of nobody', { iss: undefined }, {}, /client authentication failed/],
    ['of the future', { nbf: LATER }, {}, /not valid yet/],
    ['issued in the future', { iat: LATER }, {}, /not valid yet|120/],
    ['for a consumer that lacks the scope', { consumer_org: '310100013' }, {}, /MP-250/],
  ] as const) {
    it(`is refused ${what}`, async () => {
      const text = await assertion(client, claims as never, header).catch(() => undefined);
      const sent =
        text ?? `${part({ alg: 'PS256', kid: 'k1', ...header })}.${part({ iss: client.id })}.x`;
      const { status, body } = await grant({ assertion: sent });
      assert.equal(status, 400);
      assert.match(body.error_description, why);
    });
  }

  it('may hold anything where text is expected, and is refused', async () => {
    const names = ['iss', 'aud', 'scope', 'jti', 'consumer_org', 'resource', 'sub', 'exp', 'iat'];
    const odd: unknown[] = [{ toString: 1 }, [{ toString: 1 }], { toString: null, valueOf: 1 }];
    for (const value of odd) {
      for (const name of [...names, 'authorization_details']) {
        const text = await assertion(client, { [name]: value } as never).catch(() => undefined);
        if (text) assert.ok((await grant({ assertion: text })).status < 500, name);
        const signed = await clientAuth(client, { [name]: value } as never).catch(() => undefined);
        const asked = { grant_type: 'client_credentials', scope: client.scope, ...signed };
        if (signed) assert.ok((await post('/token', asked)).status < 500, name);
      }
      for (const name of ['typ', 'kid', 'cty', 'x5t']) {
        const forged = `${part({ alg: 'RS256', kid: 'k1', [name]: value })}.${part({ iss: client.id })}.x`;
        assert.ok((await grant({ assertion: forged })).status < 500, name);
        const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
        const form = { grant_type: 'client_credentials', client_assertion: forged };
        const { status } = await post('/token', { ...form, client_assertion_type });
        assert.ok(status < 500, name);
      }
      for (const claims of [{ id_token: value }, { id_token: { acr: value } }, value]) {
        const query = { client_id: client.id, claims: JSON.stringify(claims) };
        const { status } = await call('GET', `/authorize?${new URLSearchParams(query)}`);
        assert.ok(status < 500, JSON.stringify(claims));
      }
    }
  });

  it('is taken with typ JWT, in any case', async () => {
    assert.equal((await exchange(client, {}, { typ: 'jwt' })).status, 200);
  });

  it('is refused of a client without an owner, and for a consumer that has been deleted', async () => {
    const owner = await newOrganization();
    const orphan = await newClient(owner);
    await world.database.db.raw('update oauth_client set owner = null where client_id = ?', [
      orphan.id,
    ]);
    assert.match((await exchange(orphan)).body.error_description, /no owner/);
    const [consumer, scope] = [await newOrganization(), `test:${randomUUID()}`];
    await importThis({
      scopes: [
        {
          name: scope,
          owner: owner.number,
          holders: [consumer.number],
          delegations: [{ supplier: owner.number, consumer: consumer.number }],
        },
      ],
    });
    const supplier = await newClient(owner, { scope });
    const asked = { consumer_org: consumer.number };
    assert.equal((await exchange(supplier, asked)).status, 200);
    await endParty(consumer);
    assert.match((await exchange(supplier, asked)).body.error_description, /MP-250/);
  });
});

describe('an eID', () => {
  let server: Server;
  let issuer: string;
  let claims: Record<string, unknown>;
  let hasLogout: boolean;
  let status: number;
  before(async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'RS256', use: 'sig' };
    server = createServer(async (request, response) => {
      const json = (body: object, code = 200) =>
        response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.url!.includes('openid-configuration')) {
        return json({
          issuer,
          authorization_endpoint: `${issuer}/a`,
          token_endpoint: `${issuer}/t`,
          jwks_uri: `${issuer}/k`,
          ...(hasLogout ? { end_session_endpoint: `${issuer}/e` } : {}),
        });
      }
      if (request.url!.startsWith('/k')) return json({ keys: [jwk] });
      if (status !== 200) return json({ error: 'invalid_grant' }, status);
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: '1' })
        .setIssuedAt()
        .setIssuer(issuer)
        .setAudience('tillit')
        .setSubject('s')
        .setExpirationTime('60s')
        .sign(privateKey);
      return json({ access_token: 'x', token_type: 'bearer', id_token: token });
    });
    issuer = await listening(server);
  });
  after(() => server.close());

  /** A whole login at this eID; answers with what came of it. */
  async function login(told: Record<string, unknown>, question: object = {}, query = {}) {
    [hasLogout, status] = [true, 200];
    const begun: object[] = [];
    const login = createLogin({
      db: world.database.db,
      env: { ...world.env, eid: { ...world.env.eid, issuer } },
      seal: createSeal('x'.repeat(40)),
      limits: createLimits(world.database.db),
      addressOf: () => undefined,
      sessions: {
        begin: async (_ctx: unknown, session: object) => void begun.push(session),
      } as never,
    });
    const jar = new Map<string, string>();
    const ctx = (url: string) =>
      ({
        URL: new URL(url, world.url),
        req: { rawHeaders: [] },
        cookies: {
          get: (name: string) => jar.get(name),
          set: (name: string, value: string | null) =>
            void (value ? jar.set(name, value) : jar.delete(name)),
        },
        get: () => '',
        redirect(this: { location: string }, to: string) {
          this.location = to;
        },
        location: '',
      }) as never;
    const start = ctx('/x') as { location: string };
    await login.begin(start as never, '/consents', { level: 3, ...question });
    const asked = new URL(start.location).searchParams;
    claims = { nonce: asked.get('nonce'), ...told };
    const answer = new URLSearchParams({ state: asked.get('state')!, code: 'c', ...query });
    const outcome = await login.finish(ctx(`/login/callback?${answer}`));
    return { outcome: outcome.outcome, begun, login };
  }

  const now = () => Math.floor(Date.now() / 1000);
  for (const [what, told, question, outcome] of [
    ['that says no level', { auth_time: 1 }, {}, 'level_too_low'],
    ['that says too low a level', { acr: 'idporten-loa-low', auth_time: 1 }, {}, 'level_too_low'],
    ['that does not say when', { acr: 'idporten-loa-high' }, {}, 'refused'],
    ['that says when in words', { acr: 'idporten-loa-high', auth_time: 'now' }, {}, 'refused'],
    [
      'that answers prompt=login with an old login',
      { acr: '4', auth_time: 1 },
      { fresh: true },
      'too_old',
    ],
    [
      'that answers max_age with an older login',
      { acr: '4', auth_time: 1 },
      { maxAge: 60 },
      'too_old',
    ],
    ['that says nobody', { acr: '4', auth_time: 1 }, {}, 'unknown_person'],
    ['that answers with another nonce', { nonce: 'x', acr: '4', auth_time: 1 }, {}, 'refused'],
  ] as const) {
    it(`${what} begins no session`, async () => {
      const found = await login(told, question);
      assert.deepEqual([found.outcome, found.begun.length], [outcome, 0]);
    });
  }

  it('that refuses for the level is told apart from one that refuses', async () => {
    const refused = { error: 'unmet_authentication_requirements' };
    assert.equal((await login({}, {}, refused)).outcome, 'level_too_low');
    assert.equal((await login({}, {}, { error: 'access_denied' })).outcome, 'refused');
  });

  it('that says all of it begins one, with what it said', async () => {
    const person = await newPerson();
    const time = now() - 100;
    const told = {
      acr: '4',
      auth_time: time,
      pid: person.number,
      amr: 'otp',
      sid: 's1',
      locale: 'nn',
    };
    const { outcome, begun } = await login(told);
    assert.equal(outcome, 'done');
    const [{ authenticatedAt, ...session }] = begun as [Record<string, unknown>];
    assert.equal((authenticatedAt as Date).getTime(), time * 1000);
    assert.deepEqual(session, {
      party: person.id,
      level: 4,
      amr: ['otp'],
      askedBy: null,
      eidSid: 's1',
      locale: 'nn',
    });
    await endParty(person);
    assert.equal((await login(told)).outcome, 'unknown_person');
  });

  it('without a logout, or away, leaves the browser on our own page', async () => {
    const { login: other } = await login({});
    assert.match(await other.logoutUrl('s'), new RegExp(`^${issuer}/e\\?`));
    const away = createLogin({
      db: world.database.db,
      env: { ...world.env, eid: { ...world.env.eid, issuer: 'http://127.0.0.1:1' } },
      seal: createSeal('x'.repeat(40)),
      sessions: {} as never,
      limits: createLimits(world.database.db),
      addressOf: () => undefined,
    });
    assert.equal(await away.logoutUrl('s'), `${world.url}/logged-out?state=s`);
  });
});

describe('an address that others registered', () => {
  let server: Server;
  let url: string;
  let answer: (response: import('node:http').ServerResponse) => void;
  before(async () => {
    server = createServer((_request, response) => answer(response));
    url = await listening(server);
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const bounds = { method: 'GET', timeoutMillis: 300, most: 1_000 } as const;
  const development = { production: false };

  it('is not called in the operator’s own network, by name or number, nor over http in production', async () => {
    for (const address of [
      'https://127.0.0.1/',
      'https://localhost/',
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://[::1]/',
      'http://10.0.0.1/',
      'ftp://example.org/',
      'nowhere',
    ]) {
      await assert.rejects(callOut(address, bounds, development), address);
    }
    await assert.rejects(callOut(url, bounds, { production: true }), /must be https/);
  });

  it('is given a second, so much, and no redirect', async () => {
    answer = () => undefined;
    await assert.rejects(callOut(url, bounds, development), /abort|timeout/i);
    answer = (response) => response.end('x'.repeat(2_000));
    await assert.rejects(callOut(url, bounds, development), /too large|aborted|hang up/);
    answer = (response) => response.writeHead(302, { location: `${url}/x` }).end();
    assert.equal((await callOut(url, bounds, development)).status, 302);
  });

  it('of keys counts for a day when it goes away, and no longer; what is no key set is none', async () => {
    const sets = createKeySets(development);
    answer = (response) => response.end('{"keys":[{"kid":"1"}]}');
    assert.equal((await sets.of(url)).length, 1);
    answer = (response) => response.writeHead(500).end();
    assert.equal((await at(120_000, () => sets.of(url))).length, 1);
    assert.equal((await at(25 * 3_600_000, () => sets.of(url))).length, 0);
    for (const text of ['x', '{}', '{"keys":{}}']) {
      answer = (response) => response.end(text);
      assert.deepEqual(await createKeySets(development).of(`${url}/${text.length}`), []);
    }
  });

  it('of keys that are none makes a client that nobody can be', async () => {
    answer = (response) => response.end('{"keys":[null,{"kty":"RSA","kid":"k1","n":"!","e":"!"}]}');
    const client = await newWebClient({ jwks: undefined, jwks_uri: `${url}/none` });
    const refused = await post('/par', { ...(await clientAuth(client)), response_type: 'code' });
    assert.deepEqual([refused.status, refused.body.error], [401, 'invalid_client']);
  });
});
