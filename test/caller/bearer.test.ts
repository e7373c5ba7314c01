// Bearer tokens on API calls (RFC 6750): whose, from whom, for what and until when.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import {
  at,
  call,
  newOrganization,
  newPerson,
  organizationToken,
  outsideIssuer,
  outsideRsaKey,
  outsideToken,
  personToken,
  READ,
  REQUESTS,
  world,
} from '../support/world.ts';

const NOTICES = '/access/v1/notices';

describe('a bearer token', () => {
  const refused = async (token: string, path = NOTICES) => {
    const answer = await call('GET', path, token);
    assert.deepEqual([answer.status, answer.body.code], [401, 'TIL-00005'], answer.text);
    assert.match(answer.headers.get('www-authenticate')!, /error="invalid_token"/);
    assert.equal(answer.body.detail, 'A valid bearer token is required.', 'and nobody hears why');
  };

  it('is refused when it is none, unsigned, or signed with a secret', async () => {
    const { id } = await newPerson();
    const claims = {
      iss: outsideIssuer,
      'urn:altinn:party:uuid': id,
      scope: 'altinn:portal/enduser',
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await refused('abc');
    await refused('a.b.c');
    await refused(`${part({ alg: 'none' })}.${part({ ...claims, exp: 4_000_000_000 })}.`);
    const secret = new TextEncoder().encode('x'.repeat(32));
    const signed = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h');
    await refused(await signed.sign(secret));
  });

  it('is refused from another key, of an issuer we do not trust, and without an end', async () => {
    const person = await newPerson();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const claims = { 'urn:altinn:party:uuid': person.id, scope: 'altinn:portal/enduser' };
    await refused(await outsideToken(claims, privateKey));
    const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await refused(await outsideToken(claims, ec));
    await refused(await outsideToken({ ...claims, iss: 'https://evil.example/' }));
    await refused(await outsideToken({ ...claims, iss: world.url }));
  });

  it('is taken from each key that its issuer publishes', async () => {
    const claims = {
      scope: 'altinn:portal/enduser',
      'urn:altinn:party:uuid': (await newPerson()).id,
      'urn:altinn:authlevel': 4,
    };
    for (const key of [undefined, outsideRsaKey.privateKey]) {
      const answer = await call('GET', NOTICES, await outsideToken(claims, key));
      assert.equal(answer.status, 200);
    }
  });

  it('is refused when a trusted issuer made it for another use', async () => {
    const person = await newPerson();
    const claims = {
      scope: 'altinn:portal/enduser',
      'urn:altinn:party:uuid': person.id,
      'urn:altinn:authlevel': 4,
    };
    const typed = (typ?: unknown) =>
      outsideToken(claims, undefined, typ === undefined ? {} : { typ });
    const others = ['logout+jwt', 'secevent+jwt', 'application/dpop+jwt', 'id+jwt', 'x/jwt', '', 7];
    for (const typ of [...others, 'at+jwt2', 'jwt ', 'application/at+jwt; x=1'])
      await refused(await typed(typ));
    for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])
      assert.equal((await call('GET', NOTICES, await typed(typ))).status, 200, String(typ));
  });

  it('is refused after its time, and for another audience', async () => {
    const person = await newPerson();
    const token = await personToken(person);
    assert.equal((await call('GET', NOTICES, token)).status, 200);
    await at(3_600_000, () => refused(token));
    await refused(await personToken(person, { aud: 'https://other.example' }));
    const ours = await personToken(person, { aud: ['https://other.example', world.url] });
    assert.equal((await call('GET', NOTICES, ours)).status, 200);
  });

  it('is of somebody who is there: by UUID or number, and no organisation in a person', async () => {
    const [person, organization] = [await newPerson(), await newOrganization()];
    const named = (claims: object) =>
      outsideToken({ scope: 'altinn:portal/enduser', 'urn:altinn:authlevel': 4, ...claims });
    assert.equal((await call('GET', NOTICES, await named({ pid: person.number }))).status, 200);
    await refused(await named({ 'urn:altinn:party:uuid': randomUUID() }));
    await refused(await named({ 'urn:altinn:party:uuid': organization.id }));
    await refused(await named({ pid: '12345678901' }));
    await refused(await named({ 'urn:altinn:userid': 'NaN' }));
    await refused(await named({}));
  });

  it('speaks for no scope but those that its issuer may speak for', async () => {
    const organization = await newOrganization();
    const path = `${REQUESTS}/events`;
    const token = await organizationToken(organization, `tillit:all ${READ}`);
    assert.equal((await call('GET', path, token)).status, 200);
    const other = await organizationToken(organization, 'tillit:all openid');
    const answer = await call('GET', path, other);
    assert.deepEqual([answer.status, answer.body.code], [403, 'TIL-00006']);
    assert.ok(answer.body.scopes.includes(READ));
  });

  it('is not taken from the address, where it would be logged', async () => {
    const token = await personToken(await newPerson());
    const answer = await call('GET', `${NOTICES}?access_token=${token}`, token);
    assert.deepEqual([answer.status, answer.body.code], [400, 'TIL-00014']);
    assert.equal((await call('GET', `${NOTICES}?access_token=${token}`)).status, 401);
  });
});
