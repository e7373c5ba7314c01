// What the authorization code flow refuses, at PAR, in the browser and at the token endpoint.
import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Browser } from '../support/browser.ts';
import { clientAuth, CONSENT, newClient, post, type TestClient } from '../support/clients.ts';
import {
  ask,
  inDays,
  incomeRight,
  newOrganization,
  newPerson,
  world,
  type TestParty,
} from '../support/world.ts';

const REDIRECT = 'http://127.0.0.1:9/callback';
const atClient = (url: URL) => url.href.startsWith(REDIRECT);

describe('the authorization code flow', () => {
  let person: TestParty;
  let to: TestParty;
  let client: TestClient;
  before(async () => {
    [person, to] = [await newPerson('Kode Person'), await newOrganization('Kodebanken AS')];
    client = await newClient(to, {
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: [REDIRECT],
      application_type: 'native',
    });
  });

  const detail = (changes: object = {}) => ({
    type: CONSENT,
    validTo: inDays(30),
    consentRights: [incomeRight()],
    requestMessage: { nb: 'Til lån' },
    ...changes,
  });

  interface Flow {
    verifier: string;
    parameters: Record<string, string>;
  }
  const flow = (
    details: unknown[] | null = [detail()],
    changes: Record<string, string> = {},
  ): Flow => {
    const verifier = randomBytes(32).toString('base64url');
    return {
      verifier,
      parameters: {
        response_type: 'code',
        redirect_uri: REDIRECT,
        scope: `openid ${client.scope}`,
        state: 's',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(details ? { authorization_details: JSON.stringify(details) } : {}),
        ...changes,
      },
    };
  };
  const push = async ({ parameters }: Flow) =>
    post('/par', { ...(await clientAuth(client)), ...parameters });
  const start = async (browser: Browser, request: Flow, until = atClient) => {
    const pushed = await push(request);
    assert.equal(pushed.status, 201, pushed.text);
    return browser.open(
      `${world.url}/authorize?${new URLSearchParams({ client_id: client.id, request_uri: pushed.body.request_uri })}`,
      until,
    );
  };
  const redeem = async (code: string, verifier: string, extra: Record<string, string> = {}) =>
    post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: REDIRECT,
      ...extra,
    });
  const refresh = async (token: string) =>
    post('/token', {
      ...(await clientAuth(client)),
      grant_type: 'refresh_token',
      refresh_token: token,
    });

  /** Walks to the end; answers with the address at the client. */
  async function answered(request: Flow, answer: 'yes' | 'no' = 'yes', who = person): Promise<URL> {
    const browser = new Browser();
    await start(browser, request);
    await browser.logIn(who);
    assert.match(
      browser.page.url.pathname,
      /^\/consent\/request$/,
      browser.page.html.slice(0, 500),
    );
    await browser.submit({ answer });
    assert.equal(browser.page.url.pathname, '/consent/receipt');
    const [, back] = /href="(\/interaction\/[\w-]+)"/.exec(browser.page.html)!;
    await browser.open(back!, atClient);
    return browser.page.url;
  }

  describe('refuses', () => {
    const pushes: [string, () => Flow, string, RegExp][] = [
      [
        'PKCE plain',
        () => flow([detail()], { code_challenge_method: 'plain' }),
        'invalid_request',
        /code_challenge_method/,
      ],
      [
        'no PKCE',
        () => {
          const request = flow();
          delete (request.parameters as any).code_challenge;
          delete (request.parameters as any).code_challenge_method;
          return request;
        },
        'invalid_request',
        /PKCE|code_challenge/,
      ],
      [
        'another redirect_uri',
        () => flow([detail()], { redirect_uri: `${REDIRECT}/x` }),
        'invalid_request',
        /redirect_uri/,
      ],
      [
        'an unregistered resource',
        () => flow([detail()], { resource: 'https://nowhere.example' }),
        'invalid_target',
        /./,
      ],
      [
        'an unknown type',
        () => flow([{ type: 'urn:other' } as never]),
        'invalid_authorization_details',
        /./,
      ],
      [
        'two consents',
        () => flow([detail(), detail()]),
        'invalid_authorization_details',
        /one consent/,
      ],
      [
        'an unknown member',
        () => flow([detail({ to: 'urn:altinn:organization:identifier-no:310100013' })]),
        'invalid_authorization_details',
        /unknown member/,
      ],
      [
        'no rights and no id',
        () => flow([detail({ consentRights: undefined })]),
        'invalid_authorization_details',
        /AM\.VLD-00023/,
      ],
      [
        'no action',
        () => flow([detail({ consentRights: [{ ...incomeRight(), action: [] }] })]),
        'invalid_authorization_details',
        /STD\.VLD-00000/,
      ],
      [
        'details that are no JSON',
        () => ({ ...flow(), parameters: { ...flow().parameters, authorization_details: '[{' } }),
        'invalid_authorization_details',
        /./,
      ],
      [
        'the implicit flow',
        () => flow([detail()], { response_type: 'token' }),
        'unsupported_response_type',
        /./,
      ],
    ];
    for (const [name, request, error, description] of pushes) {
      it(`${name} at PAR: ${error}`, async () => {
        const answer = await push(request());
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
        const answer = await push(flow([detail(changes)]));
        assert.equal(answer.body.error, 'invalid_authorization_details');
        assert.match(answer.body.error_description, words);
      });
    }

    it("an unknown request at PAR, and another's, alike", async () => {
      const foreign = await ask(person, await newOrganization());
      for (const id of [randomUUID(), foreign]) {
        const answer = await push(flow([{ type: CONSENT, id } as never]));
        assert.match(answer.body.error_description, /^AM-00001/);
      }
    });

    it('what only the person makes wrong, back at the client: a required delegator who may not answer', async () => {
      const browser = new Browser();
      await start(browser, flow([detail({ requiredDelegator: (await newPerson()).urn })]));
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
        ...flow().parameters,
        scope: 'openid',
      });
      assert.equal(answer.body.error, 'invalid_authorization_details');
    });

    it('an unregistered redirect_uri with a page of ours, never by sending the browser there', async () => {
      const browser = new Browser();
      await browser.open(
        `/authorize?${new URLSearchParams({ client_id: client.id, ...flow().parameters, redirect_uri: 'https://evil.example/' })}`,
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
      const pushed = await push(flow());
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
        const request = flow();
        const back = await answered(request);
        assert.equal(
          (await redeem(back.searchParams.get('code')!, request.verifier, extra)).body.error,
          'invalid_grant',
        );
      }
    });

    it('a code that is used again, and then its tokens too', async () => {
      const request = flow();
      const code = (await answered(request)).searchParams.get('code')!;
      const first = await redeem(code, request.verifier);
      assert.equal((await redeem(code, request.verifier)).body.error, 'invalid_grant');
      assert.equal((await refresh(first.body.refresh_token)).body.error, 'invalid_grant');
    });

    it('all but one of six parallel uses of a code', async () => {
      const request = flow();
      const code = (await answered(request)).searchParams.get('code')!;
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => redeem(code, request.verifier)),
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
