// Every setting that contradicts itself is named with its place, before anything starts.
import assert from 'node:assert/strict';
import { readEnv } from '../../server/platform/env/env.ts';

const production = {
  NODE_ENV: 'production',
  ISSUER: 'https://tillit.example',
  SECRET: '9f2c4be07a16d853e1b04c7f2a98d6350bc1e47f86a2d90375fe18cb4d6a2073',
  DATABASE_URL: 'postgres://db.example/tillit',
  EID_ISSUER: 'https://eid.example',
  EID_CLIENT_ID: 'a',
  EID_CLIENT_SECRET: 'sixteen-or-more-of-them',
  TRUSTED_PROXIES: 'none',
  LOG_CHECKPOINTS: '/srv/checkpoints',
};
const list = (...entries: unknown[]) => JSON.stringify(entries);
const outside = (changes: object) =>
  list({ issuer: 'https://a', jwksUri: 'https://a/jwks', scopes: [], claims: [], ...changes });
const register = (changes: object) =>
  list({ source: 'vergemal', url: 'https://a.example/', ...changes });

describe('a command', () => {
  const { NODE_ENV, DATABASE_URL, SECRET } = production;

  it('asks for its own settings only', () => {
    assert.equal(readEnv({ NODE_ENV, DATABASE_URL }, 'migrate').databaseUrl, DATABASE_URL);
    assert.equal(readEnv({ NODE_ENV, DATABASE_URL }, 'mend').databaseUrl, DATABASE_URL);
    assert.equal(readEnv({ NODE_ENV, DATABASE_URL, SECRET }, 'import').secret, SECRET);
  });

  it('is refused without one of its own', () => {
    assert.throws(() => readEnv({ NODE_ENV }, 'migrate'), /1 fault:\n {2}- DATABASE_URL/);
    assert.throws(() => readEnv({ NODE_ENV, DATABASE_URL }, 'import'), /1 fault:\n {2}- SECRET/);
    assert.throws(() => readEnv({ NODE_ENV, DATABASE_URL, SECRET }), /ISSUER[\s\S]*EID_/);
  });
});

