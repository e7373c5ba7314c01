// Every kind of subject that a rule can name, out as XACML and in again: it names the same.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SUBJECT_KINDS } from '../../server/resource/policy/model.ts';
import {
  call,
  importThis,
  newOrganization,
  organizationToken,
  read,
  world,
  type TestParty,
} from '../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const owned = (owner: TestParty) =>
  organizationToken(owner, 'altinn:resourceregistry/resource.write');
const T = { nb: 'x', nn: 'x', en: 'x' };

describe('the subject of a rule', () => {
  let owner: TestParty;
  let id: string;
  before(async () => {
    owner = await newOrganization();
    await importThis({ sources: [{ code: 'helse', usableBy: ['211102012', owner.number] }] });
    id = `t-${randomUUID()}`;
    const answer = await call('POST', REGISTRY, await owned(owner), {
      identifier: id,
      resourceType: 'GenericAccessResource',
      title: T,
      rightDescription: T,
    });
    assert.equal(answer.status, 201, answer.text);
  });
  const put = async (body: unknown, type: string) =>
    call('PUT', `${REGISTRY}/${id}/policy`, await owned(owner), body, { 'content-type': type });
  const rulesOf = async () => (await call('GET', `${REGISTRY}/${id}/policy/rules`)).body;
  /** The subjects of the policy in force, as they are kept. */
  const stored = async () => {
    const { rows } = await world.database.db.raw(
      `select version.content -> 'rules' as rules from resource
        join policy_version version on version.version = resource.policy_version where resource.id = ?`,
      [id],
    );
    const rules: { subjects: Record<string, unknown>[][] }[] = rows[0].rules;
    return rules.flatMap(({ subjects }) => subjects.flat());
  };
  const printed = async () =>
    (
      await call('GET', `${REGISTRY}/${id}/policy`, undefined, undefined, {
        accept: 'application/xml',
      })
    ).text;

  // XACML has no word for these: key roles are printed one by one, and everybody as no subject.
  const kinds = new Set<unknown>(['key_role', 'any']);
  for (const subject of [
    'privatperson',
    'dagl',
    'organization:310100013',
    'accesslist:211100028:banker',
    'package:merverdiavgift',
    'username:bob',
    'partytype:person',
    'attribute:role=admin',
    'register:helse/legemiddel',
    `urn:altinn:party:uuid:${randomUUID()}`,
    'urn:altinn:resource:delegation:x',
  ]) {
    it(`${subject.replace(/[0-9a-f-]{36}/, '…')} comes back as it went out`, async () => {
      const rules = [{ action: 'read', subjects: [subject, 'lede'] }];
      const given = await put({ rules }, 'application/json');
      assert.equal(given.status, 200, given.text);
      const before = await rulesOf();
      const kept = await stored();
      for (const { kind } of kept) kinds.add(kind);
      const xml = await printed();
      const again = await put(xml, 'application/xml');
      assert.equal(again.status, 200, again.text + xml);
      assert.deepEqual(await rulesOf(), before);
      assert.deepEqual(await stored(), kept);
    });
  }

  it('is of a kind that stands above, and that an import takes', () => {
    assert.deepEqual([...kinds].sort(), [...SUBJECT_KINDS].sort());
    const { subject } = read('server/resource/resource.schema.json').$defs;
    assert.deepEqual([...subject.properties.kind.enum].sort(), [...SUBJECT_KINDS].sort());
  });

  const SUBJECT = 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject';
  const policy = (attribute: string, value: string, how = '1.0:function:string-equal') =>
    '<x:Policy xmlns:x="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides">' +
    `<x:Rule RuleId="1" Effect="Permit"><x:Target><x:AnyOf><x:AllOf><x:Match MatchId="urn:oasis:names:tc:xacml:${how}">` +
    `<x:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">${value}</x:AttributeValue>` +
    `<x:AttributeDesignator AttributeId="${attribute}" Category="${SUBJECT}" DataType="http://www.w3.org/2001/XMLSchema#string" MustBePresent="false"/>` +
    '</x:Match></x:AllOf></x:AnyOf></x:Target></x:Rule></x:Policy>';

  for (const attribute of [
    'urn:altinn:userid',
    'urn:altinn:partyid',
    'urn:altinn:person:identifier-no',
    'urn:altinn:sessionid',
  ]) {
    it(`is never ${attribute}, which is told`, async () => {
      const answer = await put(policy(attribute, '14838412026'), 'application/xml');
      assert.equal(answer.body.code, 'TIL-00031');
      assert.match(answer.body.faults[0], /name the party's UUID/);
    });
  }

  for (const [attribute, value, subject] of [
    ['urn:altinn:organizationnumber', '310100013', 'organization:310100013'],
    [
      'urn:altinn:systemuser:uuid',
      '5A7E0000-0000-4000-8000-000000000002',
      'party:5a7e0000-0000-4000-8000-000000000002',
    ],
    [
      'urn:altinn:person:uuid',
      '5a7e0000-0000-4000-8000-000000000101',
      'party:5a7e0000-0000-4000-8000-000000000101',
    ],
    [
      'urn:altinn:organization:uuid',
      '5a7e0000-0000-4000-8000-000000000201',
      'party:5a7e0000-0000-4000-8000-000000000201',
    ],
    ['urn:altinn:external-role:ccr', 'daglig-leder', 'dagl'],
    ['urn:example:badge', 'blue', 'attribute:urn:example:badge=blue'],
  ] as const) {
    it(`reads ${attribute} as what it names`, async () => {
      const answer = await put(policy(attribute, value), 'application/xml');
      assert.equal(answer.status, 200, answer.text);
      const told = await rulesOf();
      await put(
        {
          rules: [
            {
              id: '1',
              action: [],
              subjects: [subject.replace(/^party:/, 'urn:altinn:party:uuid:')],
            },
          ],
        },
        'application/json',
      );
      assert.match(
        JSON.stringify(told).toLowerCase(),
        new RegExp(
          subject
            .replace(/^(\w+):/, '')
            .split('=')
            .at(-1)!,
        ),
      );
    });
  }

  it('is read as an object in the form in which it is stored', async () => {
    const subjects = [
      { kind: 'attribute', value: 'urn:x:Age=18', type: 'integer', mustBePresent: true },
      { kind: 'attribute', value: 'urn:x:Name=Ab' },
      { kind: 'package', value: 'TOLL' },
    ];
    const rules = subjects.map((one) => ({ action: 'read', subjects: [one] }));
    const given = await put({ rules }, 'application/json');
    assert.equal(given.status, 200, given.text);
    assert.deepEqual(await stored(), [
      subjects[0],
      subjects[1],
      { kind: 'package', value: 'toll' },
    ]);
  });

  it('must be present in XACML only where it is an attribute that is sent', async () => {
    const must = (attribute: string, value: string) =>
      policy(attribute, value).replace('MustBePresent="false"', 'MustBePresent="true"');
    const taken = async (xml: string) => {
      assert.equal((await put(xml, 'application/xml')).status, 200);
      return stored();
    };
    const role = await taken(must('urn:altinn:external-role:ccr', 'daglig-leder'));
    assert.deepEqual(role, [{ kind: 'role', value: 'dagl' }]);
    const [badge] = await taken(must('urn:example:badge', 'blue'));
    assert.equal(badge!.mustBePresent, true);
  });

  it('cannot be matched by a pattern', async () => {
    const answer = await put(
      policy('urn:altinn:rolecode', 'd.*', '1.0:function:string-regexp-match'),
      'application/xml',
    );
    assert.match(answer.body.faults[0], /a subject cannot be matched by a pattern/);
  });
});
