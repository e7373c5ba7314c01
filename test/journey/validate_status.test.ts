// The validation package and status lists: what it reads in one, how long it keeps it, and every
// list that it does not believe.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync } from 'node:zlib';
import { SignJWT } from 'jose';
import {
  type ConsentTokenError,
  verifyConsentToken,
  type Refusal,
} from '../../clients/validate/index.ts';

const PERSON = '14838412026';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PLACES = [0, 1, 2, 0];

describe('the validation package, of a token with a status', () => {
  let server: Server;
  let issuer: string;
  let fetched = 0;
  let given: () => Promise<{ status: number; text: string }>;
  let now = new Date();
  const uri = () => `${issuer}/status-lists/1`;

  /** A list with a byte of bits, and whatever else is said of it. */
  const list = async (
    claims: object = {},
    header: object = {},
    bytes: Buffer | undefined = undefined,
  ) => {
    const byte = Buffer.from([PLACES.reduce((sum, bit, at) => sum | (bit << (at * 2)), 0)]);
    const iat = Math.floor(now.getTime() / 1_000);
    const lst = deflateSync(bytes ?? byte).toString('base64url');
    return new SignJWT({
      ...{ iss: issuer, sub: uri(), iat, exp: iat + 60, ttl: 15 },
      ...{ status_list: { bits: 2, lst }, ...claims },
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'statuslist+jwt', ...header })
      .sign(privateKey);
  };

  before(async () => {
    server = createServer(async ({ url }, response) => {
      if (url === '/jwks') {
        const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
        return response.end(JSON.stringify({ keys: [key] }));
      }
      fetched += 1;
      const { status, text } = await given();
      response.writeHead(status, { location: '/elsewhere' });
      response.end(text);
    });
    await new Promise<void>((ready) => {
      server.listen(0, '127.0.0.1', ready);
    });
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    now = new Date();
    fetched = 0;
    given = async () => ({ status: 200, text: await list() });
  });

  const iso = (no: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${no}` });
  const token = (status?: unknown) =>
    new SignJWT({
      ...{ iss: issuer, scope: 'testskatt:inntekt', consumer: iso('310100013') },
      ...(status === undefined ? {} : { status }),
      authorization_details: [
        {
          ...{ type: 'urn:altinn:consent', id: 'c', to: iso('310100013') },
          from: `urn:altinn:person:identifier-no:${PERSON}`,
          validTo: new Date(now.getTime() + 3_600_000).toISOString(),
          consentRights: [
            { action: ['consent'], resource: [{ type: 'urn:altinn:resource', value: 'inntekt' }] },
          ],
        },
      ],
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey);
  const at = (idx: unknown, of: unknown = uri()) => ({ status_list: { idx, uri: of } });
  const validator = (
    ask: (token: string) => Promise<boolean> = async () => true,
    more: object = {},
  ) =>
    verifyConsentToken({
      ...more,
      ...{ issuer, scope: 'testskatt:inntekt', resource: 'inntekt' },
      ...{ status: { ask }, now: () => now },
    });
  const check = async (status: unknown, validate = validator()) =>
    validate(await token(status), { from: PERSON });
  const refused = async (work: Promise<unknown>, reason: Refusal, status: number) =>
    assert.rejects(work, (error: ConsentTokenError) => {
      assert.deepEqual([error.reason, error.status], [reason, status]);
      return true;
    });

  it('accepts what is valid', async () => {
    for (const idx of [0, 3]) assert.equal((await check(at(idx))).consent.id, 'c');
  });

  it('refuses what is withdrawn or suspended, with the code of the consent API', async () => {
    for (const [idx, reason, code] of [
      [1, 'withdrawn', 'AM-00011'],
      [2, 'suspended', 'AM-00014'],
    ] as const)
      await assert.rejects(check(at(idx)), (error: ConsentTokenError) => {
        const { error: word, consent_error: told } = error.body;
        assert.deepEqual(
          [error.status, error.reason, word, told],
          [401, reason, 'invalid_token', code],
        );
        return true;
      });
  });

  it('keeps a list for as long as its ttl, and fetches it once for all who wait', async () => {
    const validate = validator();
    await Promise.all([check(at(0), validate), check(at(3), validate)]);
    await check(at(0), validate);
    assert.equal(fetched, 1);
    now = new Date(now.getTime() + 14_000);
    await check(at(0), validate);
    assert.equal(fetched, 1);
    now = new Date(now.getTime() + 2_000);
    await check(at(0), validate);
    assert.equal(fetched, 2);
  });

  it('refuses a place that is not in a list of the issuer', async () => {
    for (const status of [
      at(0, 'https://evil.example/status-lists/1'),
      at(0, `${issuer}.evil.example/1`),
      ...[at(-1), at('0'), at(0.5), at(0, 7), {}, 'x', null],
    ])
      await refused(check(status), 'invalid_token', 401);
    assert.equal(fetched, 0);
  });

  it('asks the issuer about a token without a place', async () => {
    const asked: string[] = [];
    const asking = (isActive: boolean) =>
      validator(async (one) => {
        asked.push(one);
        return isActive;
      });
    await check(undefined, asking(true));
    assert.match(asked[0]!, /^ey/);
    await refused(check(undefined, asking(false)), 'withdrawn', 401);
    const silent = validator(() => Promise.reject(new Error('down')));
    await refused(check(undefined, silent), 'status_unavailable', 503);
  });

  /** A list that was signed so many seconds after now. */
  const listOf = (after: number) => {
    const iat = Math.floor(now.getTime() / 1_000) + after;
    return list({ iat, exp: iat + 60 });
  };
  const lists: [string, () => Promise<string>][] = [
    ['has run out', () => list({ exp: Math.floor(now.getTime() / 1_000) - 1 })],
    ['was kept by another for longer than its ttl', () => listOf(-16)],
    ['is of a time to come', () => listOf(5)],
    ['has no end', () => list({ exp: undefined })],
    ['is of another address', () => list({ sub: `${issuer}/status-lists/2` })],
    ['is of another issuer', () => list({ iss: 'https://evil.example' })],
    ['is of another type', () => list({}, { typ: 'jwt' })],
    ['is signed with an unknown key', () => list({}, { kid: 'k9' })],
    ['is no token', async () => '{}'],
    ['has no bits', () => list({ status_list: { lst: '' } })],
    ['is not compressed', () => list({ status_list: { bits: 2, lst: 'AAAA' } })],
    ['is longer than any', () => list({}, {}, Buffer.alloc(5 * 2 ** 20))],
    ['is too short', () => list({}, {}, Buffer.alloc(0))],
  ];
  for (const [name, made] of lists)
    it(`does not believe a list that ${name}, and blames no token`, async () => {
      given = async () => ({ status: 200, text: await made() });
      await refused(check(at(0)), 'status_unavailable', 503);
    });

  it('lets the clock of the issuer be as far off as of its tokens', async () => {
    const iat = Math.floor(now.getTime() / 1_000) - 20;
    given = async () => ({ status: 200, text: await list({ iat, exp: iat + 60 }) });
    await refused(check(at(0)), 'status_unavailable', 503);
    assert.equal(
      (await check(at(0), validator(undefined, { clockTolerance: 30 }))).consent.id,
      'c',
    );
  });

  it('does not believe an issuer that is down, or sends it elsewhere', async () => {
    for (const status of [500, 404, 302]) {
      given = async () => ({ status, text: await list() });
      await refused(check(at(0)), 'status_unavailable', 503);
    }
  });
});
