// Names of parties, levels and subjects, as others write them: each form is one thing, and what is
// none is none.
import assert from 'node:assert/strict';
import { acrOf, levelOf } from '../../server/caller/model.ts';
import { kindsOf, nameOf } from '../../server/decision/authzen/model.ts';
import { redirectFault, originOf } from '../../server/platform/http/redirect.ts';
import { parsePartyUrn } from '../../server/party/model.ts';
import { canonicalJson, uuidv7 } from '../../server/platform/ids.ts';

describe('a name', () => {
  it('of a party is a URN of a number or an id, of its length', () => {
    const id = '5a7e0000-0000-4000-8000-000000000101';
    for (const [urn, by] of [
      ['urn:altinn:person:identifier-no:14838412026', 'person'],
      ['URN:ALTINN:ORGANIZATION:IDENTIFIER-NO:310100013', 'organization'],
      [`urn:altinn:party:uuid:${id}`, 'uuid'],
      [`urn:altinn:systemuser:uuid:${id.toUpperCase()}`, 'uuid'],
    ] as const)
      assert.equal(parsePartyUrn(urn)?.by, by, urn);
    for (const urn of [
      7,
      null,
      'x'.repeat(101),
      'urn:altinn:person:identifier-no:1',
      'urn:altinn:person:identifier-no:310100013',
      'urn:altinn:organization:identifier-no:14838412026',
      'urn:altinn:party:uuid:x',
      'urn:example:1',
    ])
      assert.equal(parsePartyUrn(urn), undefined, String(urn));
  });

  it('of a level is ID-porten’s, a word or a number', () => {
    const levels = Object.entries({
      'idporten-loa-high': 4,
      Level4: 4,
      4: 4,
      'idporten-loa-substantial': 3,
      level3: 3,
      3: 3,
      'idporten-loa-low': 2,
      2: 2,
      1: 1,
      0: 0,
      'selfregistered-email': 0,
    });
    for (const [acr, level] of levels) assert.equal(levelOf(acr), level, acr);
    for (const acr of ['', '5', 'gold', undefined, {}]) assert.equal(levelOf(acr), undefined);
    assert.deepEqual(
      [acrOf(4), acrOf(3), acrOf(0)],
      ['idporten-loa-high', 'idporten-loa-substantial', 'idporten-loa-substantial'],
    );
  });

  it('of a kind of subject stands for kinds of party', () => {
    assert.deepEqual(kindsOf('User'), ['person', 'self_identified']);
    assert.deepEqual(kindsOf('person'), ['person']);
    assert.deepEqual(kindsOf('organisation'), ['organization', 'subunit']);
    assert.deepEqual(kindsOf('organization'), ['organization', 'subunit']);
    assert.deepEqual(kindsOf('system_user'), kindsOf('systemuser'));
    assert.deepEqual(kindsOf('self_identified'), ['self_identified']);
    assert.deepEqual([kindsOf('party'), kindsOf('identity')], [null, null]);
    assert.equal(kindsOf('robot'), undefined);
    assert.deepEqual(nameOf('Alice'), { by: 'username', value: 'Alice' });
    assert.equal(nameOf('a b'), undefined);
  });

  it('of an address to go to is https, an app’s, or http on loopback', () => {
    for (const url of [
      'https://a.example/x?y#z',
      'myapp://done',
      'http://localhost:1/',
      'http://[::1]/',
    ])
      assert.equal(redirectFault(url, []), undefined, url);
    for (const url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://a.example/',
      'https://a:b@c.example/',
      'https://a.example\\@evil.example/',
      'https://exa mple/',
      '/path',
      'mailto:a',
      'https://',
      'https://[',
    ])
      assert.equal(redirectFault(url, []), 'address', url);
    assert.equal(redirectFault('https://b.example/', ['https://a.example']), 'origin');
    assert.equal(redirectFault('myapp://done/x', ['myapp://done']), undefined);
    assert.equal(originOf(new URL('myapp://done/x')), 'myapp://done');
  });

  it('of an event rises, within a millisecond and when the clock is set back', () => {
    const at = new Date('2031-01-01T00:00:00Z');
    const ids = Array.from({ length: 9_000 }, () => uuidv7(at));
    assert.deepEqual([...ids].sort(), ids);
    const earlier = uuidv7(new Date('2030-01-01T00:00:00Z'));
    assert.ok(earlier < ids[0]!);
    assert.equal(
      canonicalJson({ b: [undefined, null], a: new Date(0) }),
      '{"a":"1970-01-01T00:00:00.000Z","b":[null,null]}',
    );
  });
});