describe('settings are refused, with their name and what would do,', () => {
  for (const [what, change, why] of [
    ['a port that is no number', { PORT: '3000.5' }, /PORT: must be a whole number from 0 to/],
    ['a flag that is neither', { DEMO: 'yes' }, /DEMO: must be true or false/],
    [
      'notices without a way out',
      { NOTIFY: 'true', CONTACT_REGISTER: '{"url":"https://krr.example/personer"}' },
      /NOTIFY: needs SMTP_URL or SMS_URL/,
    ],
    [
      'notices without the contact register',
      { NOTIFY: 'true', SMS_URL: 'https://sms.example/' },
      /CONTACT_REGISTER: is required/,
    ],
    [
      'a contact register that is no JSON',
      { NOTIFY: 'true', CONTACT_REGISTER: 'https://krr.example/' },
      /CONTACT_REGISTER: is required/,
    ],
    [
      'a way to the contact register with half a grant',
      {
        NOTIFY: 'true',
        CONTACT_REGISTER:
          '{"url":"https://krr.example/","auth":{"tokenUrl":"https://mp.example/token"}}',
      },
      /CONTACT_REGISTER.auth: tokenUrl needs audience, clientId, key and scope/,
    ],
    [
      'a mail server that speaks something else',
      { NOTIFY: 'true', SMTP_URL: 'https://mail.example/' },
      /SMTP_URL: must be smtps/,
    ],
    [
      'two senders of e-mails',
      { NOTIFY: 'true', SMTP_URL: 'smtps://mail.example', MAIL_FROM: 'a@b.no, c@d.no' },
      /MAIL_FROM: must be an e-mail address/,
    ],
    [
      'an SMS gateway without https',
      { NOTIFY: 'true', SMS_URL: 'http://sms.example/' },
      /SMS_URL: must be https in production/,
    ],
    ['an unknown mode', { NODE_ENV: 'staging' }, /NODE_ENV: must be one of development, test/],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, /LOG_LEVEL: must be one of trace/],
    [
      'a receiver of traces that is no web address',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      /OTLP_ENDPOINT: must be a web address/,
    ],
    ['a share above one', { OTEL_TRACES_SAMPLER_ARG: '2' }, /SAMPLER_ARG: must be from 0 to 1/],
    ['a share that is no number', { OTEL_TRACES_SAMPLER_ARG: 'all' }, /SAMPLER_ARG: must be/],
    [
      'an exempt search without its provision',
      { EXEMPT_SEARCHES: '991825827' },
      /EXEMPT_SEARCHES: must be organisation number=legal basis/,
    ],
    ['a secret of few characters', { SECRET: 'ab'.repeat(32) }, /8 different characters/],
    ['a secret that repeats itself', { SECRET: '0123456789abcdef'.repeat(4) }, /repeats itself/],
    [
      'the secret of the demo with a letter more',
      { SECRET: 'development-only-secret-do-not-use-in-productionx' },
      /SECRET: must be 32 random bytes in hex or base64, as `npm run -s secret`/,
    ],
    ['a secret of 31 bytes', { SECRET: production.SECRET.slice(2) }, /SECRET: must be 32 random/],
    ['an earlier secret that is short', { SECRET_ACCEPTED: 'x' }, /SECRET_ACCEPTED: must be 32/],
    [
      'a setting of an earlier version',
      { SECRET_PREVIOUS: production.SECRET },
      /SECRET_PREVIOUS: is SECRET_ACCEPTED now/,
    ],
    [
      'a period of evidence under a year',
      { MANDATE_EVENT_DAYS: '364' },
      /MANDATE_EVENT_DAYS: must be 0, for ever, or at least 365/,
    ],
    ['a short secret for the eID', { EID_CLIENT_SECRET: 'b'.repeat(15) }, /at least 16 characters/],
    ['no word of proxies', { TRUSTED_PROXIES: '' }, /TRUSTED_PROXIES: is required: .* or none/],
    ['proxies and none', { TRUSTED_PROXIES: 'none,10.0.0.1' }, /is none, and lists others/],
    ...['0.0.0.0/0', '0.0.0.0/1', '::/0', '8000::/1'].map(
      (network) =>
        [`the network ${network}`, { TRUSTED_PROXIES: network }, /a network of everybody/] as const,
    ),
    ['IPv4 as IPv6', { TRUSTED_PROXIES: '::ffff:0:0/96' }, /must have ::ffff:0:0\/96 as IPv4/],
    [
      'an issuer in capitals',
      { ISSUER: 'https://Tillit.example' },
      /form: https:\/\/tillit.example/,
    ],
    [
      'an issuer with a usual port',
      { ISSUER: 'https://a.example:443' },
      /form: https:\/\/a.example/,
    ],
    ['an issuer with a user', { ISSUER: 'https://me@a.example' }, /form: https:\/\/a.example/],
    [
      'an earlier secret that is the same',
      { SECRET_ACCEPTED: production.SECRET },
      /holds SECRET itself/,
    ],
    ['no database', { DATABASE_URL: '' }, /DATABASE_URL: is required, or DATABASE=embedded/],
    ['two databases', { DATABASE: 'embedded' }, /DATABASE: is embedded, and DATABASE_URL/],
    ['an unknown database', { DATABASE: 'sqlite' }, /DATABASE: must be embedded/],
    ['the demo world', { SEED: 'clients/world/1-people.json' }, /SEED: names the demo world/],
    ['an eID that is us', { EID_ISSUER: 'https://tillit.example' }, /EID_ISSUER: is our own/],
    ['an eID key that is none', { EID_CLIENT_KEY: '{"kty":"RSA"}' }, /must be a private JWK/],
    ['a proxy that is no address', { TRUSTED_PROXIES: 'proxy' }, /must list addresses or networks/],
    [
      'an operator without a number',
      { OPERATOR: 'us' },
      /OPERATOR: must be an organisation number/,
    ],
    ['a network too narrow', { TRUSTED_PROXIES: '10.0.0.0/33' }, /must list addresses or networks/],
    ['a policy that is no page', { POLICY_URI: 'policy' }, /POLICY_URI: must be the address/],
    [
      'a token address over http',
      { REGISTERS: register({ auth: { tokenUrl: 'http://t' } }) },
      /auth\.tokenUrl: must be https/,
    ],
    ['a scope of everything', { TRUSTED_ISSUERS: outside({ scopes: ['*'] }) }, /a bare \*/],
    ['no issuer', { ISSUER: '' }, /ISSUER: is required/],
    ['an issuer that is no address', { ISSUER: 'tillit' }, /ISSUER: must be an absolute URL/],
    ['an issuer with a slash', { ISSUER: 'https://a.example/' }, /must not end in a slash/],
    ['an issuer with a query', { ISSUER: 'https://a.example?x=1' }, /no query and no fragment/],
    ['no eID', { EID_CLIENT_ID: '', EID_CLIENT_SECRET: '' }, /EID_CLIENT_ID[\s\S]*EID_CLIENT_KEY/],
    ['registers that are no JSON', { REGISTERS: '[' }, /REGISTERS: must be a JSON array/],
    ['registers that are no list', { REGISTERS: '{}' }, /REGISTERS: must be a JSON array/],
    ['a register without a source', { REGISTERS: list(null) }, /REGISTERS\[0\]\.source: must be/],
    ['an unknown register', { REGISTERS: register({ source: 'x' }) }, /or any name with live/],
    ['a register without address', { REGISTERS: register({ url: '' }) }, /\.url: is required/],
    ['a register over http', { REGISTERS: register({ url: 'http://a' }) }, /must be https/],
    [
      'half an authentication',
      { REGISTERS: register({ auth: { tokenUrl: 'https://t', clientId: 'c' } }) },
      /tokenUrl needs audience, clientId, key and scope/,
    ],
    ['issuers that are no JSON', { TRUSTED_ISSUERS: '[' }, /TRUSTED_ISSUERS: must be a JSON/],
    ['issuers that are no list', { TRUSTED_ISSUERS: '"a"' }, /TRUSTED_ISSUERS: must be a JSON/],
    ['an issuer without a name', { TRUSTED_ISSUERS: list(null) }, /\[0\]: needs issuer/],
    [
      'our own issuer among them',
      { TRUSTED_ISSUERS: outside({ issuer: 'https://tillit.example' }) },
      /is our own issuer/,
    ],
    ['an unknown claim', { TRUSTED_ISSUERS: outside({ claims: ['robot'] }) }, /\.claims: must/],
    ['claims that are no list', { TRUSTED_ISSUERS: outside({ claims: 'x' }) }, /\.claims: must/],
    ['a scope that is no text', { TRUSTED_ISSUERS: outside({ scopes: [1] }) }, /\.scopes: must/],
    ['a level above 4', { TRUSTED_ISSUERS: outside({ defaultLevel: 5 }) }, /must be 0 to 4/],
    ['half a level', { TRUSTED_ISSUERS: outside({ defaultLevel: 3.5 }) }, /must be 0 to 4/],
    ['an audience alone', { TRUSTED_ISSUERS: outside({ audiences: 'a' }) }, /\.audiences: must/],
  ] as const) {
    it(what, () => {
      assert.throws(
        () => readEnv({ ...production, ...change }),
        (error: Error) => {
          assert.match(error.message, why);
          return true;
        },
      );
    });
  }

  it('but taken where they are whole', () => {
    const auth = {
      tokenUrl: 'https://t.example',
      audience: 'a',
      clientId: 'c',
      key: {},
      scope: 's',
    };
    const env = readEnv({
      ...production,
      REGISTERS: JSON.stringify([
        { source: 'vergemal', url: 'https://a.example/', auth },
        { source: 'helse', url: 'https://h.example', live: true },
      ]),
      TRUSTED_ISSUERS: outside({ audiences: ['b'], defaultLevel: 3 }),
    });
    assert.deepEqual(env.registers, [
      { source: 'vergemal', url: 'https://a.example', auth },
      { source: 'helse', url: 'https://h.example', live: true },
    ]);
    assert.deepEqual(
      [env.trustedIssuers[0]!.audiences, env.trustedIssuers[0]!.defaultLevel],
      [['b'], 3],
    );
  });

  it('but taken with a secret in base64, and networks that one may have to oneself', () => {
    const secret = Buffer.from(production.SECRET, 'hex').toString('base64');
    const change = { SECRET: secret, TRUSTED_PROXIES: '10.0.0.0/8, fc00::/7, 192.0.2.9' };
    const env = readEnv({ ...production, ...change });
    assert.deepEqual(env.trustedProxies, ['10.0.0.0/8', 'fc00::/7', '192.0.2.9']);
    assert.deepEqual(readEnv(production).trustedProxies, []);
  });

  it('in no mode, where others can reach the server', () => {
    const left = (change: object) => () => readEnv({ ...change });
    assert.throws(left({ ISSUER: 'https://tillit.example' }), /NODE_ENV: must be set/);
    assert.throws(left({ HOST: '0.0.0.0' }), /NODE_ENV: must be set, since HOST is 0\.0\.0\.0/);
    assert.ok(left({ ISSUER: 'https://localhost' })());
    assert.ok(left({ ISSUER: 'https://tillit.example', NODE_ENV: 'test' })().test);
    assert.equal(left({ HOST: '0.0.0.0', NODE_ENV: 'test' })().demo, false);
  });

  it('but not an empty SEED, which seeds nothing', () => {
    assert.equal(readEnv({}).seed[0], 'deploy/base/1-catalogue.json');
    assert.deepEqual(readEnv({ SEED: '' }).seed, []);
  });
});
