// Registers speak to whom they are meant for: an owner of resources names in its rules only what
// the catalogue lets it, however the rules come in; an import is the operator's word.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { can, newResource } from '../support/rights/rights.ts';
import {
  call,
  importThis,
  newOrganization,
  organizationToken,
  type TestParty,
} from '../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const SCOPE = 'altinn:resourceregistry/resource.write';
const T = { nb: 'x', nn: 'x' };
const CLOSED = [
  'verge:nav-pensjon',
  'urn:altinn:external-role:cra:skatteetaten-skatt',
  'foreldreansvar',
  'formuesfullmakt',
  'register:helse/legemiddel',
  'package:innbygger-helsetjenester',
  'package:vergemal-nav-pensjon',
];
const OPEN = ['dagl', 'regn', 'bobe', 'keyrole', 'package:toll', 'privatperson', 'anyone'];

describe('a rule may name', () => {
  let owner: TestParty;
  let token: string;
  let id: string;
  before(async () => {
    owner = await newOrganization();
    token = await organizationToken(owner, SCOPE);
    id = await newResource([can('read', 'dagl')], { owner: owner.number });
  });

  const putRules = async (subjects: (string | string[])[]) =>
    call('PUT', `${REGISTRY}/${id}/policy`, token, { rules: [{ action: 'read', subjects }] });
  const register = async (subject: string) =>
    call('POST', REGISTRY, token, {
      identifier: `usable-${randomUUID()}`,
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
      rules: [{ action: 'read', subjects: [subject] }],
    });
  /** The policy of another resource as XML, which an import may have made. */
  const asXml = async (subject: string) => {
    const other = await newResource([can('read', subject)], { owner: owner.number });
    const { text } = await call('GET', `${REGISTRY}/${other}/policy`, undefined, undefined, {
      accept: 'application/xml',
    });
    return text.replaceAll(other, id);
  };
  const putXml = async (xml: string) =>
    call('PUT', `${REGISTRY}/${id}/policy`, token, xml, { 'content-type': 'application/xml' });
  const rulesOf = async () => (await call('GET', `${REGISTRY}/${id}/policy/rules`)).text;

  for (const subject of CLOSED)
    it(`not ${subject}, unless its owner is listed: by name, at every door`, async () => {
      const before = await rulesOf();
      const answers = [
        await putRules(['dagl', subject]),
        await putRules([['privatperson', subject]]),
        await register(subject),
        await putXml(await asXml(subject)),
      ];
      for (const { status, body } of answers) {
        assert.equal(status, 400);
        assert.match(body.code, /^TIL-0003[01]$/);
        assert.match(body.faults.join(), /is not for this owner to name/);
      }
      assert.match(
        answers[0]!.body.faults[0],
        new RegExp(subject.split(':').at(-1)!.split('/')[0]!),
      );
      assert.equal(await rulesOf(), before);
    });

  for (const subject of OPEN)
    it(`${subject}, as everybody may`, async () => {
      const answer = await putRules([subject]);
      assert.equal(answer.status, 200, answer.text);
      assert.equal((await register(subject)).status, 201);
    });

  it('a source, a role or a package whose list has the owner, and no other owner then', async () => {
    const other = await organizationToken(await newOrganization(), SCOPE);
    const [source, role, code] = [`s-${randomUUID()}`, `r-${randomUUID()}`, `p-${randomUUID()}`];
    const texts = { name: T, legalBasis: T, purpose: T };
    await importThis({
      sources: [{ code: source, ...texts, usableBy: [owner.number] }],
      roles: [
        { code: role, name: T, givenBy: 'person', source },
        { code: `${role}-own`, name: T, givenBy: 'person', source, usableBy: [] },
        { code: `${role}-all`, name: T, givenBy: 'person', source, usableBy: 'all' },
      ],
      packages: [{ code, area: 'helse_og_omsorg', forKind: 'person', name: T, description: T }],
    });
    assert.equal((await putRules([role])).status, 200);
    assert.equal((await putRules([`register:${source}/x`])).status, 200);
    assert.equal((await putRules([`${role}-own`])).status, 400, 'what the role says comes first');
    assert.equal((await putRules([`${role}-all`])).status, 200);
    assert.equal((await putRules([`package:${code}`])).status, 400);
    // Beside the code alone it is said of what is there, and stays when the rest is said anew.
    await importThis({ packages: [{ code, usableBy: [owner.number] }] });
    await importThis({
      packages: [{ code, area: 'helse_og_omsorg', forKind: 'person', name: T, description: T }],
    });
    assert.equal((await putRules([`package:${code}`])).status, 200);
    const foreign = {
      identifier: `usable-${randomUUID()}`,
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
      rules: [{ action: 'read', subjects: [role] }],
    };
    assert.equal((await call('POST', REGISTRY, other, foreign)).status, 400);
    await importThis({ packages: [{ code, usableBy: 'all' }] });
    const open = { ...foreign, rules: [{ action: 'read', subjects: [`package:${code}`] }] };
    assert.equal((await call('POST', REGISTRY, other, open)).status, 201);
  });

  it('nothing of persons, live or told, of which nothing is said, and what firms are in', async () => {
    const [source, role, office] = [`s-${randomUUID()}`, `r-${randomUUID()}`, `o-${randomUUID()}`];
    await importThis({
      sources: [{ code: source, name: T, legalBasis: T, purpose: T }],
      roles: [
        { code: role, name: T, givenBy: 'person', source },
        { code: office, name: T, givenBy: 'organization', source },
      ],
    });
    assert.equal((await putRules([role])).status, 400);
    assert.equal((await putRules([`register:${source}/x`])).status, 400);
    assert.equal((await putRules([office])).status, 200);
  });

  it('nothing by a rollback that it may not name now', async () => {
    const imported = await newResource([can('read', 'foreldreansvar')], { owner: owner.number });
    const own = `/access/v1/resources/${imported}/policies`;
    const put = await call('PUT', `${REGISTRY}/${imported}/policy`, token, {
      rules: [{ action: 'read', subjects: ['dagl'] }],
    });
    assert.equal(put.status, 200);
    const [, first] = (await call('GET', own, token)).body.data;
    const refused = await call('POST', `${own}/${first.version}/restore`, token);
    assert.deepEqual([refused.status, refused.body.code], [400, 'TIL-00031']);
    assert.match(refused.body.faults[0], /the role foreldreansvar is not for this owner to name/);
    const [current] = (await call('GET', own, token)).body.data;
    assert.equal(current.version, put.body.version);
  });

  it('anything by an import, but nothing that the catalogue lacks', async () => {
    for (const subject of CLOSED)
      await newResource([can('read', subject)], { owner: owner.number });
    for (const [subject, why] of [
      ['register:nowhere/x', /the source nowhere is not known/],
      ['verge:nobody-knows', /the role verge:nobody-knows is not known/],
    ] as const) {
      await assert.rejects(newResource([can('read', subject)]), why);
      assert.match((await putRules([subject])).body.faults[0], why);
    }
    for (const list of ['sources', 'roles', 'packages'])
      await assert.rejects(
        importThis({ [list]: [{ code: 'not-there', usableBy: 'all' }] }),
        /not-there is not known/,
      );
    await assert.rejects(
      importThis({ sources: [{ code: 'helse', usableBy: ['12'] }] }),
      /usableBy/,
    );
  });
});
