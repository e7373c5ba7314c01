// What the asker tells is found by its data type, what a policy says must be told is missed when it
// is not (XACML 3.0 §5.29 and §7.3.5), and names of users are compared as they are.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { can, decide, newResource, OWNER, pdpToken } from '../../support/rights/rights.ts';
import {
  call,
  importThis,
  newPerson,
  organizationToken,
  type TestParty,
} from '../../support/world.ts';

const REGISTRY = '/resourceregistry/api/v1/resource';
const SCHEMA = 'http://www.w3.org/2001/XMLSchema#';
const ACTION = 'urn:oasis:names:tc:xacml:1.0:action:action-id';
const CATEGORIES = {
  subject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
  environment: 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment',
};
type Category = keyof typeof CATEGORIES;

const match = (category: Category, type: string, value: string, must: boolean) =>
  `<AnyOf><AllOf><Match MatchId="urn:oasis:names:tc:xacml:1.0:function:${type}-equal">` +
  `<AttributeValue DataType="${SCHEMA}${type}">${value}</AttributeValue>` +
  `<AttributeDesignator AttributeId="urn:n" Category="${CATEGORIES[category]}" DataType="${SCHEMA}${type}" MustBePresent="${must}"/>` +
  `</Match></AllOf></AnyOf>`;

async function published(target: string): Promise<string> {
  const id = await newResource([can('read', 'dagl')]);
  const answer = await call(
    'PUT',
    `${REGISTRY}/${id}/policy`,
    await organizationToken(
      { number: OWNER } as TestParty,
      'altinn:resourceregistry/resource.write',
    ),
    `<Policy xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicyId="p" Version="1.0" ` +
      `RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:permit-overrides"><Target/>` +
      `<Rule RuleId="r" Effect="Permit"><Target>${target}</Target></Rule></Policy>`,
    { 'content-type': 'application/xml' },
  );
  assert.equal(answer.status, 200, answer.text);
  return id;
}

/** The decision when the attribute is told so; without, when it is not told. */
async function told(
  resource: string,
  person: { id: string },
  category: Category,
  attribute: object | undefined,
): Promise<string> {
  const n = attribute ? [{ AttributeId: 'urn:n', ...attribute }] : [];
  const { body } = await call('POST', '/authorization/api/v1/authorize', await pdpToken(), {
    Request: {
      AccessSubject: [
        {
          Attribute: [
            { AttributeId: 'urn:altinn:party:uuid', Value: person.id },
            ...(category === 'subject' ? n : []),
          ],
        },
      ],
      Environment: [{ Attribute: category === 'environment' ? n : [] }],
      Action: [{ Attribute: [{ AttributeId: ACTION, Value: 'read' }] }],
      Resource: [
        {
          Attribute: [
            { AttributeId: 'urn:altinn:resource', Value: resource },
            { AttributeId: 'urn:altinn:party:uuid', Value: person.id },
          ],
        },
      ],
    },
  });
  return body.response[0].decision;
}

