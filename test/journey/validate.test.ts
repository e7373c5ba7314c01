// The package with which an API checks consent tokens: every refusal it knows, in both middlewares,
// with real signatures.
import assert from 'node:assert/strict';
import { execFile, spawnSync as run } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import Koa from 'koa';
import { SignJWT } from 'jose';
import {
  ConsentTokenError,
  expressConsent,
  koaConsent,
  verifyConsentToken,
  type Refusal,
} from '../../clients/validate/index.ts';

const ISSUER = 'https://issuer.example/';
const PERSON = '14838412026';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

describe('the validation package', () => {
  let jwks: Server;
  let jwksUri: string;
  let fetched = 0;
  let kid = 'k1';
  before(async () => {
    jwks = createServer((_request, response) => {
      fetched += 1;
      response.end(
        JSON.stringify({
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }],
        }),
      );
    });
    await new Promise<void>((ready) => {
      jwks.listen(0, '127.0.0.1', ready);
    });
    jwksUri = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/`;
  });
  after(() => {
    jwks.close();
  });

  const iso = (no: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${no}` });
  const right = (changes: object = {}) => ({
    action: ['consent'],
    resource: [{ type: 'urn:altinn:resource', value: 'inntekt' }],
    metadata: { inntektsaar: '2025' },
    ...changes,
  });
  const detail = (changes: object = {}) => ({
    type: 'urn:altinn:consent',
    id: 'c',
    from: `urn:altinn:person:identifier-no:${PERSON}`,
    to: iso('310100013'),
    consented: '2026-01-01T00:00:00Z',
    validTo: new Date(Date.now() + 60_000).toISOString(),
    consentRights: [right()],
    ...changes,
  });
  const token = (
    claims: object = {},
    header: object = {},
    key: KeyObject = privateKey,
    exp = '60s',
  ) =>
    new SignJWT({
      iss: ISSUER,
      scope: 'a testskatt:inntekt',
      consumer: iso('310100013'),
      authorization_details: [detail()],
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
      .setIssuedAt()
      .setExpirationTime(exp)
      .sign(key);
  const options = () => ({
    issuer: 'https://issuer.example',
    jwksUri,
    scope: 'testskatt:inntekt',
    resource: 'inntekt',
  });
  const wanted = { from: PERSON, metadata: { Inntektsaar: '2025' } };

  it('accepts a good token, by number or URN, and tells what it found', async () => {
    const validate = verifyConsentToken(options());
    const { consent, right: found } = await validate(await token(), wanted);
    assert.deepEqual(
      [consent.id, consent.to, found.metadata],
      ['c', '310100013', { inntektsaar: '2025' }],
    );
    await validate(await token(), { from: `urn:altinn:person:identifier-no:${PERSON}` });
    await validate(await token(), { from: PERSON });
    const before = fetched;
    await validate(await token(), wanted);
    assert.equal(fetched, before, 'keys are kept');
  });

  it('tolerates metaData, a plain to, and the hub that handles the request', async () => {
    const validate = verifyConsentToken(options());
    const { metadata, ...rest } = right();
    await validate(
      await token({
        authorization_details: [detail({ consentRights: [{ ...rest, metaData: metadata }] })],
      }),
      wanted,
    );
    await validate(
      await token({
        authorization_details: [detail({ to: 'urn:altinn:organization:identifier-no:310100013' })],
      }),
      wanted,
    );
    await validate(
      await token({
        consumer: iso('211106010'),
        authorization_details: [detail({ handledBy: iso('211106010') })],
      }),
      wanted,
    );
  });

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refusals: [string, Refusal, () => Promise<string | undefined>, object?][] = [
    ['nothing', 'no_token', async () => undefined],
    ['what is no token', 'invalid_token', async () => 'x.y.z'],
    ['another key', 'invalid_token', () => token({}, {}, other)],
    ['an unknown kid', 'invalid_token', () => token({}, { kid: 'k9' })],
    [
      'no signature',
      'invalid_token',
      async () =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await token()).split('.')[1]}.`,
    ],
    [
      'a symmetric signature',
      'invalid_token',
      async () =>
        new SignJWT({ iss: ISSUER })
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .setExpirationTime('60s')
          .sign(Buffer.alloc(32)),
    ],
    ['a token of another type', 'wrong_type', () => token({}, { typ: 'logout+jwt' })],
    ['a token that is bound to a key', 'bound_token', () => token({ cnf: { jkt: 'x' } })],
    ['an expired token', 'expired_token', () => token({}, {}, privateKey, '-1s')],
    ['another issuer', 'wrong_issuer', () => token({ iss: 'https://evil.example' })],
    ['another audience', 'wrong_audience', () => token({ aud: 'https://other.example' })],
    ['another scope', 'insufficient_scope', () => token({ scope: 'testskatt:inntekt.write' })],
    ['no consent', 'no_consent', () => token({ authorization_details: [] })],
    ['an empty id', 'no_consent', () => token({ authorization_details: [detail({ id: '' })] })],
    [
      'two consents',
      'several_consents',
      () => token({ authorization_details: [detail(), detail()] }),
    ],
    [
      'another giver',
      'wrong_from',
      () =>
        token({
          authorization_details: [detail({ from: 'urn:altinn:person:identifier-no:17877912736' })],
        }),
    ],
    ['another receiver', 'wrong_to', () => token({ consumer: iso('310101018') })],
    [
      'another authority',
      'wrong_to',
      () => token({ consumer: { authority: 'x', ID: '0192:310100013' } }),
    ],
    ['no consumer', 'wrong_to', () => token({ consumer: undefined })],
    [
      'an expired consent',
      'consent_expired',
      () => token({ authorization_details: [detail({ validTo: '2026-01-01T00:00:00Z' })] }),
    ],
    [
      'a consent without end',
      'consent_expired',
      () => token({ authorization_details: [detail({ validTo: undefined })] }),
    ],
    [
      'another resource',
      'wrong_right',
      () =>
        token({
          authorization_details: [
            detail({
              consentRights: [
                right({ resource: [{ type: 'urn:altinn:resource', value: 'formue' }] }),
              ],
            }),
          ],
        }),
    ],
    [
      'another action',
      'wrong_right',
      () =>
        token({
          authorization_details: [detail({ consentRights: [right({ action: ['read'] })] })],
        }),
    ],
    [
      'another year',
      'wrong_metadata',
      () =>
        token({
          authorization_details: [
            detail({ consentRights: [right({ metadata: { inntektsaar: '2024' } })] }),
          ],
        }),
    ],
    [
      'no year',
      'wrong_metadata',
      () =>
        token({ authorization_details: [detail({ consentRights: [right({ metadata: {} })] })] }),
    ],
    [
      'keys that cannot be fetched',
      'keys_unavailable',
      () => token(),
      { jwksUri: 'http://127.0.0.1:1/' },
    ],
  ];
  for (const [name, reason, make, changes] of refusals) {
    it(`refuses ${name}: ${reason}`, async () => {
      const validate = verifyConsentToken({ ...options(), ...changes });
      await assert.rejects(validate(await make(), wanted), (error: ConsentTokenError) => {
        assert.ok(error instanceof ConsentTokenError, String(error));
        assert.equal(error.reason, reason);
        return true;
      });
    });
  }

  it('fetches the keys again when the issuer has rotated', async () => {
    const validate = verifyConsentToken(options());
    await validate(await token(), wanted);
    kid = 'k2';
    try {
      await assert.rejects(validate(await token({}, { kid: 'k2' }), wanted), /not valid/);
      const fresh = verifyConsentToken(options());
      await fresh(await token({}, { kid: 'k2' }), wanted);
    } finally {
      kid = 'k1';
    }
  });

  it('answers 401 and 403 with WWW-Authenticate in Koa and in Express', async () => {
    const validate = verifyConsentToken(options());
    const koa = new Koa();
    koa.use(koaConsent(validate, () => wanted) as never);
    koa.use((ctx) => {
      ctx.body = 'data';
    });
    const guard = expressConsent(validate, () => wanted);
    const servers = [
      createServer(koa.callback()),
      createServer((request, response) => {
        void guard(request, response, () => response.end('data'));
      }),
    ];
    for (const server of servers) {
      await new Promise<void>((ready) => {
        server.listen(0, '127.0.0.1', ready);
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const get = async (bearer?: string) =>
        fetch(url, { headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
      const none = await get();
      assert.deepEqual([none.status, none.headers.get('www-authenticate')], [401, 'Bearer']);
      for (const [bearer, status, error, challenge] of [
        ['x.y.z', 401, 'invalid_token', /^Bearer error="invalid_token"/],
        [
          await token({ scope: 'x' }),
          403,
          'insufficient_scope',
          /error="insufficient_scope".* scope="testskatt:inntekt"$/,
        ],
        [
          await token({ authorization_details: [] }),
          403,
          'insufficient_scope',
          /^Bearer error="insufficient_scope"/,
        ],
      ] as const) {
        const answer = await get(bearer);
        const body = (await answer.json()) as { error: string };
        assert.deepEqual([answer.status, body.error], [status, error]);
        assert.match(answer.headers.get('www-authenticate')!, challenge);
      }
      assert.equal(await (await get(await token())).text(), 'data');
      server.close();
      server.closeAllConnections();
    }
  });

  it('answers 503 and when to ask again where the keys are out of reach, and blames no token', async () => {
    const validate = verifyConsentToken({ ...options(), jwksUri: 'http://127.0.0.1:1/' });
    await assert.rejects(validate(await token(), wanted), (error: ConsentTokenError) => {
      assert.deepEqual(
        [error.status, error.headers, error.body.error],
        [503, { 'retry-after': '5' }, 'temporarily_unavailable'],
      );
      return true;
    });
  });

  it('lets a clock be off as far as it is told, and a minute at most', async () => {
    const late = await token({}, {}, privateKey, '-20s');
    await verifyConsentToken({ ...options(), clockTolerance: 30 })(late, wanted);
    for (const clockTolerance of [undefined, 10])
      await assert.rejects(
        verifyConsentToken({ ...options(), ...(clockTolerance ? { clockTolerance } : {}) })(
          late,
          wanted,
        ),
        /expired/,
      );
    for (const clockTolerance of [-1, 61, Number.NaN])
      assert.throws(() => verifyConsentToken({ ...options(), clockTolerance }), RangeError);
  });

  it('is installed from its package in an empty folder, and runs there', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'tillit-validate-'));
    try {
      const npm = (args: string[], cwd: string) =>
        run('npm', [...args, '--offline', '--no-audit', '--no-fund'], { cwd, encoding: 'utf8' });
      const packed = (of: string) => {
        const { stdout, stderr, status } = npm(
          ['pack', '--json', '--pack-destination', folder],
          of,
        );
        assert.equal(status, 0, stderr);
        return JSON.parse(stdout.slice(stdout.indexOf('['))) as [
          { filename: string; files: { path: string }[] },
        ];
      };
      const [own] = packed(join(root, 'clients/validate'));
      assert.deepEqual(
        own.files.map(({ path }) => path).filter((path) => !path.startsWith('dist/')),
        ['README.md', 'package.json'],
      );
      const [jose] = packed(join(root, 'node_modules/jose'));
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      const names = [jose, own].map(({ filename }) => join(folder, filename));
      const installed = npm(['install', ...names], folder);
      assert.equal(installed.status, 0, installed.stderr);
      writeFileSync(
        join(folder, 'main.js'),
        `import { verifyConsentToken, koaConsent, expressConsent } from '@tillit/validate';
        const validate = verifyConsentToken(${JSON.stringify(options())});
        const { consent } = await validate(process.argv[2], { from: '${PERSON}' });
        console.log(process.version, typeof koaConsent, typeof expressConsent, consent.to);`,
      );
      // The oldest Node.js of its engines where there is one, else the one that runs this.
      const isOldest = (node: string) =>
        run(node, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v20.');
      const nodes = (process.env.PATH ?? '').split(':').map((path) => join(path, 'node'));
      const node = nodes.find(isOldest) ?? process.execPath;
      const installedToken = await token();
      const ran = await new Promise<string>((done) => {
        execFile(node, ['main.js', installedToken], { cwd: folder }, (_error, out, err) =>
          done(out + err),
        );
      });
      assert.match(ran, /^v[\d.]+ function function 310100013\n$/);
    } finally {
      rmSync(folder, { recursive: true });
      rmSync(join(root, 'clients/validate/dist'), { recursive: true, force: true });
    }
  });
});
