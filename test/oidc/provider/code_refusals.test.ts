// What the authorization code flow refuses, at PAR, in the browser and at the token endpoint.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { Browser } from '../../support/pages/browser.ts';
import {
  clientAuth,
  CONSENT,
  newClient,
  post,
  type TestClient,
  REDIRECT,
} from '../../support/oauth/clients.ts';
import {
  ask,
  incomeRight,
  newOrganization,
  newPerson,
  world,
  type TestParty,
} from '../../support/world.ts';
import {
  answered,
  detail,
  flow,
  newCodeParties,
  push,
  redeemCode,
  start,
  type Flow,
} from '../../support/oauth/code_flow.ts';
import { atClient } from '../../support/oauth/relying_party.ts';

describe('the authorization code flow', () => {
  let person: TestParty;
  let to: TestParty;
  let client: TestClient;
  before(async () => {
    ({ person, to, client } = await newCodeParties());
  });

  const refresh = async (token: string) =>
    post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'refresh_token',
      refresh_token: token,
    });

  describe('refuses', () => {
    const pushes: [string, () => Flow, string, RegExp][] = [
      [
        'PKCE plain',
        () => flow(client, [detail()], { code_challenge_method: 'plain' }),
        'invalid_request',
        /code_challenge_method/,
      ],
      [
        'no PKCE',
        () => {
          const request = flow(client);
          delete (request.parameters as Record<string, string>).code_challenge;
          delete (request.parameters as Record<string, string>).code_challenge_method;
          return request;
        },
        'invalid_request',
        /PKCE|code_challenge/,
      ],
      [
        'another redirect_uri',
        () => flow(client, [detail()], { redirect_uri: `${REDIRECT}/x` }),
        'invalid_request',
        /redirect_uri/,
      ],
      [
        'an unregistered resource',
        () => flow(client, [detail()], { resource: 'https://nowhere.example' }),
        'invalid_target',
        /./,
      ],
      [
        'an unknown type',
        () => flow(client, [{ type: 'urn:other' } as never]),
        'invalid_authorization_details',
        /./,
      ],
      [
        'two consents',
        () => flow(client, [detail(), detail()]),
        'invalid_authorization_details',
        /one consent/,
      ],
      [
        'an unknown member',
        () => flow(client, [detail({ to: 'urn:altinn:organization:identifier-no:310100013' })]),
        'invalid_authorization_details',
        /unknown member/,
      ],
      [
        'no rights and no id',
        () => flow(client, [detail({ consentRights: undefined })]),
        'invalid_authorization_details',
        /AM\.VLD-00023/,
      ],
      [
        'no action',
        () => flow(client, [detail({ consentRights: [{ ...incomeRight(), action: [] }] })]),
        'invalid_authorization_details',
        /STD\.VLD-00000/,
      ],
      [
        'details that are no JSON',
        () => ({
          ...flow(client),
          parameters: { ...flow(client).parameters, authorization_details: '[{' },
        }),
        'invalid_authorization_details',
        /./,
      ],
      [
        'the implicit flow',
        () => flow(client, [detail()], { response_type: 'token' }),
        'unsupported_response_type',
        /./,
      ],
    ];
    for (const [name, request, error, description] of pushes) {
      it(`${name} at PAR: ${error}`, async () => {
        const answer = await push(client, request());
        assert.deepEqual(
          [answer.status >= 400 && answer.status < 500, answer.body.error],
          [true, error],
          answer.text,
        );
        assert.match(answer.body.error_description ?? '', description);
      });
    }

    for (const [name, changes, words] of [
      [
        'unknown metadata',
        { consentRights: [{ ...incomeRight(), metadata: { inntektsaar: '2025', foo: 'x' } }] },
        /AM-00006.*foo/,
      ],
      ['a validTo in the past', { validTo: '2026-01-01T00:00:00Z' }, /AM\.VLD-00022 ValidTo/],
      [
        'an unknown resource',
        {
          consentRights: [
            { ...incomeRight(), resource: [{ type: 'urn:altinn:resource', value: 'nope' }] },
          ],
        },
        /AM-00005/,
      ],
    ] as const) {
      it(`${name} at PAR, before anybody logs in`, async () => {
        const answer = await push(client, flow(client, [detail(changes)]));
        assert.equal(answer.body.error, 'invalid_authorization_details');
        assert.match(answer.body.error_description, words);
      });
    }

    it("an unknown request at PAR, and another's, alike", async () => {
      const foreign = await ask(person, await newOrganization());
      for (const id of [randomUUID(), foreign]) {
        const answer = await push(client, flow(client, [{ type: CONSENT, id } as never]));
        assert.match(answer.body.error_description, /^AM-00001/);
      }
    });

    it('what only the person makes wrong, back at the client: a required delegator who may not answer', async () => {
      const browser = new Browser();
      await start(
        client,
        browser,
        flow(client, [detail({ requiredDelegator: (await newPerson()).urn })]),
      );
      await browser.logIn(person, atClient);
      assert.equal(browser.page.url.searchParams.get('error'), 'invalid_authorization_details');
      assert.match(browser.page.url.searchParams.get('error_description')!, /TIL-00016/);
    });

    it("a type that is not on the client's list", async () => {
      const bare = await newClient(to, {
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [REDIRECT],
        application_type: 'native',
        authorization_details_types: undefined,
      });
      const answer = await post('/par', {
        ...(await clientAuth(bare)),
        ...flow(client).parameters,
        scope: 'openid',
      });
      assert.equal(answer.body.error, 'invalid_authorization_details');
    });

    it('an unregistered redirect_uri with a page of ours, never by sending the browser there', async () => {
      const browser = new Browser();
      await browser.open(
        `/authorize?${new URLSearchParams({ client_id: client.id, ...flow(client).parameters, redirect_uri: 'https://evil.example/' })}`,
      );
      assert.equal(browser.page.status, 400);
      assert.match(browser.page.html, /<h1/);
      assert.equal(
        browser.page.headers.get('content-security-policy')?.includes("frame-ancestors 'none'"),
        true,
      );
    });

    it('a pushed request of another client', async () => {
      const other = await newClient(to, {
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [REDIRECT],
        application_type: 'native',
      });
      const pushed = await push(client, flow(client));
      const browser = new Browser();
      await browser.open(
        `/authorize?${new URLSearchParams({ client_id: other.id, request_uri: pushed.body.request_uri })}`,
        atClient,
      );
      assert.match(browser.page.url.searchParams.get('error')!, /^invalid_request/);
      assert.equal(browser.page.url.searchParams.get('code'), null);
    });

    it('a wrong verifier, and another redirect_uri at the token endpoint', async () => {
      const wrong: Record<string, string>[] = [
        { code_verifier: randomBytes(32).toString('base64url') },
        { redirect_uri: `${REDIRECT}?x` },
      ];
      for (const extra of wrong) {
        const request = flow(client);
        const back = await answered(client, person, request);
        assert.equal(
          (await redeemCode(client, back.searchParams.get('code')!, request.verifier, extra)).body
            .error,
          'invalid_grant',
        );
      }
    });

    it('a code that is used again, and then its tokens too', async () => {
      const request = flow(client);
      const code = (await answered(client, person, request)).searchParams.get('code')!;
      const first = await redeemCode(client, code, request.verifier);
      assert.equal((await redeemCode(client, code, request.verifier)).body.error, 'invalid_grant');
      assert.equal((await refresh(first.body.refresh_token)).body.error, 'invalid_grant');
    });

    it('all but one of six parallel uses of a code', async () => {
      const request = flow(client);
      const code = (await answered(client, person, request)).searchParams.get('code')!;
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => redeemCode(client, code, request.verifier)),
      );
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    });

    it('client assertions that are replayed, live too long, or have no exp', async () => {
      const auth = await clientAuth(client);
      const form = { ...auth, grant_type: 'refresh_token', refresh_token: 'x' };
      assert.equal((await post('/token', form)).body.error, 'invalid_grant');
      assert.equal((await post('/token', form)).body.error, 'invalid_client');
      const now = Math.floor(Date.now() / 1000);
      for (const claims of [
        { exp: now + 3_700 },
        { exp: now + 3_500, iat: now - 200 },
        { iat: now + 60, exp: now + 120 },
        { nbf: now + 60 },
        { exp: now - 20 },
        { exp: undefined as never },
        { exp: now - 60 },
        { jti: undefined as never },
        { aud: 'https://other.example' },
        { aud: [world.url, 'https://other.example'] },
      ]) {
        const answer = await post('/token', { ...form, ...(await clientAuth(client, claims)) });
        assert.equal(answer.body.error, 'invalid_client', JSON.stringify(claims));
      }
    });

    it('all but one of six parallel uses of a client assertion', async () => {
      const form = {
        ...(await clientAuth(client)),
        grant_type: 'refresh_token',
        refresh_token: 'x',
      };
      const answers = await Promise.all(Array.from({ length: 6 }, () => post('/token', form)));
      assert.equal(answers.filter((answer) => answer.body.error === 'invalid_grant').length, 1);
    });
  });
});
