// A client whose secret or key is replaced has two of them at a time, each with an end of its own:
// both serve meanwhile, and none after its end.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  assertion,
  clientAuth,
  JWT_BEARER,
  newOwnedClient,
  post,
  type TestClient,
} from '../../support/oauth/clients.ts';
import { importThis, newOrganization } from '../../support/world.ts';

const [FIRST, SECOND] = ['the first secret of a test client', 'the second secret of a test client'];
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
const [PAST, FUTURE] = [seconds(-10), seconds(3_600)];

describe('two secrets of a client', () => {
  const bySecret = (metadata: object) =>
    newOwnedClient({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_post',
      jwks: undefined,
      client_secret: FIRST,
      ...metadata,
    });
  const statuses = async (client: TestClient) => {
    const asked = { grant_type: 'client_credentials', client_id: client.id, scope: client.scope };
    const answers: number[] = [];
    for (const secret of [FIRST, SECOND, `${FIRST} ${SECOND}`, '-'])
      answers.push((await post('/token', { ...asked, client_secret: secret })).status);
    return answers;
  };
  const other = (ends: unknown) => ({
    'x-other-secret': { client_secret: SECOND, client_secret_expires_at: ends },
  });

  it('both serve, and nothing else does', async () => {
    assert.deepEqual(await statuses(await bySecret({})), [200, 401, 401, 401]);
    assert.deepEqual(await statuses(await bySecret(other(FUTURE))), [200, 200, 401, 401]);
    const lasting = { client_secret_expires_at: 0, ...other(FUTURE) };
    assert.deepEqual(await statuses(await bySecret(lasting)), [200, 200, 401, 401]);
  });

  it('each ends by itself', async () => {
    assert.deepEqual(await statuses(await bySecret(other(PAST))), [200, 401, 401, 401]);
    const gone = { client_secret_expires_at: PAST };
    const next = await bySecret({ ...gone, ...other(FUTURE) });
    assert.deepEqual(await statuses(next), [401, 200, 401, 401]);
    assert.deepEqual(
      await statuses(await bySecret({ ...gone, ...other(PAST) })),
      [401, 401, 401, 401],
    );
  });

  it('are refused without a first one, and without an end of the second', async () => {
    const owner = await newOrganization();
    await assert.rejects(
      importThis({
        clients: [{ client_id: 'second-alone', 'x-org': owner.number, ...other(FUTURE) }],
      }),
      /x-other-secret goes with a client_secret/,
    );
    for (const ends of [undefined, 0, Date.now(), '2031-01-01'])
      await assert.rejects(bySecret(other(ends)), /client_secret_expires_at/, String(ends));
  });
});

describe('two keys of a client', () => {
  const pairs = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const withKeys = (...ends: object[]) =>
    newOwnedClient({
      jwks: {
        keys: pairs.map(({ publicKey }, at) => ({
          ...publicKey.export({ format: 'jwk' }),
          ...{ kid: `k${at}`, alg: 'RS256', use: 'sig' },
          ...ends[at],
        })),
      },
    });
  /** At the jwt-bearer grant, and where the client shows itself for another. */
  const statuses = async (client: TestClient) => {
    const answers: number[][] = [];
    for (const [at, { privateKey }] of pairs.entries()) {
      const signing = { ...client, key: privateKey };
      const header = { kid: `k${at}` };
      const grant = await post('/token', {
        grant_type: JWT_BEARER,
        assertion: await assertion(signing, {}, header),
      });
      const auth = await clientAuth(signing, {}, header);
      const own = await post('/token', {
        ...auth,
        grant_type: 'client_credentials',
        scope: client.scope,
      });
      answers.push([grant.status, own.status]);
    }
    return answers;
  };

  it('both serve while they are in use', async () => {
    assert.deepEqual(await statuses(await withKeys({}, { nbf: PAST, exp: FUTURE })), [
      [200, 200],
      [200, 200],
    ]);
  });

  it('serve neither after their end nor before their beginning', async () => {
    const [ended] = await statuses(await withKeys({ exp: PAST }, {}));
    assert.ok(
      ended!.every((status) => [400, 401].includes(status)),
      String(ended),
    );
    const [first, later] = await statuses(await withKeys({}, { nbf: FUTURE }));
    assert.deepEqual(first, [200, 200]);
    assert.ok(
      later!.every((status) => [400, 401].includes(status)),
      String(later),
    );
  });
});
