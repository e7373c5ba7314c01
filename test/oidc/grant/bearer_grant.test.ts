// The jwt-bearer grant (contract: consent §4; RFC 7523): a short-lived token that says what the
// consent says now.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import fc from 'fast-check';
import {
  assertion,
  consentDetail,
  exchange,
  JWT_BEARER,
  newClient,
  newOwnedClient,
  payloadOf,
  post,
  type TestClient,
} from '../../support/oauth/clients.ts';
import {
  approve,
  approvedConsent,
  ask,
  at,
  call,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  numberOf,
  organizationToken,
  READ,
  requestBody,
  REQUESTS,
  importThis,
  withdraw,
  world,
  type TestParty,
} from '../../support/world.ts';

describe('the jwt-bearer grant', () => {
  let client: TestClient;
  before(async () => {
    // The first owner of a scope has its prefix, and its tokens a claim more.
    await newOwnedClient();
    client = await newOwnedClient();
  });

  it("issues exactly Maskinporten's claims, signed RS256 with a published key", async () => {
    const { body, headers } = await exchange(client);
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'expires_in',
      'scope',
      'token_type',
    ]);
    assert.deepEqual([body.token_type, body.expires_in, body.scope], ['Bearer', 120, client.scope]);
    assert.equal(headers.get('cache-control'), 'no-store');
    const { payload, protectedHeader } = await jwtVerify(
      body.access_token,
      createRemoteJWKSet(new URL(`${world.url}/jwks`)),
      { issuer: world.url },
    );
    assert.equal(protectedHeader.alg, 'RS256');
    assert.deepEqual(Object.keys(payload).sort(), [
      'client_amr',
      'client_id',
      'consumer',
      'exp',
      'iat',
      'iss',
      'jti',
      'scope',
      'token_type',
    ]);
    assert.deepEqual(payload.consumer, {
      authority: 'iso6523-actorid-upis',
      ID: `0192:${client.owner.number}`,
    });
    assert.equal(payload.client_amr, 'private_key_jwt');
  });

  it('carries the consent, resolved from the rights store', async () => {
    const { id, from, to } = await approvedConsent();
    const answer = await exchange(await newClient(to), consentDetail(id, from));
    const [detail] = payloadOf(answer.body.access_token).authorization_details;
    assert.deepEqual(Object.keys(detail).sort(), [
      'consentRights',
      'consented',
      'from',
      'id',
      'to',
      'type',
      'validTo',
    ]);
    assert.deepEqual([detail.type, detail.id, detail.from], ['urn:altinn:consent', id, from.urn]);
    assert.deepEqual(detail.to, { authority: 'iso6523-actorid-upis', ID: `0192:${to.number}` });
    assert.deepEqual(detail.consentRights, [incomeRight()]);
  });

  it('counts each use and appends an event for it', async () => {
    const { id, from, to } = await approvedConsent();
    const own = await newClient(to);
    await exchange(own, consentDetail(id, from));
    await exchange(own, consentDetail(id, from));
    const {
      rows: [{ uses }],
    } = await world.database.db.raw('select uses from mandate where consent_id = ?', [id]);
    assert.equal(uses, 2);
    const feed = await call(
      'GET',
      `${REQUESTS}/events?eventType=used&consentRequestId=${id}`,
      await organizationToken(to, READ),
    );
    assert.equal(feed.body.data.length, 2);
    const details = await call('GET', `${REQUESTS}/${id}`, await organizationToken(to, READ));
    assert.ok(!details.text.includes('"Used"'));
  });

  it("outlives neither its consent nor its scope's lifetime", async () => {
    const { id, from, to } = await approvedConsent({
      validTo: new Date(Date.now() + 40_000).toISOString(),
    });
    const { body } = await exchange(await newClient(to), consentDetail(id, from));
    assert.ok(body.expires_in <= 40 && body.expires_in > 30);
    const brief = await newClient(to);
    await importThis({
      scopes: [{ name: brief.scope, owner: to.number, tokenLifetimeSeconds: 33 }],
    });
    assert.equal((await exchange(brief)).body.expires_in, 33);
  });

  it('restricts the token to a resource that is asked for', async () => {
    const { body } = await exchange(client, { resource: 'https://api.example.no' });
    assert.equal(payloadOf(body.access_token).aud, 'https://api.example.no');
    assert.equal((await exchange(client, { resource: 'not a uri' })).body.error, 'invalid_target');
  });

  it('puts consumer and supplier in a token drawn with a delegated scope', async () => {
    const owner = numberOf('Datahjelp AS');
    const {
      rows: [party],
    } = await world.database.db.raw('select id from party where organization_no = ?', [owner]);
    const supplier = await newClient(
      { id: party.id, number: owner, name: 'Datahjelp AS', urn: '' },
      { scope: 'testskatt:inntekt' },
    );
    const { body } = await exchange(supplier, {
      scope: 'testskatt:inntekt',
      consumer_org: numberOf('Prøvebanken ASA'),
    });
    const claims = payloadOf(body.access_token);
    assert.equal(claims.consumer.ID, `0192:${numberOf('Prøvebanken ASA')}`);
    assert.equal(claims.supplier.ID, `0192:${owner}`);
    assert.equal(claims.delegation_source, world.url);
    const other = await exchange(supplier, {
      scope: 'testskatt:inntekt',
      consumer_org: numberOf('Eksempelbanken AS'),
    });
    assert.match(other.body.error_description, /MP-251/);
  });

  it('names handledBy when the hub that handles a request draws the token', async () => {
    const [from, to, hub] = [
      await newPerson(),
      await newOrganization(),
      await newOrganization('Knutepunkt'),
    ];
    const {
      body: { id },
    } = await call(
      'POST',
      REQUESTS,
      await organizationToken(hub, 'altinn:consentrequests.org'),
      requestBody(from, to),
    );
    await approve(id, from);
    const { body } = await exchange(await newClient(hub), consentDetail(id, from));
    const [detail] = payloadOf(body.access_token).authorization_details;
    assert.equal(detail.to.ID, `0192:${to.number}`);
    assert.equal(detail.handledBy.ID, `0192:${hub.number}`);
  });

  describe('refuses', () => {
    const now = () => Math.floor(Date.now() / 1000);
    const refusals: [string, () => Record<string, unknown>, string, RegExp, object?][] = [
      ['a wrong audience', () => ({ aud: 'https://other.example/' }), 'invalid_grant', /MP-110/],
      [
        'an audience among others',
        () => ({ aud: [world.url, 'https://other.example/'] }),
        'invalid_grant',
        /MP-110/,
      ],
      [
        'an expired assertion',
        () => ({ iat: now() - 200, exp: now() - 100 }),
        'invalid_grant',
        /MP-130/,
      ],
      [
        'an assertion from the future',
        () => ({ iat: now() + 60, exp: now() + 120 }),
        'invalid_grant',
        /MP-130/,
      ],
      [
        'an assertion that lives 121 seconds',
        () => ({ iat: now(), exp: now() + 121 }),
        'invalid_grant',
        /MP-130/,
      ],
      ['an assertion without exp', () => ({ exp: undefined }), 'invalid_grant', /MP-130/],
      ['an assertion without jti', () => ({ jti: undefined }), 'invalid_grant', /jti/],
      ['no scope', () => ({ scope: undefined }), 'invalid_scope', /MP-200/],
      [
        'a scope the client does not have',
        () => ({ scope: 'testtrygd:ytelser' }),
        'invalid_scope',
        /MP-201/,
      ],
      [
        'one good scope and one bad',
        () => ({ scope: `${client.scope} testtrygd:ytelser` }),
        'invalid_scope',
        /MP-201/,
      ],
      ['an unknown client', () => ({ iss: randomUUID() }), 'invalid_grant', /MP-100/],
      ['an unknown key', () => ({}), 'invalid_grant', /MP-100/, { kid: 'k2' }],
      ['a certificate in the header', () => ({}), 'invalid_grant', /x5c/, { x5c: ['MIIB'] }],
      [
        'two objects',
        () => ({
          authorization_details: [{ type: 'urn:altinn:consent' }, { type: 'urn:altinn:consent' }],
        }),
        'invalid_authorization_details',
        /MP-303/,
      ],
      [
        'an unknown type',
        () => ({ authorization_details: [{ type: 'urn:other' }] }),
        'invalid_authorization_details',
        /MP-301/,
      ],
      [
        'an unknown member',
        () => ({
          authorization_details: [
            {
              type: 'urn:altinn:consent',
              id: randomUUID(),
              from: 'urn:altinn:person:identifier-no:14838412026',
              to: 'x',
            },
          ],
        }),
        'invalid_authorization_details',
        /MP-302/,
      ],
      [
        'a malformed id',
        () => ({
          authorization_details: [
            {
              type: 'urn:altinn:consent',
              id: '1',
              from: 'urn:altinn:person:identifier-no:14838412026',
            },
          ],
        }),
        'invalid_authorization_details',
        /MP-303/,
      ],
      [
        'a malformed giver',
        () => ({
          authorization_details: [{ type: 'urn:altinn:consent', id: randomUUID(), from: 'kari' }],
        }),
        'invalid_authorization_details',
        /MP-303/,
      ],
    ];
    for (const [name, claims, error, description, header] of refusals) {
      it(name, async () => {
        const answer = await exchange(client, claims(), header);
        assert.deepEqual([answer.status, answer.body.error], [400, error], answer.text);
        assert.match(answer.body.error_description, description);
      });
    }

    it('a signature by another key', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const answer = await post('/token', {
        grant_type: JWT_BEARER,
        assertion: await assertion(client, {}, {}, privateKey),
      });
      assert.match(answer.body.error_description, /MP-100/);
    });

    it('an assertion without signature', async () => {
      const unsigned = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${(await assertion(client)).split('.')[1]}.`;
      assert.equal(
        (await post('/token', { grant_type: JWT_BEARER, assertion: unsigned })).status,
        400,
      );
    });

    it('a replayed assertion', async () => {
      const form = { grant_type: JWT_BEARER, assertion: await assertion(client) };
      assert.equal((await post('/token', form)).status, 200);
      const again = await post('/token', form);
      assert.deepEqual([again.status, again.body.error], [400, 'invalid_grant']);
      assert.match(again.body.error_description, /MP-012/);
    });

    it('all but one of six parallel uses of an assertion', async () => {
      const form = { grant_type: JWT_BEARER, assertion: await assertion(client) };
      const answers = await Promise.all(Array.from({ length: 6 }, () => post('/token', form)));
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    });

    it('other client authentication beside the assertion', async () => {
      const form = { grant_type: JWT_BEARER, assertion: await assertion(client) };
      assert.equal(
        (await post('/token', { ...form, client_id: client.id })).body.error,
        'invalid_request',
      );
      assert.equal(
        (await post('/token', form, { authorization: 'Basic YTpi' })).body.error,
        'invalid_request',
      );
    });

    it('parameters that come twice', async () => {
      const one = await assertion(client);
      const answer = await fetch(`${world.url}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `grant_type=${JWT_BEARER}&assertion=${one}&assertion=${one}`,
      });
      assert.equal(answer.status, 400);
    });

    it("a type that is not on the client's list, which is empty unless given", async () => {
      const bare = await newOwnedClient({ authorization_details_types: undefined });
      const answer = await exchange(bare, consentDetail(randomUUID(), await newPerson()));
      assert.equal(answer.body.error, 'invalid_authorization_details');
    });

    it('a client that demands what is not offered', async () => {
      const demanding = await newOwnedClient({ dpop_bound_access_tokens: true });
      assert.equal((await exchange(demanding)).body.error, 'unauthorized_client');
    });

    it('a client that is not registered for the grant', async () => {
      const other = await newOwnedClient({ grant_types: ['client_credentials'] });
      const { body } = await exchange(other);
      assert.equal(body.error, 'unauthorized_client');
      assert.match(body.error_description, /MP-100/);
      // Of another's key nobody hears what is registered.
      const forged = await exchange({
        ...other,
        key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      });
      assert.equal(forged.body.error, 'invalid_grant');
    });

    it('an assertion that ended more than ten seconds ago, and no other', async () => {
      const client = await newOwnedClient();
      const now = Math.floor(Date.now() / 1000);
      for (const [past, status] of [
        [5, 200],
        [15, 400],
      ] as const)
        assert.equal(
          (await exchange(client, { iat: now - 60, exp: now - past })).status,
          status,
          `${past} s`,
        );
      for (const [ahead, status] of [
        [5, 200],
        [15, 400],
      ] as const)
        assert.equal(
          (await exchange(client, { iat: now + ahead, nbf: now + ahead, exp: now + 60 })).status,
          status,
          `${ahead} s`,
        );
    });
  });

  describe('for a consent, refuses with consent_error', () => {
    let from: TestParty;
    let to: TestParty;
    let own: TestClient;
    before(async () => {
      [from, to] = [await newPerson(), await newOrganization()];
      own = await newClient(to);
    });
    const refused = async (id: string, giver: TestParty, code: string, by = own) => {
      const answer = await exchange(by, consentDetail(id, giver));
      assert.deepEqual(
        [answer.status, answer.body.error, answer.body.consent_error],
        [400, 'invalid_grant', code],
        answer.text,
      );
    };

    it("an unknown id and another's consent alike: AM-00001", async () => {
      const id = await ask(from, to);
      await approve(id, from);
      await refused(randomUUID(), from, 'AM-00001');
      await refused(id, from, 'AM-00001', client);
    });
    it('another giver: AM-00012', async () => {
      const id = await ask(from, to);
      await approve(id, from);
      await refused(id, await newPerson(), 'AM-00012');
    });
    it('an unanswered request: AM-00014', async () =>
      refused(await ask(from, to), from, 'AM-00014'));
    it('a withdrawn consent, in the very next exchange: AM-00011', async () => {
      const id = await ask(from, to);
      await approve(id, from);
      assert.equal((await exchange(own, consentDetail(id, from))).status, 200);
      await withdraw(id, from);
      await refused(id, from, 'AM-00011');
    });
    it('an expired consent, from the instant of validTo: AM-00013', async () => {
      const validTo = inDays(1);
      const id = await ask(from, to, { validTo });
      await approve(id, from);
      const edge = Date.parse(validTo) - Date.now();
      const tryAt = (offset: number) =>
        at(offset, async () => {
          const iat = Math.floor((Date.now() + offset) / 1000);
          return exchange(own, { ...consentDetail(id, from), iat, exp: iat + 60 });
        });
      assert.equal((await tryAt(edge - 5_000)).status, 200);
      assert.equal((await tryAt(edge + 1_000)).body.consent_error, 'AM-00013');
    });
    it('a one-time consent that was used: AM-00013, also of six at once', async () => {
      const oneTime = {
        consentRights: [
          { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'studielan' }] },
        ],
      };
      const id = await ask(from, to, oneTime);
      await approve(id, from);
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => exchange(own, consentDetail(id, from))),
      );
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
      await refused(id, from, 'AM-00013');
    });
  });

  it('never says more than the consent', async () => {
    const [from, to] = [await newPerson(), await newOrganization()];
    const own = await newClient(to);
    const years = fc.uniqueArray(fc.integer({ min: 2000, max: 2030 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(years, fc.constantFrom('approve', 'none', 'withdraw'), async (list, act) => {
        const consentRights = list.map((year) => incomeRight(String(year)));
        const id = await ask(from, to, { consentRights });
        if (act !== 'none') await approve(id, from);
        if (act === 'withdraw') await withdraw(id, from);
        const answer = await exchange(own, consentDetail(id, from));
        if (act !== 'approve') return assert.equal(answer.body.access_token, undefined);
        assert.deepEqual(
          payloadOf(answer.body.access_token).authorization_details[0].consentRights,
          consentRights,
        );
      }),
      { numRuns: 15 },
    );
  });
});
