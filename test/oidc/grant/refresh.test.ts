// Refreshing (RFC 6749 §6, RFC 9700 §4.14): what is refused changes nothing, what is used is
// counted once, and a token that was passed on answers no more.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Browser } from '../../support/pages/browser.ts';
import {
  clientAuth,
  CONSENT,
  newClient,
  payloadOf,
  post,
  PUBLIC,
  WEB,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { givenTo, usesOf } from '../../support/oauth/refreshing.ts';
import { authorization, atClient, redeem } from '../../support/oauth/relying_party.ts';
import { newConsentResource, rightTo } from '../../support/rights/rights.ts';
import {
  call,
  inDays,
  newOrganization,
  newPerson,
  personToken,
  withdraw,
  world,
  type Answer,
  type TestParty,
} from '../../support/world.ts';

const sha256 = (value: string) => createHash('sha256').update(value).digest('base64url');

describe('a refresh token', () => {
  let person: TestParty;
  let to: TestParty;
  let own: TestClient;
  let open: TestClient;
  let resource: string;
  before(async () => {
    [person, to] = [await newPerson(), await newOrganization()];
    [own, open] = [await newClient(to, WEB), await newClient(to, PUBLIC)];
    resource = await newConsentResource(['privatperson']);
  });

  const authOf = async (client: TestClient): Promise<Record<string, string>> =>
    client === open ? { client_id: client.id } : clientAuth(client);
  const refresh = async (
    client: TestClient,
    token: string,
    extra: Record<string, string> = {},
  ): Promise<Answer> =>
    post('/token', {
      ...(await authOf(client)),
      grant_type: 'refresh_token',
      refresh_token: token,
      ...extra,
    });
  /** Tokens of a consent that the person has just given. */
  const given = (client: TestClient, of: string | string[] = resource, days = 30) =>
    givenTo(client, person, { of: [of].flat(), days, auth: () => authOf(client) });
  const suspend = async (id: string, act: 'suspend' | 'resume') => {
    const answer = await call(
      'POST',
      `/access/v1/consents/${id}/${act}`,
      await personToken(person),
    );
    assert.ok(answer.status < 300, answer.text);
  };
  /** As if it had been rotated so many seconds before. */
  const later = (seconds: number, token: string) =>
    world.database.db.raw(
      "update oidc_state set consumed_at = consumed_at - ?::int * interval '1 second' where id_hash = ?",
      [seconds, sha256(token)],
    );
  const CLIENTS: [string, () => TestClient][] = [
    ['a client that proves who it is', () => own],
    ['a client that anybody may be', () => open],
  ];

  for (const [who, client] of CLIENTS) {
    describe(`of ${who}`, () => {
      it('is as it was after every refusal, and each token that left was counted', async () => {
        const causes: Record<string, Record<string, string>> = {
          resource: { resource: 'https://nobody.example' },
          shape: {
            authorization_details: JSON.stringify([{ type: CONSENT, ...rightTo(resource) }]),
          },
          type: { authorization_details: JSON.stringify([{ type: 'urn:nobody' }]) },
          scope: { scope: 'openid more' },
          authentication: { client_id: 'nobody' },
        };
        const steps = fc.array(fc.constantFrom('good', 'suspended', ...Object.keys(causes)), {
          minLength: 1,
          maxLength: 6,
        });
        await fc.assert(
          fc.asyncProperty(steps, async (list) => {
            let { id, token } = await given(client());
            let left = 1;
            for (const step of [...list, 'good']) {
              if (step === 'suspended') await suspend(id, 'suspend');
              const answer = await refresh(client(), token, causes[step]);
              if (step === 'suspended') {
                assert.equal(answer.body.consent_error, 'AM-00014', answer.text);
                await suspend(id, 'resume');
              }
              assert.equal(answer.status === 200, step === 'good', `${step}: ${answer.text}`);
              if (step === 'good') [left, token] = [left + 1, answer.body.refresh_token];
              assert.equal(await usesOf(id), left, step);
            }
          }),
          { numRuns: 6 },
        );
      });

      it('is refused once the consent is withdrawn, naming why', async () => {
        const { id, token } = await given(client());
        await withdraw(id, person);
        const { status, body } = await refresh(client(), token);
        assert.deepEqual(
          [status, body.error, body.consent_error],
          [400, 'invalid_grant', 'AM-00011'],
        );
      });

      it('of a consent for one token refreshes nothing, and its grant stays', async () => {
        const once = await newConsentResource(['privatperson'], { isOneTimeConsent: true });
        const { id, token } = await given(client(), once);
        for (let time = 0; time < 2; time += 1)
          assert.equal((await refresh(client(), token)).body.consent_error, 'AM-00013');
        assert.equal(await usesOf(id), 1);
      });

      it('ends with the consent', async () => {
        const { token } = await given(client(), resource, 3);
        const { body } = await refresh(client(), token);
        const { rows } = await world.database.db.raw(
          `select model, round(extract(epoch from expires_at - now()) / 86400)::int as days from oidc_state
           where grant_id = ? and consumed_at is null order by model`,
          [payloadOf(body.access_token).grant_id],
        );
        assert.deepEqual(
          rows.filter(({ model }: { model: string }) => /Grant|Refresh/.test(model)),
          [
            { model: 'Grant', days: 3 },
            { model: 'RefreshToken', days: 3 },
          ],
        );
      });

      it('ends 30 days after its last use, and 400 after its first, where there is no consent', async () => {
        const id = client();
        const tokens = await loggedInWith(id);
        const grant = payloadOf(tokens.access_token).grant_id;
        const ends = async () =>
          (
            await world.database.db.raw(
              `select distinct round(extract(epoch from expires_at - now()) / 86400)::int as days from oidc_state
               where grant_id = ? and consumed_at is null and model in ('Grant', 'RefreshToken')`,
              [grant],
            )
          ).rows.map(({ days }: { days: number }) => days);
        assert.deepEqual(await ends(), [30]);
        const age = (days: number) =>
          world.database.db.raw(
            `update oidc_state set expires_at = expires_at - ?::int * interval '1 day',
               payload = payload || jsonb_build_object('exp', (payload ->> 'exp')::bigint - ?::int * 86400)
                 || case when model = 'RefreshToken' then jsonb_build_object('iiat', (payload ->> 'iiat')::bigint - ?::int * 86400) else '{}' end
             where grant_id = ?`,
            [days, days, days, grant],
          );
        await age(20);
        assert.deepEqual(await ends(), [10]);
        let answer = await refresh(id, tokens.refresh_token);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(await ends(), [30]);
        for (let time = 0; time < 18; time += 1) {
          await age(20);
          answer = await refresh(id, answer.body.refresh_token);
          assert.equal(answer.status, 200, answer.text);
        }
        assert.deepEqual(await ends(), [20]);
        await age(21);
        assert.equal((await refresh(id, answer.body.refresh_token)).body.error, 'invalid_grant');
      });
    });
  }

  const loggedInWith = async (client: TestClient) => {
    const scope = `openid offline_access ${client.scope}`;
    const { verifier, query } = authorization(client, { scope });
    const browser = new Browser();
    await browser.open(`${world.url}/authorize?${query}`, atClient);
    await browser.logIn(person, atClient);
    if (!atClient(browser.page.url)) await browser.submit({ answer: 'yes' }, atClient);
    const code = { url: browser.page.url, verifier, wasAsked: true };
    const { body, text } = await redeem(client, code, await authOf(client));
    assert.ok(body.refresh_token, text);
    return body;
  };

  describe('that stays', () => {
    it('is answered as it was, also six at once, each counted', async () => {
      const { id, token } = await given(own);
      const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(own, token)));
      for (const { status, body, text } of answers) {
        assert.equal(status, 200, text);
        assert.equal(body.refresh_token, token);
      }
      assert.equal(await usesOf(id), 7);
    });

    it('gets a token for part of the rights, as the token answer has them, and no more', async () => {
      const both = [resource, await newConsentResource(['privatperson'])];
      const { id, token } = await given(own, both);
      const whole = (await refresh(own, token)).body.authorization_details;
      assert.equal(whole[0].consentRights.length, 2);
      const ask = async (...details: object[]) =>
        refresh(own, token, { authorization_details: JSON.stringify(details) });
      assert.deepEqual((await ask(...whole)).body.authorization_details, whole);
      assert.deepEqual((await ask({ type: CONSENT, id })).body.authorization_details, whole);
      const [first] = whole[0].consentRights;
      const part = await ask({ type: CONSENT, id, consentRights: [first] });
      assert.deepEqual(part.body.authorization_details, [{ ...whole[0], consentRights: [first] }]);
      assert.deepEqual(
        payloadOf(part.body.access_token).authorization_details,
        part.body.authorization_details,
      );
      const uses = await usesOf(id);
      for (const more of [
        [{ type: CONSENT, id, consentRights: [first, { ...first, action: ['more'] }] }],
        [{ type: CONSENT, id, consentRights: [] }],
        [{ type: CONSENT, id, consentRights: [rightTo('another').consentRights[0]] }],
        [{ type: CONSENT, id, more: true }],
        [{ type: CONSENT, id, validTo: inDays(400) }],
        [
          { type: CONSENT, id },
          { type: CONSENT, id },
        ],
        [{ type: CONSENT, id }, { type: 'urn:tillit:parties' }],
      ]) {
        const { status, body, text } = await ask(...more);
        assert.deepEqual(
          [status, body.error],
          [400, 'invalid_authorization_details'],
          `${JSON.stringify(more)} ${text}`,
        );
      }
      assert.equal(await usesOf(id), uses);
      assert.deepEqual((await refresh(own, token)).body.authorization_details, whole);
    });

    it('cannot ask for another consent than was granted', async () => {
      const [{ token }, other] = [await given(own), await given(own)];
      const answer = await refresh(own, token, {
        authorization_details: JSON.stringify([{ type: CONSENT, id: other.id }]),
      });
      assert.equal(answer.body.error, 'invalid_authorization_details', answer.text);
    });
  });

  describe('that is passed on', () => {
    it('answers once more with the same successor, until that one is used; then its family ends', async () => {
      const { id, token } = await given(open);
      const first = await refresh(open, token);
      const lost = await refresh(open, token);
      assert.equal(first.status, 200, first.text);
      assert.equal(lost.body.refresh_token, first.body.refresh_token);
      assert.notEqual(first.body.refresh_token, token);
      assert.equal(await usesOf(id), 3);
      const second = await refresh(open, first.body.refresh_token);
      assert.equal(second.status, 200, second.text);
      assert.equal((await refresh(open, token)).body.error, 'invalid_grant');
      for (const { body } of [first, second])
        assert.equal((await refresh(open, body.refresh_token)).body.error, 'invalid_grant');
      assert.equal(await usesOf(id), 4);
    });

    it('answers no more after ten seconds, and its family ends', async () => {
      const { token } = await given(open);
      const { body } = await refresh(open, token);
      await later(11, token);
      assert.equal((await refresh(open, token)).body.error, 'invalid_grant');
      assert.equal((await refresh(open, body.refresh_token)).body.error, 'invalid_grant');
    });

    it('gives six at once one and the same successor, each counted', async () => {
      const { id, token } = await given(open);
      const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(open, token)));
      const good = answers.filter(({ status }) => status === 200);
      assert.equal(good.length, 6, answers.map(({ text }) => text).join());
      assert.equal(new Set(good.map(({ body }) => body.refresh_token)).size, 1);
      assert.equal(await usesOf(id), 7);
      assert.equal((await refresh(open, good[0]!.body.refresh_token)).status, 200);
    });

    it('answers no other client, and stays for its own', async () => {
      const { token } = await given(open);
      const stranger = await newClient(to, PUBLIC);
      for (let time = 0; time < 2; time += 1) {
        const answer = await post('/token', {
          client_id: stranger.id,
          grant_type: 'refresh_token',
          refresh_token: token,
        });
        assert.equal(answer.body.error, 'invalid_grant');
        assert.equal((await refresh(open, token)).status, 200);
      }
    });

    it('is stored nowhere in the clear', async () => {
      const { token } = await given(open);
      const { body } = await refresh(open, token);
      const { rows } = await world.database.db.raw('select * from oidc_state where grant_id = ?', [
        payloadOf(body.access_token).grant_id,
      ]);
      for (const value of [token, body.refresh_token])
        assert.ok(!JSON.stringify(rows).includes(value));
    });
  });
});
