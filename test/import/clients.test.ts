// Clients of an import: each that could not be used is refused by name, and warned of what is not
// read.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { importFile } from '../../server/import/commands.ts';
import { file, rejects } from '../support/imports.ts';
import { importThis, world } from '../support/world.ts';

describe('a client in an import', () => {
  it('keeps unknown members', async () => {
    const id = `c-${randomUUID()}`;
    await importThis({
      clients: [
        {
          client_id: id,
          'x-org': '310100013',
          redirect_uris: ['https://a.example/'],
          software_id: 'x',
          dpop_bound_access_tokens: true,
        },
      ],
    });
    const {
      rows: [row],
    } = await world.database.db.raw('select metadata from oauth_client where client_id = ?', [id]);
    assert.deepEqual(
      [row.metadata.software_id, row.metadata.dpop_bound_access_tokens, 'line' in row.metadata],
      ['x', true, false],
    );
  });

  const registered = (changes: object) => ({
    clients: [
      {
        client_id: `c-${randomUUID()}`,
        'x-org': '310100013',
        redirect_uris: ['https://a.example/'],
        ...changes,
      },
    ],
  });
  const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const PUBLIC = { token_endpoint_auth_method: 'none' };
  const ec = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: '1' };
  for (const [what, changes, why] of [
    [
      'no keys for private_key_jwt',
      { token_endpoint_auth_method: 'private_key_jwt' },
      /needs keys/,
    ],
    ['no keys for jwt-bearer', { grant_types: [JWT_BEARER] }, /needs keys/],
    [
      'no RSA key for jwt-bearer',
      { grant_types: [JWT_BEARER], jwks: { keys: [ec] } },
      /needs an RSA key/,
    ],
    ['no address to return to', { redirect_uris: undefined }, /needs redirect_uris/],
    ['keys in two places', { jwks: { keys: [ec] }, jwks_uri: 'https://a.example/' }, /both given/],
    ['keys over http', { jwks_uri: 'http://a.example/' }, /jwks_uri must be https/],
    ['keys that are nowhere', { jwks_uri: 'keys.json' }, /jwks_uri is no absolute URL/],
    ['a user name in an address', { jwks_uri: 'https://a:b@c.example/' }, /has a user name/],
    ['a logout over http', { backchannel_logout_uri: 'http://a.example/' }, /must be https/],
    ['a frame with a fragment', { frontchannel_logout_uri: 'https://a.example/#x' }, /fragment/],
    [
      'a way back that is none',
      { post_logout_redirect_uris: ['/home'] },
      /post_logout_redirect_uris must be absolute/,
    ],
    [
      'a way to authenticate that is not offered',
      { token_endpoint_auth_method: 'tls_client_auth' },
      /tls_client_auth is not offered/,
    ],
    ['a way back that is no text', { post_logout_redirect_uris: [5] }, /must be absolute/],
    // By building its client, as oidc-provider does at use.
    [
      'an address with a fragment',
      { ...PUBLIC, redirect_uris: ['https://a.example/#x'] },
      /fragment/,
    ],
    ['an unknown application type', { ...PUBLIC, application_type: 'desktop' }, /application_type/],
    [
      'an algorithm that nobody has',
      { ...PUBLIC, id_token_signed_response_alg: 'RS000' },
      /id_token_signed_response_alg/,
    ],
    ['a negative age of login', { ...PUBLIC, default_max_age: -1 }, /default_max_age/],
    ['a name that is no text', { ...PUBLIC, client_name: 7 }, /client_name/],
  ] as const) {
    it(`is refused with ${what}`, () => rejects(registered(changes), why));
  }

  it('refuses a short secret in production, and warns of it elsewhere', async () => {
    const client_secret = 'x'.repeat(31);
    const document = registered({
      token_endpoint_auth_method: 'client_secret_basic',
      client_secret,
    });
    const path = file('short.json', JSON.stringify({ tillit: 1, ...document }));
    const told: string[] = [];
    const warn = (what: string) => void told.push(what);
    await importFile(world.database.db, path, world.env, { warn });
    assert.match(
      told.join(),
      /client_secret has fewer than 32 characters, which production refuses/,
    );
    const production = { ...world.env, production: true };
    await assert.rejects(
      importFile(world.database.db, path, production),
      /client_secret has fewer than 32 characters/,
    );
  });

  it('tells what of a client is kept and not read, and what it demands in vain', async () => {
    const told: string[] = [];
    const path = file(
      'told.json',
      JSON.stringify({
        tillit: 1,
        ...registered({ software_id: 'x', dpop_bound_access_tokens: true }),
      }),
    );
    await importFile(world.database.db, path, world.env, { warn: (what) => told.push(what) });
    assert.equal(told.length, 2);
    assert.match(told[0]!, /software_id is kept and not read/);
    assert.match(told[1]!, /dpop_bound_access_tokens is not offered here/);
  });
});
