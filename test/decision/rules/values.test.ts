// No rule is slipped past by how a value is written: values compare by their type, what cannot be
// compared is not known, and a Deny that is not known is no way to a Permit.
import assert from 'node:assert/strict';
import {
  canonical,
  INCOMPARABLE,
  type ValueType,
} from '../../../server/resource/policy/value_model.ts';
import { evaluate, newResource, OWNER } from '../../support/rights/rights.ts';
import {
  call,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
  type TestParty,
} from '../../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const writer = () =>
  organizationToken({ number: OWNER } as TestParty, 'altinn:resourceregistry/resource.write');

describe('a value', () => {
  const rows: [ValueType, string, string, boolean | undefined][] = [
    ['integer', '5', '05', true],
    ['integer', '5', ' +5 ', true],
    ['integer', '-0', '0', true],
    ['integer', '9007199254740993', '9007199254740992', false],
    ['integer', '5', '5.0', undefined],
    ['integer', '5', 'five', undefined],
    ['boolean', 'true', '1', true],
    ['boolean', 'false', ' 0 ', true],
    ['boolean', 'true', 'TRUE', undefined],
    ['string', 'a', 'a ', false],
    ['string', 'a', 'A', false],
    ['anyURI', 'urn:a', ' urn:a ', true],
    ['date', '2026-02-28', '2026-02-28', true],
    ['date', '2026-02-28Z', '2026-02-28+00:00', true],
    ['date', '2026-02-28', '2026-02-30', undefined],
    ['dateTime', '2026-01-01T12:00:00Z', '2026-01-01T13:00:00.000+01:00', true],
    ['dateTime', '2026-01-01T12:00:00Z', '2026-01-01T12:00:00', undefined],
    ['dateTime', '2026-01-01T12:00:00Z', '2026-02-30T12:00:00Z', undefined],
    ['string', 'a', INCOMPARABLE, undefined],
  ];
  for (const [type, one, other, expected] of rows)
    it(`of type ${type}: ${one} and ${JSON.stringify(other)} ${expected === undefined ? 'cannot be compared' : expected ? 'are the same' : 'differ'}`, () => {
      const [a, b] = [canonical(type, one), canonical(type, other)];
      assert.equal(a === undefined || b === undefined ? undefined : a === b, expected);
    });
});

describe('a Deny that asks for a value', () => {
  let person: TestParty;
  let resources: Record<string, string>;
  const denied = (type: ValueType, value: string) => [
    { action: 'read', subjects: ['privatperson'] },
    {
      effect: 'deny',
      action: 'read',
      when: [{ category: 'environment', name: 'n', values: [value], type }],
    },
  ];
  before(async () => {
    person = await newPerson();
    resources = {
      integer: await newResource(denied('integer', '5')),
      boolean: await newResource(denied('boolean', 'true')),
      string: await newResource(denied('string', 'x')),
      dateTime: await newResource(denied('dateTime', '2026-01-01T12:00:00Z')),
    };
  });
  const asked = async (type: string, n: unknown) =>
    (
      await evaluate({
        subject: { type: 'person', id: person.id },
        action: { name: 'read' },
        resource: { type: 'resource', id: resources[type], properties: { party: person.id } },
        ...(n === undefined ? {} : { context: { n } }),
      })
    ).body.decision;

  const rows: [string, unknown, boolean][] = [
    ['integer', undefined, true],
    ['integer', 6, true],
    ['integer', '05', false],
    ['integer', ' 5', false],
    ['integer', 'five', false],
    ['integer', [6, '5'], false],
    ['integer', { value: 5 }, false],
    ['boolean', true, false],
    ['boolean', 1, false],
    ['boolean', 0, true],
    ['boolean', 'yes', false],
    ['string', 'x', false],
    ['string', 'y', true],
    ['string', { x: 1 }, false],
    ['string', [['x']], false],
    ['string', null, false],
    ['dateTime', '2026-01-01T13:00:00+01:00', false],
    ['dateTime', '2026-01-01T12:00:01Z', true],
    ['dateTime', 'noon', false],
  ];
  for (const [type, told, permits] of rows)
    it(`of type ${type} ${permits ? 'lets pass' : 'holds'} when it is told ${JSON.stringify(told)}`, async () => {
      assert.equal(await asked(type, told), permits);
    });
});

describe('what the owner knows best', () => {
  it('is not told otherwise by one who asks', async () => {
    const [firm, boss] = [await newOrganization(), await newPerson()];
    await newRole('dagl', firm, boss);
    const rules = [
      {
        action: 'read',
        subjects: ['dagl'],
        when: [{ category: 'resource', name: 'status', values: ['open'] }],
      },
    ];
    const attributes = { status: 'closed' };
    const free = await newResource(rules, { attributes });
    const certain = await newResource(rules, { attributes, authoritative: ['status', 'level'] });
    const asked = async (id: string) =>
      (
        await evaluate({
          subject: { type: 'person', id: boss.id },
          action: { name: 'read' },
          resource: { type: 'resource', id, properties: { party: firm.id, status: 'open' } },
        })
      ).body.decision;
    assert.deepEqual([await asked(free), await asked(certain)], [true, false]);
  });
});