describe('what the asker tells', () => {
  let person: TestParty;
  before(async () => {
    person = await newPerson();
  });
  const value = (Value: unknown, type?: string) => ({
    Value,
    ...(type ? { DataType: SCHEMA + type } : {}),
  });

  for (const category of ['subject', 'environment'] as const)
    it(`of the ${category} is found by the type that it is told with, and no other`, async () => {
      const [text, number] = [
        await published(match(category, 'string', '5', false)),
        await published(match(category, 'integer', '5', false)),
      ];
      const rows: [string, object, string][] = [
        [text, value('5'), 'Permit'],
        [text, value('5', 'string'), 'Permit'],
        [text, value('5', 'integer'), 'NotApplicable'],
        [text, value('5', 'anyURI'), 'NotApplicable'],
        [number, value('5'), 'Permit'],
        [number, value('05', 'integer'), 'Permit'],
        [number, value('5', 'string'), 'NotApplicable'],
        [number, value('5', 'double'), 'NotApplicable'],
        [number, value('6', 'integer'), 'NotApplicable'],
      ];
      for (const [resource, attribute, expected] of rows)
        assert.equal(
          await told(resource, person, category, attribute),
          expected,
          JSON.stringify(attribute),
        );
    });

  for (const category of ['subject', 'environment'] as const)
    it(`must be told of the ${category} where the policy says so, and in its type`, async () => {
      const [must, may] = [
        await published(match(category, 'integer', '5', true)),
        await published(match(category, 'integer', '5', false)),
      ];
      const ask = (resource: string, attribute?: object) =>
        told(resource, person, category, attribute);
      assert.deepEqual([await ask(must), await ask(may)], ['Indeterminate', 'NotApplicable']);
      assert.equal(await ask(must, value('5', 'string')), 'Indeterminate');
      assert.equal(await ask(must, value('6', 'integer')), 'NotApplicable');
      assert.equal(await ask(must, value('5', 'integer')), 'Permit');
      // What was taken in goes out with what must be told.
      const xml = await call('GET', `${REGISTRY}/${must}/policy`, undefined, undefined, {
        accept: 'application/xml',
      });
      assert.match(xml.text, /integer-equal/);
      assert.match(xml.text, /MustBePresent="true"/);
    });

  it('is an action as text alone', async () => {
    const resource = await newResource([can('read', 'privatperson')]);
    const asked = (type?: string) => ({
      Request: {
        AccessSubject: [
          { Attribute: [{ AttributeId: 'urn:altinn:party:uuid', Value: person.id }] },
        ],
        Action: [{ Attribute: [{ AttributeId: ACTION, ...value('read', type) }] }],
        Resource: [
          {
            Attribute: [
              { AttributeId: 'urn:altinn:resource', Value: resource },
              { AttributeId: 'urn:altinn:party:uuid', Value: person.id },
            ],
          },
        ],
      },
    });
    for (const [type, expected] of [
      [undefined, 'Permit'],
      ['string', 'Permit'],
      ['anyURI', 'Indeterminate'],
    ] as const) {
      const { body } = await call(
        'POST',
        '/authorization/api/v1/authorize',
        await pdpToken(),
        asked(type),
      );
      assert.equal(body.response[0].decision, expected, type ?? 'without a type');
    }
  });
});

describe('a user whom no register knows', () => {
  const newUser = async (username = `Ola-${randomUUID()}`) => {
    const id = randomUUID();
    await importThis({ parties: [{ kind: 'self_identified', id, username, name: 'Ola Prøve' }] });
    return { id, username };
  };

  it('is let in where nothing denies only by a service that is for such users', async () => {
    const user = await newUser();
    const combining = 'permit-unless-deny';
    const rules = [{ effect: 'deny', action: 'write', subjects: ['dagl'] }];
    const [closed, open] = [
      await newResource(rules, { combining }),
      await newResource(rules, { combining, selfIdentifiedUserEnabled: true }),
    ];
    const person = await newPerson();
    const ask = (who: { id: string }, resource: string) => decide(who, 'read', resource, who);
    assert.deepEqual(
      [await ask(user, closed), await ask(user, open), await ask(person, closed)],
      ['NotApplicable', 'Permit', 'Permit'],
    );
    assert.equal(await decide(person, 'read', closed, user), 'NotApplicable', 'nor acted for');
  });

  it('is named as the name is, and by no other spelling, at each door', async () => {
    const user = await newUser();
    const lower = user.username.toLowerCase();
    const byName = (username: string) => newResource([can('read', `username:${username}`)]);
    const [right, wrong] = [await byName(user.username), await byName(lower)];
    assert.equal(await decide(user, 'read', right, user), 'Permit');
    assert.equal(await decide(user, 'read', wrong, user), 'NotApplicable');
    const authzen = async (id: string) =>
      (
        await call('POST', '/access/v1/evaluation', await pdpToken(), {
          subject: { type: 'user', id },
          action: { name: 'read' },
          resource: { type: 'resource', id: right, properties: {} },
        })
      ).body.decision;
    assert.deepEqual([await authzen(user.username), await authzen(lower)], [true, false]);
    const other = await newUser(lower);
    assert.equal(await decide(other, 'read', right, other), 'NotApplicable');
    assert.equal(await decide(other, 'read', wrong, other), 'Permit');
  });
});
