// The XACML 3.0 JSON profile as clients of Altinn use it: single and multi requests, names in any
// case, obligations, and everything that cannot be understood.
import assert from 'node:assert/strict';
import {
  call,
  importThis,
  newOrganization,
  newPerson,
  newRole,
  organizationToken,
} from '../../support/world.ts';
import { AUTHORIZE, can, newResource, pdpToken, subjectOf } from '../../support/rights/rights.ts';
import { ask, attribute, action, mva, person, DANIEL, firm } from '../../support/rights/xacml.ts';

const OK = 'urn:oasis:names:tc:xacml:1.0:status:ok';

describe('the XACML decision point', () => {
  it('answers in camelCase, with obligations, by national number and organisation number', async () => {
    const { status, body, headers } = await ask({
      Request: {
        ReturnPolicyIdList: true,
        AccessSubject: person(DANIEL),
        Action: action('write'),
        Resource: [
          {
            Attribute: [
              attribute('urn:altinn:resource', 'a-melding'),
              attribute('urn:altinn:organization:identifier-no', firm()),
            ],
          },
        ],
      },
    });
    assert.equal(status, 200);
    assert.match(headers.get('content-type')!, /application\/json/);
    const [result] = body.response;
    assert.equal(result.decision, 'Permit');
    assert.deepEqual(result.status, {
      statusMessage: null,
      statusDetails: null,
      statusCode: { value: OK, statusCode: null },
    });
    const [one] = result.obligations;
    assert.equal(one.id, 'urn:altinn:obligation:authenticationLevel1');
    assert.deepEqual(one.attributeAssignment, [
      {
        attributeId: 'urn:altinn:obligation-assignment:1',
        value: '3',
        category: 'urn:altinn:minimum-authenticationlevel',
        dataType: 'http://www.w3.org/2001/XMLSchema#integer',
        issuer: null,
      },
    ]);
    assert.equal(
      result.obligations[1].attributeAssignment[0].category,
      'urn:altinn:minimum-authenticationlevel-org',
    );
    assert.equal(
      result.policyIdentifierList.policyIdReference[0].id,
      'urn:altinn:resource:a-melding',
    );
  });

  it('reads names in any case, single objects for lists, and null and empty members', async () => {
    const { body } = await ask({
      request: {
        returnPolicyIdList: false,
        combinedDecision: null,
        environment: null,
        category: [],
        multiRequests: null,
        accesssubject: {
          attribute: {
            attributeid: 'urn:altinn:person:identifier-no',
            value: DANIEL,
            issuer: null,
          },
        },
        ACTION: action('write')[0],
        resource: mva(firm())[0],
      },
    });
    assert.equal(body.response[0].decision, 'Permit');
  });

  it('reads the generic form with category ids', async () => {
    const category = (CategoryId: string, entity: { Attribute: object[] }[]) => ({
      CategoryId,
      ...entity[0],
    });
    const { body } = await ask({
      Request: {
        Category: [
          category('urn:oasis:names:tc:xacml:1.0:subject-category:access-subject', person(DANIEL)),
          category('urn:oasis:names:tc:xacml:3.0:attribute-category:action', action('read')),
          category('urn:oasis:names:tc:xacml:3.0:attribute-category:resource', mva(firm())),
        ],
      },
    });
    assert.equal(body.response[0].decision, 'Permit');
  });

  it('finds parties by user id, and takes several names of one party for one', async () => {
    const [human, company] = [
      { ...(await newPerson()), userId: 7_000_000 + Math.floor(Math.random() * 1e6) },
      await newOrganization(),
    ];
    await importThis({
      parties: [
        {
          kind: 'person',
          id: human.id,
          number: human.number,
          name: human.name,
          userId: human.userId,
        },
      ],
    });
    await newRole('dagl', company, human);
    const resource = await newResource([can('read', 'dagl')]);
    const where = [
      {
        Attribute: [
          attribute('urn:altinn:resource', resource),
          attribute('urn:altinn:party:uuid', company.id),
        ],
      },
    ];
    const decide = async (...names: object[]) =>
      (
        await ask({
          Request: {
            AccessSubject: [{ Attribute: names }],
            Action: action('read'),
            Resource: where,
          },
        })
      ).body.response[0];
    assert.equal((await decide(attribute('urn:altinn:userid', human.userId))).decision, 'Permit');
    assert.equal(
      (
        await decide(
          attribute('urn:altinn:userid', human.userId),
          attribute('urn:altinn:party:uuid', human.id),
        )
      ).decision,
      'Permit',
    );
    const mixed = await decide(
      attribute('urn:altinn:userid', human.userId),
      attribute('urn:altinn:party:uuid', company.id),
    );
    assert.equal(mixed.decision, 'Indeterminate');
    assert.match(mixed.status.statusMessage, /one party/);
  });

  it('answers each reference of a multi request in order, and repeats what is to be repeated', async () => {
    const [one, two, person1] = [
      await newOrganization(),
      await newOrganization(),
      await newPerson(),
    ];
    await newRole('dagl', two, person1);
    const resource = await newResource([can('read', 'dagl')]);
    const target = (Id: string, id: string) => ({
      Id,
      Attribute: [
        attribute('urn:altinn:resource', resource, { IncludeInResult: true }),
        attribute('urn:altinn:party:uuid', id, { IncludeInResult: true }),
      ],
    });
    const { body } = await ask({
      Request: {
        AccessSubject: [
          {
            Id: 's1',
            Attribute: subjectOf(person1).map((name) => ({ ...name, IncludeInResult: true })),
          },
        ],
        Action: [
          { Id: 'a1', ...action('read')[0] },
          { Id: 'a2', ...action('sign')[0] },
        ],
        Resource: [target('r1', one.id), target('r2', two.id)],
        MultiRequests: {
          RequestReference: [
            { ReferenceId: ['s1', 'a1', 'r1'] },
            { ReferenceId: ['s1', 'a1', 'r2'] },
            { ReferenceId: ['s1', 'a2', 'r2'] },
          ],
        },
      },
    });
    assert.deepEqual(
      body.response.map((result: { decision: boolean }) => result.decision),
      ['NotApplicable', 'Permit', 'NotApplicable'],
    );
    assert.deepEqual(
      body.response[1].category.map((entry: any) =>
        entry.attribute.map((echoed: { value: unknown }) => echoed.value),
      ),
      [[person1.id], [resource, two.id]],
    );
  });

  it("lets another's resource among several fail by itself", async () => {
    const [human, owner] = [await newPerson(), await newOrganization()];
    const theirs = await newResource([can('read', 'privatperson')]);
    const own = await newResource([can('read', 'privatperson')], { owner: owner.number });
    const target = (Id: string, id: string) => ({
      Id,
      Attribute: [
        attribute('urn:altinn:resource', id),
        attribute('urn:altinn:party:uuid', human.id),
      ],
    });
    const { status, body } = await ask(
      {
        Request: {
          AccessSubject: [{ Id: 's1', Attribute: subjectOf(human) }],
          Action: [{ Id: 'a1', ...action('read')[0] }],
          Resource: [target('r1', theirs), target('r2', own)],
          MultiRequests: {
            RequestReference: [
              { ReferenceId: ['s1', 'a1', 'r1'] },
              { ReferenceId: ['s1', 'a1', 'r2'] },
            ],
          },
        },
      },
      await organizationToken(owner, 'altinn:authorization/authorize'),
    );
    assert.deepEqual(
      [status, ...body.response.map((result: { decision: boolean }) => result.decision)],
      [200, 'Indeterminate', 'Permit'],
    );
  });

  it('answers whatever stands where text is expected, at both of its addresses, and never fails', async () => {
    const whole = () => ({
      Request: {
        ReturnPolicyIdList: true,
        AccessSubject: [{ Id: 's', ...person(DANIEL)[0] }],
        Action: [{ Id: 'a', ...action('write')[0] }],
        Resource: [{ Id: 'r', ...mva(firm())[0] }],
        Category: [
          {
            CategoryId: 'urn:oasis:names:tc:xacml:3.0:attribute-category:environment',
            Id: 'e',
            Attribute: [attribute('x', ['y'], { DataType: 'z', IncludeInResult: true })],
          },
        ],
        MultiRequests: { RequestReference: [{ ReferenceId: ['s', 'a', 'r', 'e'] }] },
      },
    });
    const places: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]) => {
      if (path.length) places.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [name, inside] of Object.entries(value)) walk(inside, [...path, name]);
    };
    walk(whole(), []);
    const odd: unknown[] = [
      { toString: 1 },
      { valueOf: 1, toString: null },
      [[]],
      [{ toString: 1 }],
      null,
      7,
    ];
    for (const path of places)
      for (const value of odd) {
        const body = whole();
        const parent = path.slice(0, -1).reduce<any>((inside, name) => inside[name], body);
        parent[path.at(-1)!] = value;
        for (const address of [AUTHORIZE, AUTHORIZE.replace('authorize', 'decision')]) {
          const answer = await call('POST', address, await pdpToken(), body);
          assert.ok(answer.status < 500, `${path.join('.')} ${JSON.stringify(value)}`);
          const isName = /Id$/.test(`${path.at(-1)}`) || path.includes('ReferenceId');
          if (isName && typeof value === 'object' && value !== null && answer.status === 200)
            assert.equal(answer.body.response[0].decision, 'Indeterminate', path.join('.'));
        }
      }
  });
});