describe('a policy that goes out and comes back', () => {
  const policyOf = async (id: string, accept = 'application/json') =>
    call('GET', `${REGISTRY}/${id}/policy`, undefined, undefined, { accept });
  const sendXml = async (id: string, xml: string) =>
    fetch(`${(await import('../../support/world.ts')).world.url}${REGISTRY}/${id}/policy`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${await writer()}`, 'content-type': 'application/xml' },
      body: xml,
    });

  it('decides as before: organisations, typed conditions, everybody beside another', async () => {
    const [firm, other] = [await newOrganization(), await newOrganization()];
    const person = await newPerson();
    const rules = [
      { action: 'read', subjects: ['organization'] },
      { action: 'write', subjects: [[`organization:${firm.number}`, 'anyone']] },
      {
        effect: 'deny',
        action: 'read',
        when: [
          { category: 'environment', name: 'n', values: [5, 7], type: 'integer' },
          { category: 'environment', name: 'on', values: ['2026-01-01'], type: 'date' },
        ],
      },
    ];
    const [id, copy] = [await newResource(rules), await newResource([])];
    const xml = (await policyOf(id, 'application/xml')).text.replaceAll(id, copy);
    const sent = await sendXml(copy, `\uFEFF${xml}`);
    assert.equal(sent.status, 200, await sent.clone().text());
    const decide = async (resource: string, subject: TestParty, action: string, context: object) =>
      (
        await evaluate({
          subject: { type: 'party', id: subject.id },
          action: { name: action },
          resource: { type: 'resource', id: resource, properties: { party: firm.id } },
          context,
        })
      ).body.decision;
    for (const subject of [firm, other, person])
      for (const action of ['read', 'write'])
        for (const context of [
          {},
          { n: '05', on: '2026-01-01' },
          { n: 6, on: '2026-01-01' },
          { n: 'x', on: '2026-01-01' },
        ])
          assert.equal(
            await decide(copy, subject, action, context),
            await decide(id, subject, action, context),
            `${subject.name} ${action} ${JSON.stringify(context)}`,
          );
    assert.equal(await decide(copy, person, 'write', {}), false, 'nobody else is let in');
  });

  it('is refused by name where types do not go together, or a value is none', async () => {
    const id = await newResource([{ action: 'read', subjects: ['dagl'] }]);
    const xml = (await policyOf(id, 'application/xml')).text;
    const withMatch = (matchId: string, types: [string, string], value: string) =>
      xml.replace(
        '</xacml:Target></xacml:Rule>',
        `<xacml:AnyOf><xacml:AllOf><xacml:Match MatchId="urn:oasis:names:tc:xacml:1.0:function:${matchId}"><xacml:AttributeValue DataType="http://www.w3.org/2001/XMLSchema#${types[0]}">${value}</xacml:AttributeValue><xacml:AttributeDesignator AttributeId="n" Category="urn:oasis:names:tc:xacml:3.0:attribute-category:environment" DataType="http://www.w3.org/2001/XMLSchema#${types[1]}" MustBePresent="false"/></xacml:Match></xacml:AllOf></xacml:AnyOf></xacml:Target></xacml:Rule>`,
      );
    const rows: [string, [string, string], string, RegExp][] = [
      ['string-equal', ['integer', 'integer'], '5', /compares string, not integer/],
      ['integer-equal', ['integer', 'string'], '5', /is compared with an attribute of/],
      ['integer-equal', ['integer', 'integer'], 'five', /five is no integer/],
      ['string-equal', ['base64Binary', 'base64Binary'], 'aa', /compares string, not base64Binary/],
    ];
    for (const [how, types, value, why] of rows) {
      const answer = await sendXml(id, withMatch(how, types, value));
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(await answer.json()), why);
    }
    assert.equal(
      (await sendXml(id, withMatch('integer-equal', ['integer', 'integer'], '5'))).status,
      200,
    );
    const refusing = async (rules: object[], more: object = {}) =>
      (
        await call('PUT', `${REGISTRY}/${id}/policy`, await writer(), { rules, ...more })
      ).body.faults.join();
    const when = (changes: object) => [
      {
        action: 'read',
        subjects: ['dagl'],
        when: [{ category: 'environment', name: 'n', values: ['x'], ...changes }],
      },
    ];
    assert.match(await refusing(when({ type: 'integer' })), /x is no integer/);
    assert.match(
      await refusing(when({ type: 'integer', values: [1], match: 'regexp' })),
      /regexp is for strings/,
    );
    assert.match(
      await refusing(when({ mustBePresent: true }), { combining: 'first-applicable' }),
      /mustBePresent with first-applicable/,
    );
  });
});
